import { regExpOf } from "./pattern.ts";

/** Characters a sample may have. */
const MAX_CHARS = 1000;

/**
 * A short text that matches a pattern, or nothing where none was found. Reads the common part of the syntax
 * (literals, classes, groups, the first alternative, the least repetition) and then asks the pattern itself.
 */
export function sampleOf(pattern: string, minLength = 0): string | undefined {
  const expression = regExpOf(pattern);
  if (!expression) return undefined;
  for (const repeat of [0, 1, minLength]) {
    const text = new Sampler(pattern, repeat).run();
    if (text !== undefined && text.length >= minLength && text.length <= MAX_CHARS && expression.test(text))
      return text;
  }
  return undefined;
}

const ESCAPES: Record<string, string> = {
  d: "1",
  w: "a",
  s: " ",
  S: "a",
  D: "a",
  W: "-",
  n: "\n",
  t: "\t",
  r: "\r",
};

class Sampler {
  private at = 0;
  private failed = false;
  private readonly pattern: string;
  /** How often what may be left out or repeated is written. */
  private readonly repeat: number;

  constructor(pattern: string, repeat: number) {
    this.pattern = pattern;
    this.repeat = repeat;
  }

  run(): string | undefined {
    const text = this.choice();
    return this.failed || this.at < this.pattern.length ? undefined : text;
  }

  /** Alternatives up to the end of the group; the first is taken. */
  private choice(): string {
    const first = this.sequence();
    while (this.pattern[this.at] === "|") {
      this.at++;
      this.sequence();
    }
    return first;
  }

  private sequence(): string {
    let text = "";
    while (this.at < this.pattern.length && !"|)".includes(this.pattern[this.at] ?? "") && !this.failed) {
      const piece = this.atom();
      text += piece.repeat(Math.min(this.count(piece), MAX_CHARS));
      if (text.length > MAX_CHARS) this.failed = true;
    }
    return text;
  }

  private count(piece: string): number {
    const quantifier = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(this.pattern.slice(this.at, this.at + 20));
    if (!quantifier) return 1;
    this.at += quantifier[0].length;
    const sign = quantifier[0][0];
    const free = piece === "" ? 0 : this.repeat;
    if (sign === "?") return Math.min(1, free);
    if (sign === "*") return free;
    if (sign === "+") return Math.max(1, free);
    const least = Number(quantifier[1]);
    if (quantifier[2] === undefined) return least;
    const most = quantifier[3] === "" ? Number.POSITIVE_INFINITY : Number(quantifier[3]);
    return Math.max(least, Math.min(free, most));
  }

  private atom(): string {
    const char = this.pattern[this.at++] ?? "";
    if (char === "^" || char === "$") return "";
    if (char === ".") return "a";
    if (char === "\\") return this.escape();
    if (char === "[") return this.set();
    if (char !== "(") return char;
    const look = /^\?(?:<?[=!])/.test(this.pattern.slice(this.at, this.at + 3));
    const head = /^\?(?::|<[^>]*>|<?[=!])/.exec(this.pattern.slice(this.at, this.at + 60));
    if (head) this.at += head[0].length;
    const inner = this.choice();
    if (this.pattern[this.at++] !== ")") this.failed = true;
    // What is only looked at adds nothing; whether it holds, the pattern itself decides.
    return look ? "" : inner;
  }

  private escape(): string {
    const char = this.pattern[this.at++] ?? "";
    if (char === "b" || char === "B") return "";
    if (char === "p" || char === "P" || char === "u" || char === "x" || /\d/.test(char)) {
      const code = /^(?:\{[^}]*\}|[\da-fA-F]{2,4})/.exec(this.pattern.slice(this.at, this.at + 40));
      if (!code) this.failed = true;
      this.at += code?.[0].length ?? 0;
      if (char === "p") return /N/.test(code?.[0] ?? "") ? "1" : /Lu/.test(code?.[0] ?? "") ? "A" : "a";
      return char === "P"
        ? "-"
        : String.fromCodePoint(
            Math.min(0xffff, Number.parseInt(code?.[0].replace(/[{}]/g, "") || "61", 16) || 97),
          );
    }
    return ESCAPES[char] ?? char;
  }

  /** A character of a class: the first it names, or for `[^…]` the first plain one that it does not exclude. */
  private set(): string {
    const start = this.at;
    if (this.pattern[this.at] === "^") this.at++;
    const body = this.at;
    while (this.at < this.pattern.length && (this.pattern[this.at] !== "]" || this.at < body)) {
      this.at += this.pattern[this.at] === "\\" ? 2 : 1;
    }
    const text = this.pattern.slice(start, this.at);
    this.at++;
    const one = regExpOf(`^[${text}]$`);
    for (const candidate of "a1A-_. /:#") if (one?.test(candidate)) return candidate;
    for (let code = 33; code < 0x3000; code++) {
      if (one?.test(String.fromCodePoint(code))) return String.fromCodePoint(code);
    }
    this.failed = true;
    return "";
  }
}
