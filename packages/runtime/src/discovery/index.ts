/**
 * Which engine and model: looks around on this machine, finds out what an address speaks, chooses.
 * Owns the choice and what it rests on. Does not own transport (engines), nor where settings come from (config).
 */
export { type Choice, choose, isUsable, type ModelWish, readModelWish } from "./choose.ts";
export {
  betterLine,
  type ConnectEffects,
  type Connection,
  type ConnectOptions,
  connect,
  localLine,
  onDisk,
  pocketLine,
} from "./connect.ts";
export { bestLocal, type LocalChoice, memoryOf } from "./on-disk.ts";
export {
  engineAt,
  type FoundServer,
  lookAround,
  lookAt,
  type Place,
  places,
  usualAddress,
} from "./servers.ts";
export { likelyWire, type Recognised, recognise, type Wire } from "./wire.ts";
