/**
 * Allow, ask, deny: the interface, the default rules, rules by tool, what an approval is and what it is bound to.
 * Owns no judge of commands, paths or URLs: those are passed in.
 */
export * from "./approval.ts";
export * from "./decide.ts";
