/**
 * Allow, ask, deny: the interface, the default rules, rules by tool, the taint rule, what an approval is and what it is bound to, what
 * an audit is told. Owns no judge of commands, paths or URLs, and no file: those are passed in.
 */
export * from "./approval.ts";
export * from "./audit.ts";
export * from "./decide.ts";
export * from "./taint.ts";
