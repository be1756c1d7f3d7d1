/**
 * Several services that share one journal in a database: who drives a run, what happens to those of a service that is gone, and how
 * one tells another what its runs do.
 * Owns signs of life, takeover, the line for runs that a service has no room for, and events between services. Does not own what
 * happened (the journal), nor how a run is driven (the loop). What needs DBOS is loaded only where there is such a journal.
 */
export { type JoinOptions, joinCrew } from "./join.ts";
