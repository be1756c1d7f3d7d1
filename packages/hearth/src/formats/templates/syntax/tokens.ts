import { TemplateError } from "../errors.ts";
import { SPACE, stripEnd } from "../text/unicode.ts";
import { int } from "../values/numbers.ts";
import { float, type Value } from "../values/types.ts";

export type TokenType =
  | "data"
  | "block_begin"
  | "block_end"
  | "variable_begin"
  | "variable_end"
  | "name"
  | "string"
  | "number"
  | "operator"
  | "eof";

export interface Token {
  type: TokenType;
  /** Text of data, names, operators and (unescaped) strings. */
  text: string;
  /** Value of a number. */
  value?: Value;
  line: number;
}

const fail = (message: string, line: number): TemplateError => new TemplateError("syntax", message, line);

const W = `[${SPACE}]*`;
const OPENER = /\{(%|\{|#)([-+]?)/g;
const RAW = new RegExp(`\\{%[-+]?${W}raw${W}(?:-%\\}${W}|%\\})`, "y");
const END_RAW = new RegExp(`\\{%([-+]?)${W}endraw${W}(?:\\+%\\}|-%\\}${W}|%\\}\\n?)`, "g");
const END_COMMENT = new RegExp(`\\+#\\}|-#\\}${W}|#\\}\\n?`, "g");
const BLOCK_END = new RegExp(`\\+%\\}|-%\\}${W}|%\\}\\n?`, "y");
const VARIABLE_END = new RegExp(`-\\}\\}${W}|\\}\\}`, "y");
const BLANK = new RegExp(`^[${SPACE}]+$`);
const WHITE = new RegExp(`[${SPACE}]+`, "y");
const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[0-1])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{N}_\p{M}]+/uy;
const IDENTIFIER = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;
const STRING = /'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"/y;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const CLOSERS: Readonly<Record<string, string>> = { "{": "}", "(": ")", "[": "]" };

/**
 * Splits a template as Jinja2 does with `trim_blocks` and `lstrip_blocks`: the newline after a block or comment goes, and the
 * white space before one on its own line; `-` strips all around, `+` keeps. One newline at the end of the source goes.
 */
export function tokenize(template: string): Token[] {
  const source = template.replace(/\r\n|\r/g, "\n").replace(/\n$/, "");
  return new Lexer(source).run();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  /** What came before ended a line, so that white space here begins one. */
  #lineStart = true;
  #line = 1;
  #counted = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    while (this.#at < this.#source.length) this.#root();
    this.#push("eof", "");
    return this.#tokens;
  }

  /** Line of the current position; counted on the way, so linear in all. */
  #lineHere(): number {
    for (; this.#counted < this.#at; this.#counted++)
      if (this.#source.charCodeAt(this.#counted) === 10) this.#line++;
    return this.#line;
  }

  #push(type: TokenType, text: string, value?: Value): void {
    const token: Token = { type, text, line: this.#lineHere() };
    if (value !== undefined) token.value = value;
    this.#tokens.push(token);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#source);
  }

  #advance(to: number): void {
    this.#at = to;
    this.#lineStart = this.#source[to - 1] === "\n";
  }

  /** Text up to the next tag, then the tag. */
  #root(): void {
    const opener = this.#match(OPENER);
    if (opener === null) {
      this.#push("data", this.#source.slice(this.#at));
      this.#at = this.#source.length;
      return;
    }
    const kind = opener[1]!;
    const data = this.#source.slice(this.#at, opener.index);
    const kept = this.#stripped(data, opener[2]!, kind !== "{");
    if (kept !== "") this.#push("data", kept);
    if (kind === "%") {
      RAW.lastIndex = opener.index;
      const raw = RAW.exec(this.#source);
      if (raw !== null) {
        this.#raw(opener.index + raw[0].length);
        return;
      }
    }
    this.#advance(opener.index + opener[0].length);
    if (kind === "#") this.#comment();
    else this.#inside(kind === "%");
  }

  #stripped(data: string, sign: string, lstrip: boolean): string {
    if (sign === "-") return stripEnd(data);
    if (sign === "+" || !lstrip) return data;
    const lineAt = data.lastIndexOf("\n") + 1;
    return (lineAt > 0 || this.#lineStart) && BLANK.test(data.slice(lineAt)) ? data.slice(0, lineAt) : data;
  }

  #comment(): void {
    // Jinja2 finds nothing wrong with a template that ends where a comment begins.
    if (this.#at >= this.#source.length) return;
    const end = this.#match(END_COMMENT);
    if (end === null) throw fail("Missing end of comment tag", this.#lineHere());
    this.#advance(end.index + end[0].length);
  }

  #raw(from: number): void {
    this.#advance(from);
    if (this.#at >= this.#source.length) return;
    const end = this.#match(END_RAW);
    if (end === null) throw fail("Missing end of raw directive", this.#lineHere());
    const kept = this.#stripped(this.#source.slice(from, end.index), end[1]!, true);
    if (kept !== "") this.#push("data", kept);
    this.#advance(end.index + end[0].length);
  }

  /** The tokens of one tag. Its end counts only where all brackets are closed. */
  #inside(block: boolean): void {
    this.#push(block ? "block_begin" : "variable_begin", "");
    const closers: string[] = [];
    for (;;) {
      const end = closers.length === 0 ? this.#match(block ? BLOCK_END : VARIABLE_END) : null;
      if (end !== null) {
        this.#push(block ? "block_end" : "variable_end", "");
        this.#advance(this.#at + end[0].length);
        return;
      }
      // Jinja2 lets a tag that is never closed end with the template; the parser then misses its end.
      if (this.#at >= this.#source.length) return;
      this.#step(closers);
    }
  }

  #step(closers: string[]): void {
    const white = this.#match(WHITE);
    if (white !== null) this.#advance(this.#at + white[0].length);
    else if (!this.#literal()) this.#operator(closers);
  }

  /** A number, name or string, if one stands here. */
  #literal(): boolean {
    const number = this.#match(FLOAT) ?? this.#match(INTEGER);
    if (number !== null) {
      const text = number[0].replaceAll("_", "").toLowerCase();
      const decimal = !/^0[box]/.test(text) && /[.e]/.test(text);
      this.#push("number", number[0], decimal ? float(Number(text)) : int(BigInt(text)));
      this.#advance(this.#at + number[0].length);
      return true;
    }
    const name = this.#match(NAME);
    if (name !== null) {
      if (!IDENTIFIER.test(name[0])) throw fail("Invalid character in identifier", this.#lineHere());
      this.#push("name", name[0]);
      this.#advance(this.#at + name[0].length);
      return true;
    }
    const string = this.#match(STRING);
    if (string === null) return false;
    this.#push("string", unescaped(string[1] ?? string[2] ?? "", this.#lineHere()));
    this.#advance(this.#at + string[0].length);
    return true;
  }

  #operator(closers: string[]): void {
    const operator = this.#match(OPERATOR);
    if (operator === null)
      throw fail(`unexpected char '${this.#source[this.#at]}' at ${this.#at}`, this.#lineHere());
    const text = operator[0];
    if (CLOSERS[text] !== undefined) closers.push(CLOSERS[text]);
    else if (text === "}" || text === ")" || text === "]") {
      const expected = closers.pop();
      if (expected !== text)
        throw fail(
          `unexpected '${text}'${expected === undefined ? "" : `, expected '${expected}'`}`,
          this.#lineHere(),
        );
    }
    this.#push("operator", text);
    this.#advance(this.#at + text.length);
  }
}

const ESCAPE = /\\(?:\n|[0-7]{1,3}|x([0-9a-fA-F]{2})?|u([0-9a-fA-F]{4})?|U([0-9a-fA-F]{8})?|N|[\s\S])/g;
const SIMPLE: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/** Python's escapes; an unknown one stays as it is. */
function unescaped(text: string, line: number): string {
  if (!text.includes("\\")) return text;
  return text.replace(ESCAPE, (whole: string, x?: string, u?: string, long?: string) => {
    const code = x ?? u ?? long;
    if (code !== undefined) {
      const point = Number.parseInt(code, 16);
      if (point > 0x10ffff) throw fail("illegal Unicode character", line);
      return String.fromCodePoint(point);
    }
    const kind = whole[1]!;
    if (kind === "\n") return "";
    if (kind >= "0" && kind <= "7") return String.fromCodePoint(Number.parseInt(whole.slice(1), 8));
    if (kind === "x" || kind === "u" || kind === "U") throw fail(`truncated \\${kind} escape`, line);
    if (kind === "N") throw fail("named Unicode characters are not supported", line);
    return SIMPLE[kind] ?? whole;
  });
}
