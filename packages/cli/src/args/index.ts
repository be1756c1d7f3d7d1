/** Reading the command line: flags from the table of settings, and a command's own. Runs nothing. */
export { type Flag, flagsFor } from "./flags.ts";
export { type FlagEntry, type Parsed, parseFlags } from "./parse.ts";
