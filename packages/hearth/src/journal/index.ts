/**
 * The run log: append-only events, leases, signals, artifacts.
 * Owns the interface and its implementations. Does not know what the events mean beyond their order.
 */
export * from "./memory.ts";
export { sqliteJournal } from "./sqlite.ts";
export type * from "./types.ts";
