/**
 * What is there, what is wrong and how to mend it: a table of checks.
 * Owns the checks' words. Mends nothing, and starts no engine.
 */
export { CHECKS } from "./checks.ts";
export { type ExamineInput, examine, type Report, worst } from "./examine.ts";
export type { Check, Examined, Finding, Level } from "./types.ts";
