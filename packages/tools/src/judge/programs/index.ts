/**
 * Programs that a command may start without asking: those that only read, each with the closed list of its options.
 * A program is one entry here or in a file beside this one; what is in no table does not run.
 */
import type { Program } from "../options.ts";
import { files } from "./files.ts";
import { find } from "./find.ts";
import { git } from "./git.ts";
import { sed } from "./sed.ts";
import { text } from "./text.ts";

export const PROGRAMS: ReadonlyMap<string, Program> = new Map(
  Object.entries({ ...files, ...text, find, git, sed }),
);
