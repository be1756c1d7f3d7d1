/**
 * The run log: append-only events, leases, signals, artifacts.
 * Owns the interface and its implementations. Does not know what the events mean beyond their order.
 */

export { JournalDamagedError } from "./damage.ts";
export * from "./memory.ts";
export { isGone, letGo, newOwner } from "./owner.ts";
export { pack as packEvents } from "./pack.ts";
export { type SqliteOptions, sqliteJournal } from "./sqlite.ts";
export { type StoredLog, staleWriter, summaryOf, wholeLog } from "./stored.ts";
export * from "./types.ts";
