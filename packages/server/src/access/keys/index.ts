/**
 * Keys of the service: made, kept as hashes in a file, known again, ended.
 * Owns the file and its form. Does not own what a key may do.
 */
export { changeKeys, readKeys } from "./file.ts";
export { newKey, newToken } from "./key.ts";
export type { KeyLimits } from "./limits.ts";
export { type KeyRecord, type KeyState, shownKey, stateOf } from "./record.ts";
export { type KeyEnd, KeyRing } from "./ring.ts";
export { type WatchedKeys, watchKeys } from "./watch.ts";
export { MIN_KEY_BITS, weakness } from "./weak.ts";
