import { anyOf, charClass, type Gbnf, literal, type Range, repeat, sequence } from "./gbnf.ts";
import { MAX_COUNTED } from "./strings.ts";

/** What stands in the way of a pattern becoming a rule. */
export interface Unsupported {
  unsupported: string;
}

/** Raised and caught here only: a construct that no context-free rule of ours can say. */
class Stop extends Error {}

const ALL: Range[] = [
  [0x20, 0xd7ff],
  [0xe000, 0x10ffff],
];
const DIGIT: Range[] = [[0x30, 0x39]];
const WORD: Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
/** White space that may stand raw in JSON text. */
const SPACE: Range[] = [
  [0x20, 0x20],
  [0xa0, 0xa0],
];

function complement(ranges: readonly Range[]): Range[] {
  let left: Range[] = ALL;
  for (const [low, high] of ranges)
    left = left.flatMap(([from, to]): Range[] => {
      if (high < from || low > to) return [[from, to]];
      const out: Range[] = [];
      if (from < low) out.push([from, low - 1]);
      if (to > high) out.push([high + 1, to]);
      return out;
    });
  return left;
}

const without = (ranges: readonly Range[], code: number): Range[] =>
  ranges.flatMap(([low, high]): Range[] => {
    if (code < low || code > high) return [[low, high]];
    const out: Range[] = [];
    if (low < code) out.push([low, code - 1]);
    if (high > code) out.push([code + 1, high]);
    return out;
  });

const has = (ranges: readonly Range[], code: number): boolean =>
  ranges.some(([low, high]) => code >= low && code <= high);

/**
 * The JSON strings that match a regular expression (ECMA-262) of the regular kind: literals, classes, groups, `|`,
 * quantifiers, anchors at the ends. Look-around, back references and word boundaries are reported, not guessed.
 */
export function patternRule(g: Gbnf, pattern: string, banned: readonly string[]): string | Unsupported {
  try {
    const reader = new PatternReader(g, pattern, banned);
    return g.rule("pattern", sequence('"\\""', reader.whole(), '"\\""'));
  } catch (error) {
    if (error instanceof Stop) return { unsupported: error.message };
    throw error;
  }
}

class PatternReader {
  readonly #g: Gbnf;
  readonly #text: string[];
  readonly #banned: Set<number>;
  #at = 0;

  constructor(g: Gbnf, pattern: string, banned: readonly string[]) {
    this.#g = g;
    this.#text = [...pattern];
    this.#banned = new Set(banned.map((text) => text.codePointAt(0) ?? 0));
  }

  /** The pattern, with anything before and after it where it isn't anchored. */
  whole(): string {
    const source = this.#text.join("");
    const anchored = source.startsWith("^") || source.endsWith("$");
    if (anchored && topLevelChoice(source)) throw new Stop("an anchor beside a choice");
    const any = this.#g.rule("any-char", this.#set(ALL));
    const start = this.#text[0] === "^";
    const end = source.endsWith("$") && !/(^|[^\\])(\\\\)*\\\$$/.test(source);
    if (start) this.#text.shift();
    if (end) this.#text.pop();
    const body = this.#choice();
    if (this.#at < this.#text.length) throw new Stop(`an unpaired "${this.#text[this.#at]}"`);
    return sequence(start ? "" : `${any}*`, `(${body})`, end ? "" : `${any}*`);
  }

  #choice(): string {
    const alternatives = [this.#sequence()];
    while (this.#text[this.#at] === "|") {
      this.#at++;
      alternatives.push(this.#sequence());
    }
    return alternatives.length === 1 ? (alternatives[0] ?? '""') : anyOf(alternatives);
  }

  #sequence(): string {
    const parts: string[] = [];
    while (this.#at < this.#text.length && !"|)".includes(this.#text[this.#at] ?? ""))
      parts.push(this.#quantified());
    return sequence(...parts);
  }

  #quantified(): string {
    const atom = this.#atom();
    const bounds = this.#quantifier();
    if (bounds === undefined) return atom;
    const [min, max] = bounds;
    if (min > MAX_COUNTED || (max ?? 0) > MAX_COUNTED) throw new Stop(`a count above ${MAX_COUNTED}`);
    if (this.#text[this.#at] === "?") this.#at++;
    return repeat(`(${atom})`, min, max);
  }

  #quantifier(): [min: number, max?: number] | undefined {
    const char = this.#text[this.#at];
    if (char === "*" || char === "+" || char === "?") {
      this.#at++;
      return char === "*" ? [0] : char === "+" ? [1] : [0, 1];
    }
    if (char !== "{") return undefined;
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(this.#text.slice(this.#at).join(""));
    if (counted === null) return undefined;
    this.#at += counted[0].length;
    const min = Number(counted[1]);
    if (counted[2] === undefined) return [min, min];
    return counted[3] === "" ? [min] : [min, Number(counted[3])];
  }

  #atom(): string {
    const char = this.#text[this.#at++] ?? "";
    if (char === "(") return this.#group();
    if (char === "[") return this.#set(this.#class());
    if (char === ".") return this.#set(ALL);
    if (char === "^" || char === "$") throw new Stop("an anchor inside");
    if (char === "\\") return this.#set(this.#escape());
    if ("*+?".includes(char)) throw new Stop(`a "${char}" with nothing before it`);
    return this.#char(char.codePointAt(0) ?? 0);
  }

  #group(): string {
    if (this.#text[this.#at] === "?") {
      const kind = this.#text.slice(this.#at, this.#at + 3).join("");
      if (kind.startsWith("?:")) this.#at += 2;
      else if (/^\?<[^=!]/.test(kind)) {
        while (this.#at < this.#text.length && this.#text[this.#at] !== ">") this.#at++;
        this.#at++;
      } else throw new Stop("a look-around or a flag group");
    }
    const body = this.#choice();
    if (this.#text[this.#at++] !== ")") throw new Stop("an open group");
    return `(${body})`;
  }

  #class(): Range[] {
    const negated = this.#text[this.#at] === "^";
    if (negated) this.#at++;
    const ranges: Range[] = [];
    while (this.#text[this.#at] !== "]") {
      if (this.#at >= this.#text.length) throw new Stop("an open class");
      const from = this.#classPart();
      const last = from.length === 1 && from[0]?.[0] === from[0]?.[1] ? from[0]?.[0] : undefined;
      if (last !== undefined && this.#text[this.#at] === "-" && this.#text[this.#at + 1] !== "]") {
        this.#at++;
        const to = this.#classPart()[0]?.[1] ?? last;
        if (to < last) throw new Stop("a range that runs backwards");
        ranges.push([last, to]);
      } else ranges.push(...from);
    }
    this.#at++;
    return negated ? complement(ranges) : ranges;
  }

  #classPart(): Range[] {
    const char = this.#text[this.#at++] ?? "";
    if (char === "\\") return this.#escape();
    const code = char.codePointAt(0) ?? 0;
    return [[code, code]];
  }

  #escape(): Range[] {
    const char = this.#text[this.#at++] ?? "";
    const sets: Record<string, Range[]> = {
      d: DIGIT,
      D: complement(DIGIT),
      w: WORD,
      W: complement(WORD),
      s: SPACE,
      // White space beyond these can't be told apart by a validator's \s and ours; a narrower set is always right.
      S: complement([
        [0x20, 0x20],
        [0x85, 0xa0],
        [0x1680, 0x1680],
        [0x2000, 0x200f],
        [0x2028, 0x205f],
        [0x3000, 0x3000],
        [0xfeff, 0xfeff],
      ]),
    };
    const set = sets[char];
    if (set !== undefined) return set;
    if (/[bB0-9kpPc]/.test(char)) throw new Stop(`"\\${char}"`);
    const control: Record<string, number> = { n: 10, r: 13, t: 9, f: 12, v: 11 };
    if (char === "x" || char === "u") {
      const hex = new RegExp(char === "x" ? "^[0-9a-fA-F]{2}" : "^[0-9a-fA-F]{4}").exec(
        this.#text.slice(this.#at).join(""),
      );
      if (hex === null) throw new Stop(`"\\${char}" without its digits`);
      this.#at += hex[0].length;
      const code = Number.parseInt(hex[0], 16);
      return [[code, code]];
    }
    const code = control[char] ?? char.codePointAt(0) ?? 0;
    return [[code, code]];
  }

  #char(code: number): string {
    return this.#set([[code, code]], true);
  }

  /** One character of these, as JSON text writes it: quote, backslash and control characters as escapes. */
  #set(ranges: readonly Range[], asLiteral = false): string {
    const alternatives: string[] = [];
    let raw: Range[] = [...ranges];
    for (const [code, text] of [
      [0x22, '\\"'],
      [0x5c, "\\\\"],
      [0x0a, "\\n"],
      [0x0d, "\\r"],
      [0x09, "\\t"],
    ] as const) {
      if (!has(raw, code)) continue;
      raw = without(raw, code);
      alternatives.push(literal(text));
    }
    for (let code = 0; code < 0x20; code++) raw = without(raw, code);
    for (const code of this.#banned) {
      if (!has(raw, code)) continue;
      raw = without(raw, code);
      alternatives.push(literal(`\\u${code.toString(16).padStart(4, "0")}`));
    }
    const only = raw[0];
    if (asLiteral && raw.length === 1 && only !== undefined && only[0] === only[1])
      return literal(String.fromCodePoint(only[0]));
    if (raw.length > 0) alternatives.unshift(charClass(raw));
    if (alternatives.length === 0) throw new Stop("a class of no character that JSON can hold");
    return anyOf(alternatives);
  }
}

/** Whether a `|` stands outside all groups and classes. */
function topLevelChoice(source: string): boolean {
  let depth = 0;
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i];
    if (char === "\\") i++;
    else if (inClass) inClass = char !== "]";
    else if (char === "[") inClass = true;
    else if (char === "(") depth++;
    else if (char === ")") depth--;
    else if (char === "|" && depth === 0) return true;
  }
  return false;
}
