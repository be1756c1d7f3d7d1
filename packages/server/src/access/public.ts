/** What other packages use of this room. */
export {
  changeKeys,
  type KeyRecord,
  KeyRing,
  newKey,
  readKeys,
  shownKey,
  stateOf,
  weakness,
} from "./keys/index.ts";
export { type KeyWish, keyRecord } from "./keys/make.ts";
export { type AccessLimits, DEFAULT_ACCESS_LIMITS } from "./limits.ts";
export { type Principal, SCOPES, type Scope } from "./principal.ts";
export type { AccessNote } from "./refusals.ts";
export { type AccessSettings, accessOf, keysFileOf } from "./settings.ts";
