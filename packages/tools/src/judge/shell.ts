import { existsSync } from "node:fs";
import { compileGlob } from "../files/glob.ts";
import { type Context, judgePathWord, judgeWords } from "./options.ts";
import { parseCommand } from "./parse.ts";
import { PROGRAMS } from "./programs/index.ts";
import { asked, isWriter } from "./programs/writers.ts";
import { allow, ask, type Command, deny, type Judgement, type Plan } from "./types.ts";

export interface ShellRules {
  /** Commands that run without asking, word by word; `*` in a word is any text, a last word `*` is any words: "npm test", "make *". */
  allow?: readonly string[];
  /** Commands that never run; stronger than everything else. */
  deny?: readonly string[];
  /** What a plain command in no table comes to: `allowlist` (default) refused, `denylist` asked for. */
  control?: "allowlist" | "denylist";
  /** Why no command runs at all. */
  off?: string;
}

export interface ShellOptions {
  /** `strict` (default): one plain command. `pipeline`: pipes and lists of listed programs, which we build ourselves. */
  mode?: "strict" | "pipeline";
  /** Absolute. Paths in the command must be below it. Default: the current folder. */
  workspace?: string;
  rules?: ShellRules;
}

/** The verdict, and for `allow` and `ask` what to start. */
export interface ShellJudgement extends Judgement {
  plan?: Plan;
}

/** Judges a command line. Each program and each word of it must be known to only read; whatever can't be read is refused. */
export async function judgeShell(input: string, options: ShellOptions = {}): Promise<ShellJudgement> {
  if (options.rules?.off !== undefined) return deny(options.rules.off);
  const parsed = await parseCommand(input, options.mode === "pipeline");
  if ("fault" in parsed) return deny(parsed.fault);
  const context: Context = { workspace: options.workspace ?? process.cwd() };
  const judged = parsed.map((step) =>
    step.pipeline.map((command) => judgeCommand(command, context, options.rules ?? {})),
  );
  const all = judged.flat();
  const worst = all.find(({ verdict }) => verdict === "deny") ?? all.find(({ verdict }) => verdict === "ask");
  if (worst?.verdict === "deny") return deny(worst.reason);
  const plan: Plan = parsed.map((step, index) => ({
    when: step.when,
    pipeline: step.pipeline.map((command, stage) => ({ ...command, argv: judged[index]![stage]!.argv })),
  }));
  if (worst !== undefined) return { ...ask(worst.reason), plan };
  const names = [...new Set(parsed.flatMap((step) => step.pipeline.map(({ argv }) => argv[0]!)))];
  return {
    ...allow(
      `${names.join(", ")}: ${names.length === 1 ? "listed, and only reads" : "all listed, and only read"}.`,
    ),
    plan,
  };
}

/** Whether a name is that of a program: in a table, or on this machine. */
export function isProgram(name: string): boolean {
  if (PROGRAMS.has(name) || isWriter(name)) return true;
  return /^[\w][\w.+-]*$/.test(name) && FOLDERS.some((folder) => existsSync(`${folder}/${name}`));
}

const FOLDERS = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin"];

function judgeCommand(command: Command, context: Context, rules: ShellRules): Judgement & { argv: string[] } {
  const { argv } = command;
  const [name = "", ...words] = argv;
  const matches = (patterns: readonly string[] | undefined) =>
    patterns?.find((pattern) => matchWords(pattern, argv));
  const denied = matches(rules.deny);
  if (denied !== undefined) return { ...deny(`"${denied}" is on the list of refused commands.`), argv };
  const allowed = matches(rules.allow);
  if (allowed !== undefined) return { ...allow(`"${allowed}" is on the list of allowed commands.`), argv };
  const program = PROGRAMS.get(name);
  if (program !== undefined) {
    const fault = judgeWords(name, program, words, context);
    if (fault === undefined) {
      return { ...allow("listed"), argv: [name, ...(program.rewrite?.(words) ?? words)] };
    }
    const writes = asked(name, words, context);
    return writes === undefined ? { ...deny(fault), argv } : { ...ask(writes), argv };
  }
  const writes = asked(name, words, context);
  if (writes !== undefined) return { ...ask(writes), argv };
  if (rules.control === "denylist" && words.every((word) => leavesNothing(word, context))) {
    return { ...ask(`"${name}" is in no table; a person decides.`), argv };
  }
  return {
    ...deny(
      `"${name.slice(0, 40)}" is not on the list of programs that may run. Use the other tools, or run_python for a computation.`,
    ),
    argv,
  };
}

/** A word that is no path out of the workspace. */
function leavesNothing(word: string, context: Context): boolean {
  return (
    !/[/\\~]|^\.\.$/.test(word) || judgePathWord(word.replace(/^-{1,2}[\w-]+=/, ""), context) === undefined
  );
}

function matchWords(pattern: string, argv: readonly string[]): boolean {
  const wanted = pattern.trim().split(/\s+/);
  const open = wanted.at(-1) === "*";
  const fixed = open ? wanted.slice(0, -1) : wanted;
  if (fixed.length === 0 || (open ? argv.length < fixed.length : argv.length !== fixed.length)) return false;
  return fixed.every((word, at) => {
    const have = argv[at]!;
    return word === have || (word.includes("*") && !have.includes("/") && compileGlob(word)?.(have) === true);
  });
}
