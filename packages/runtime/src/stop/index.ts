/**
 * The emergency stop of a user: pulled by `hearth stop`, it ends what all Hearth processes of this user run, and holds until it is lifted.
 * Owns the file that says so, the list of processes, and what is done to one that does not answer. What a process does about its own
 * tools is `emergencyStop` of @hearth/tools.
 */
export { emergencyStop, liftStop, processHalt } from "@hearth/tools";
export { heedStop } from "./heed.ts";
export { liftUserStop, type PulledStop, readStop } from "./pulled.ts";
export { type Stopped, stopAll } from "./stop-all.ts";
