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

/** Programs that may say which version they are, and nothing more. */
const VERSIONED =
  "node npm npx pnpm yarn python python3 pip pip3 gcc g++ clang make cmake go cargo rustc java javac ruby php perl tsc bash".split(
    " ",
  );
const version: Program = {
  operands: [],
  own: ([first, ...more]) =>
    more.length === 0 && /^(?:--version|-V|-v|version)$/.test(first ?? "")
      ? undefined
      : "It may only tell its version here.",
};

export const PROGRAMS: ReadonlyMap<string, Program> = new Map(
  Object.entries({
    ...Object.fromEntries(VERSIONED.map((name) => [name, version])),
    ...files,
    ...text,
    find,
    git,
    sed,
  }),
);
