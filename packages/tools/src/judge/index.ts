/**
 * Allow, ask or deny: commands, paths and URLs by their structure, before anything runs.
 * Owns the grammar of what is understood and the tables of programs. Does not own who is asked (policy) nor the boundary
 * itself: the sandbox, the descriptor walk and the guarded connection hold even where the judge errs.
 */
export * from "./address.ts";
export * from "./path.ts";
export * from "./row.ts";
export * from "./shell.ts";
export * from "./types.ts";
export * from "./url.ts";
