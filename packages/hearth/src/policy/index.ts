/**
 * Allow, ask, deny: the interface, the default rules, approvals.
 * Owns no judge of commands, paths or URLs: those are passed in.
 */
export * from "./decide.ts";
