import { parsePath } from "../confine/index.ts";

/** What a value must be: any text, a number, or a path in the workspace that is only read. */
export type Kind = "text" | "number" | "path";

/** The options and operands a program may be given: a closed list. What is not here is refused. */
export interface Program {
  /** Letters of short options without a value: "la" stands for `-l` and `-a`. */
  flags?: string;
  /** Short options with a value, by letter: `-n 5` or `-n5`. */
  values?: Readonly<Record<string, Kind>>;
  /** Long options: `false` takes no value; "optional" may take one after "=". */
  long?: Readonly<Record<string, Kind | false | "optional">>;
  /** `-5` for a count. */
  digits?: boolean;
  /** Kinds of the operands in order; the last one is repeated. Empty: none allowed. */
  operands: readonly Kind[];
  /** Operands at most. */
  most?: number;
  /** These options bring the pattern, so that all operands are paths (`grep -e`). */
  patternBy?: readonly string[];
  /** Words are no options at all (`echo`). */
  plain?: boolean;
  /** Replaces this table, for programs whose words are a language (`find`, `sed`, `git`). Returns a fault. */
  own?(words: readonly string[], context: Context): string | undefined;
  /** A rule beside the table. Returns a fault. */
  also?(words: readonly string[]): string | undefined;
  /** The words to run instead, so that a program's own settings can't start other programs. */
  rewrite?(words: readonly string[]): string[];
}

export interface Context {
  /** The workspace, absolute. */
  workspace: string;
}

/** Why these words may not be given to the program; undefined when they may. */
export function judgeWords(
  name: string,
  program: Program,
  words: readonly string[],
  context: Context,
): string | undefined {
  if (program.own !== undefined) return program.own(words, context);
  const operands: string[] = [];
  let patternGiven = false;
  let ended = program.plain === true;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (ended || word === "-" || !word.startsWith("-")) {
      operands.push(word);
      continue;
    }
    if (word === "--") {
      ended = true;
      continue;
    }
    if (program.digits === true && /^-\d+$/.test(word)) continue;
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const option = equals < 0 ? word : word.slice(0, equals);
      const kind =
        program.long !== undefined && Object.hasOwn(program.long, option) ? program.long[option] : undefined;
      if (kind === undefined) return notListed(name, option);
      patternGiven ||= program.patternBy?.includes(option) === true;
      if (kind === false) {
        if (equals >= 0) return `${option} of ${name} takes no value.`;
      } else if (kind === "optional") {
        // Its value, where there is one, is a text.
      } else {
        const value = equals >= 0 ? word.slice(equals + 1) : words[++at];
        const fault = judgeValue(value, kind, `${option} of ${name}`, context);
        if (fault !== undefined) return fault;
      }
      continue;
    }
    for (let index = 1; index < word.length; index++) {
      const letter = word[index]!;
      if (program.flags?.includes(letter)) continue;
      const kind =
        program.values !== undefined && Object.hasOwn(program.values, letter)
          ? program.values[letter]
          : undefined;
      if (kind === undefined) return notListed(name, `-${letter}`);
      patternGiven ||= program.patternBy?.includes(`-${letter}`) === true;
      const value = index + 1 < word.length ? word.slice(index + 1) : words[++at];
      const fault = judgeValue(value, kind, `-${letter} of ${name}`, context);
      if (fault !== undefined) return fault;
      break;
    }
  }
  const kinds = patternGiven ? program.operands.slice(1) : program.operands;
  if (operands.length > (program.most ?? (kinds.length === 0 ? 0 : Number.POSITIVE_INFINITY))) {
    return `${name} is given more than it may have here.`;
  }
  for (const [index, operand] of operands.entries()) {
    const kind = kinds[Math.min(index, kinds.length - 1)];
    if (kind === undefined) return `${name} takes no operand here.`;
    const fault = judgeValue(operand, kind, name, context);
    if (fault !== undefined) return fault;
  }
  return program.also?.(words);
}

function notListed(name: string, option: string): string {
  return `The option ${option.slice(0, 40)} of ${name} is not on the list of those that only read.`;
}

export function judgeValue(
  value: string | undefined,
  kind: Kind,
  of: string,
  context: Context,
): string | undefined {
  if (value === undefined) return `${of} needs a value.`;
  if (kind === "text") return undefined;
  if (kind === "number")
    return /^[+-]?\d{1,12}[a-zA-Z]{0,2}$/.test(value) ? undefined : `${of} needs a number.`;
  return value === "-" ? undefined : judgePathWord(value, context);
}

/** A path as a program will see it: in the workspace, and without ".." (a link before it would change what it means). */
export function judgePathWord(value: string, context: Context): string | undefined {
  const parsed = parsePath(value, [context.workspace]);
  if ("fault" in parsed) return `${parsed.fault} ${parsed.remedy}`;
  if (parsed.parts.includes("..")) return `"${value.slice(0, 60)}" contains "..".`;
  return undefined;
}
