/**
 * Where the service's work can be looked at: questions to engines, events of runs, HTTP exchanges, and the scope they share.
 * Owns the places to look from. Counts, writes and sends nothing: metrics, telemetry and the log do.
 */
export { observedEngine } from "./engine.ts";
export { OpenExchanges, observedExchanges } from "./exchange.ts";
export { type ObservedJournal, observedJournal } from "./journal.ts";
export { withHeaders } from "./propagate.ts";
export * from "./scope.ts";
export type * from "./types.ts";
