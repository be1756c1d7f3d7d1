import { type Context, judgePathWord } from "../options.ts";

/**
 * Programs of everyday development that change files or run the project's own code: a person is asked, and they run in
 * the sandbox. Value: the sub-commands known, or true for any. Options that hand over a script or another place are refused.
 */
const WRITERS: Readonly<Record<string, true | readonly string[]>> = {
  mkdir: true,
  touch: true,
  cp: true,
  mv: true,
  rmdir: true,
  make: true,
  pytest: true,
  tsc: true,
  node: true,
  python3: true,
  python: true,
  npm: ["test", "run", "start", "run-script"],
  pnpm: ["test", "run", "start"],
  yarn: ["test", "run", "start"],
  cargo: ["test", "build", "check", "clippy", "fmt", "run"],
  go: ["test", "build", "vet", "fmt", "run"],
  git: ["add", "commit", "switch", "restore", "stash"],
};

export const isWriter = (name: string): boolean => Object.hasOwn(WRITERS, name);

/** Options that bring code, another folder, or settings, in any of these programs. */
const REFUSED =
  /^(?:-[a-zA-Z]*[cCeEfpPrxX][a-zA-Z]*|--(?:eval|print|command|exec|exec-path|directory|file|require|import|inspect.*|prefix|git-dir|work-tree|config.*|eval=.*|upload-pack.*|target-directory.*)(?:=.*)?)$/;

/** Why a person should be asked, or undefined when this is none of these programs, or more than plain words. */
export function asked(name: string, words: readonly string[], context: Context): string | undefined {
  const known = Object.hasOwn(WRITERS, name) ? WRITERS[name] : undefined;
  if (known === undefined) return undefined;
  if (known !== true && !known.includes(words[0] ?? "")) return undefined;
  if ((name === "node" || name.startsWith("python")) && !/^[\w][\w./-]*$/.test(words[0] ?? ""))
    return undefined;
  for (const word of words) {
    // A commit's message is a text, and the only option of that letter that is.
    if (
      REFUSED.test(word) &&
      !(name === "mkdir" && word === "-p") &&
      !(name === "cp" && /^-[rRa]+$/.test(word))
    )
      return undefined;
    if (!/\s/.test(word) && judgePathWord(word.replace(/^-{1,2}[\w-]+=/, ""), context) !== undefined)
      return undefined;
  }
  return `${name} changes files or runs the project's own code, so a person decides.`;
}
