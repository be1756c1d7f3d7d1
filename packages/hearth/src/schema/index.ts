/**
 * What a tool takes: JSON Schema from plain functions, from Standard JSON Schema, or written by hand; one validator for all.
 * Owns reading a function's types and comments, loading modules of tools, checking and mending arguments, and the words in
 * which a model is told what is wrong. Decides nothing about running a tool and knows nothing of models or sandboxes.
 */
export { describeModule, loadToolModule } from "./module.ts";
export { editDistance, nearestNames, sameName } from "./names.ts";
export type { AnyFunction } from "./source/described.ts";
export { type Freezing, freezeSchemas } from "./source/freeze.ts";
export type { StandardSchema } from "./standard.ts";
export { type ToolDefinition, type ToolInput, tool, toolOf, toolsOf } from "./tool.ts";
export {
  type Checked,
  type CheckOptions,
  checkArguments,
  isValid,
  schemaProblems,
} from "./validate/check.ts";
export { exampleOf } from "./validate/example.ts";
export type { Fault as ArgumentFault } from "./validate/run.ts";
