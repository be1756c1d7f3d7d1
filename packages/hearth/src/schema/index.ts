/**
 * What a tool takes: JSON Schema from plain functions, from Standard JSON Schema, or written by hand; one validator for all.
 * Owns reading a function's types and comments, checking and mending arguments, and the words in which a model is told what
 * is wrong. Runs no tool and knows nothing of calls, models or sandboxes.
 */
export { nearestNames, sameName } from "./names.ts";
export {
  type Checked,
  type CheckOptions,
  checkArguments,
  isValid,
  schemaProblems,
} from "./validate/check.ts";
export { exampleOf } from "./validate/example.ts";
export type { Fault } from "./validate/run.ts";
