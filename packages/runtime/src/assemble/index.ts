/**
 * Settings into the parts of a run: engine, tools, instructions, limits, guards, journal.
 * Owns the wiring and nothing else: each part is made by the room it belongs to.
 */
export { ADJUSTABLE, adjustable } from "./adjust.ts";
export { type AssembleOptions, type Assembly, assemble, journalFile, openJournal } from "./assemble.ts";
export { forbidden, shellRules } from "./commands.ts";
export { DEFAULT_INSTRUCTIONS, readInstructions, readSchemaFile } from "./files.ts";
export { auditFile, type Guards, guardsOf } from "./guards.ts";
export { workspaceNames } from "./names.ts";
export { type OpenTools, openTools } from "./open.ts";
export { selectedTools, toolboxOptions } from "./tools.ts";
