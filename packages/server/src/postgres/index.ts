/**
 * The journal in PostgreSQL, for several machines.
 * Owns the tables, their statements, leases under real concurrency, the patience with a database that restarts, and the news of new
 * events. Does not own who drives a run (`workers/`), nor what the events mean.
 */
export type { Answer, DatabaseOptions, Statements, Value } from "./database.ts";
export { DatabaseRefusedError, DatabaseUnreachableError } from "./failures.ts";
export { PostgresJournal, type PostgresOptions, postgresJournal, SILENT_MS, storable } from "./journal.ts";
export { ownPlace } from "./place.ts";
export { isPostgresUrl, shownUrl } from "./url.ts";
