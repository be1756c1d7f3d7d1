import { isSpace } from "../engine/source.ts";
import { escapeText, escapeUnit } from "./escape.ts";
import type { JsonStyle } from "./style.ts";
import { closesCall, isEnd, isStructure, isWordUnit, readWord } from "./words.ts";

const VALUE = 0;
const KEY = 1;
const COLON = 2;
const AFTER = 3;
const STRING = 4;
const ESCAPE = 5;
const HEX = 6;
const WORD = 7;
const RAW = 8;
const QUOTE = 9;

const OBJECT = 125;
const ARRAY = 93;
const TUPLE = 41;
/** A Python set; its bracket is an object's until the first comma tells. */
const SET = 1125;

/** Containers inside each other at most; deeper text is malformed. */
const MAX_DEPTH = 256;

/**
 * Reads one value, a chunk at a time, and writes it as canonical JSON text: no white space between tokens, double quotes,
 * JSON's words and escapes. Each character is looked at once. What it mends it names in `repairs`; what it can't read
 * surely makes it fail at that character.
 */
export class JsonValue {
  done = false;
  failed = false;
  readonly repairs = new Set<string>();
  /** First character of the value: `{`, `[`, `"`, or another. */
  kind = "";
  private out = "";
  private state = VALUE;
  private readonly stack: number[] = [];
  private started = false;
  private items = false;
  private comma = false;
  private isKey = false;
  private quote = 34;
  private hex = "";
  private hexLength = 4;
  private word = "";
  private pending = "";
  private waiting = false;
  /** Where in `out` a bracket stands that may yet turn out to open a set; -1: nowhere. */
  private brace = -1;
  private readonly style: JsonStyle;

  constructor(style: JsonStyle = {}) {
    this.style = style;
  }

  /** The text written since the last take. */
  take(): string {
    const end = this.brace < 0 ? this.out.length : this.brace;
    const out = this.out.slice(0, end);
    this.out = this.out.slice(end);
    if (this.brace >= 0) this.brace = 0;
    return out;
  }

  get depth(): number {
    return this.stack.length;
  }

  /** Whether nothing but closing brackets is missing. */
  get closable(): boolean {
    return this.state === AFTER && this.stack.length > 0;
  }

  /** Writes the missing closing brackets. */
  close(): void {
    this.repairs.add("missing-bracket");
    while (this.stack.length > 0) this.pop();
  }

  /** Reads on from `from`; returns where it stopped: behind the value, at the fault, or where more text is needed. */
  read(text: string, from: number, ended: boolean): number {
    let pos = from;
    this.waiting = false;
    while (pos < text.length && !this.done && !this.failed && !this.waiting)
      pos = this.step(text, pos, ended);
    if (ended && pos >= text.length && !this.done && !this.failed) {
      if (this.state === QUOTE) this.endString();
      if (this.state === WORD) this.endWord();
    }
    return pos;
  }

  private step(text: string, pos: number, ended: boolean): number {
    switch (this.state) {
      case STRING:
        return this.inString(text, pos);
      case RAW:
        return this.inRaw(text, pos, ended);
      case ESCAPE:
        return this.inEscape(text, pos);
      case HEX:
        return this.inHex(text, pos);
      case WORD:
        return this.inWord(text, pos);
      case QUOTE:
        return this.afterQuote(text, pos, ended);
      default:
        return this.between(text, pos, ended);
    }
  }

  /** What stands from `pos` on may be the beginning of a quote of several characters: come back with more text. */
  private wait(pos: number): number {
    this.waiting = true;
    return pos;
  }

  private fail(pos: number): number {
    this.failed = true;
    return pos;
  }

  private between(text: string, pos: number, ended: boolean): number {
    const code = text.charCodeAt(pos);
    if (isSpace(code)) return pos + 1;
    if (this.state === COLON) {
      if (this.brace >= 0 && (code === 44 || code === 125)) return this.becomeSet(pos);
      this.brace = -1;
      if (code !== 58 && !(code === 61 && this.style.bareWords === true)) return this.fail(pos);
      this.out += ":";
      this.state = VALUE;
      return pos + 1;
    }
    const top = this.stack.at(-1);
    if (this.state === AFTER) {
      if (code === 44 && !this.comma) {
        this.comma = true;
        this.state = top === OBJECT ? KEY : VALUE;
        return pos + 1;
      }
      if (code !== top && !(top === SET && code === OBJECT)) return this.fail(pos);
      this.pop();
      return pos + 1;
    }
    if (top === SET && code === OBJECT && this.comma) {
      this.pop();
      return pos + 1;
    }
    if (code === top && (this.state === KEY || top !== OBJECT) && (this.comma || !this.items)) {
      if (this.comma && code !== TUPLE) this.repairs.add("trailing-comma");
      this.pop();
      return pos + 1;
    }
    return this.begin(text, pos, code, ended);
  }

  private begin(text: string, pos: number, code: number, ended: boolean): number {
    const { quote } = this.style;
    this.isKey = this.state === KEY;
    if (quote !== undefined && code === quote.charCodeAt(0)) {
      if (text.startsWith(quote, pos)) {
        this.lead(code);
        this.out += '"';
        this.state = RAW;
        return pos + quote.length;
      }
      const rest = text.slice(pos);
      if (!ended && rest.length < quote.length && quote.startsWith(rest)) return this.wait(pos);
      return this.fail(pos);
    }
    if (code === 34 || code === 39) {
      this.lead(code);
      if (code === 39 && this.style.python !== true) this.repairs.add("single-quotes");
      this.out += '"';
      this.quote = code;
      this.state = STRING;
      return pos + 1;
    }
    if (!this.isKey && (code === 123 || code === 91 || (code === 40 && this.style.python === true))) {
      if (this.stack.length >= MAX_DEPTH) return this.fail(pos);
      this.lead(code);
      this.brace =
        code === 123 && this.style.python === true && this.style.bareWords !== true ? this.out.length : -1;
      this.out += code === 123 ? "{" : "[";
      this.stack.push(code === 123 ? OBJECT : code === 91 ? ARRAY : TUPLE);
      this.items = false;
      this.comma = false;
      this.state = code === 123 ? KEY : VALUE;
      return pos + 1;
    }
    if (!isWordUnit(code) && !(this.style.bareWords === true && code > 32 && !isStructure(code)))
      return this.fail(pos);
    this.lead(code);
    this.word = "";
    this.state = WORD;
    return pos;
  }

  /** `{'a', 'b'}`: what looked like a key is the first member of a set, written as a list. */
  private becomeSet(pos: number): number {
    this.out = `${this.out.slice(0, this.brace)}[${this.out.slice(this.brace + 1)}`;
    this.brace = -1;
    this.stack[this.stack.length - 1] = SET;
    this.isKey = false;
    this.state = AFTER;
    this.repairs.add("set");
    return pos;
  }

  private lead(code: number): void {
    if (!this.started) {
      this.started = true;
      this.kind = String.fromCharCode(code);
    }
    if (this.stack.length === 0) return;
    if (this.items && this.afterKeyOrItem()) this.out += ",";
    this.items = true;
    this.comma = false;
  }

  /** A comma is written before an item of a list and before a key, not before the value of a key. */
  private afterKeyOrItem(): boolean {
    return this.isKey || this.stack.at(-1) !== OBJECT;
  }

  private pop(): void {
    const top = this.stack.pop();
    this.brace = -1;
    this.out += top === OBJECT ? "}" : "]";
    this.endValue();
  }

  private endValue(): void {
    this.items = true;
    this.comma = false;
    if (this.stack.length === 0) this.done = true;
    else this.state = AFTER;
  }

  private endString(): void {
    this.out += '"';
    if (this.isKey) this.state = COLON;
    else this.endValue();
  }

  private inString(text: string, from: number): number {
    const { quote } = this;
    let pos = from;
    for (; pos < text.length; pos++) {
      const code = text.charCodeAt(pos);
      if (code === quote) {
        this.out += text.slice(from, pos);
        if (this.style.python === true) {
          this.pending = "";
          this.state = QUOTE;
        } else this.endString();
        return pos + 1;
      }
      if (code === 92) {
        this.out += text.slice(from, pos);
        this.state = ESCAPE;
        return pos + 1;
      }
      if (code < 32 || code === 34) {
        if (code < 32) this.repairs.add("control-character");
        this.out += text.slice(from, pos) + escapeUnit(code);
        return pos + 1;
      }
    }
    this.out += text.slice(from, pos);
    return pos;
  }

  /** A quote ends a Python string only where something may follow it; models leave quotes inside unescaped. */
  private afterQuote(text: string, pos: number, ended: boolean): number {
    const code = text.charCodeAt(pos);
    if (isSpace(code)) {
      this.pending += text[pos];
      return pos + 1;
    }
    const ends = code === 41 && this.stack.length === 0 ? closesCall(text, pos, ended) : isEnd(code);
    if (ends === undefined) return this.wait(pos);
    if (ends) {
      this.endString();
      return pos;
    }
    this.repairs.add("unescaped-quote");
    this.out += escapeText(String.fromCharCode(this.quote) + this.pending);
    this.state = STRING;
    return pos;
  }

  private inRaw(text: string, from: number, ended: boolean): number {
    const quote = this.style.quote as string;
    const at = text.indexOf(quote, from);
    if (at >= 0) {
      this.out += escapeText(text.slice(from, at));
      this.endString();
      return at + quote.length;
    }
    let keep = ended ? 0 : Math.min(quote.length - 1, text.length - from);
    while (keep > 0 && !text.endsWith(quote.slice(0, keep))) keep--;
    this.out += escapeText(text.slice(from, text.length - keep));
    return keep === 0 ? text.length : this.wait(text.length - keep);
  }

  private inEscape(text: string, pos: number): number {
    const char = text[pos] as string;
    this.state = STRING;
    if (char === "u" || (this.style.python === true && (char === "x" || char === "U"))) {
      this.hex = char;
      this.hexLength = char === "u" ? 4 : char === "x" ? 2 : 8;
      this.state = HEX;
    } else if ('"\\/bfnrt'.includes(char)) this.out += char === "/" ? "/" : "\\" + char;
    else if (char === "'") this.out += "'";
    else if (this.style.python === true && char === "\n") this.out += "";
    else if (this.style.python === true && char === "0") this.out += "\\u0000";
    else {
      if (this.style.python !== true) this.repairs.add("bad-escape");
      this.out += "\\\\" + escapeText(char);
    }
    return pos + 1;
  }

  private inHex(text: string, pos: number): number {
    const char = text[pos] as string;
    if (!/[0-9a-fA-F]/.test(char)) {
      this.repairs.add("bad-escape");
      this.out += "\\\\" + this.hex;
      this.state = STRING;
      return pos;
    }
    this.hex += char;
    if (this.hex.length <= this.hexLength) return pos + 1;
    const point = Number.parseInt(this.hex.slice(1), 16);
    if (this.hexLength === 4) this.out += "\\u" + this.hex.slice(1);
    else if (point <= 0x10ffff) this.out += escapeText(String.fromCodePoint(point));
    else this.out += "\\\\" + this.hex;
    this.state = STRING;
    return pos + 1;
  }

  private inWord(text: string, from: number): number {
    const bare = this.style.bareWords === true && !this.isKey;
    let pos = from;
    while (pos < text.length) {
      const code = text.charCodeAt(pos);
      if (bare ? code === 44 || code === 125 || code === 93 : !isWordUnit(code)) break;
      pos++;
    }
    this.word += text.slice(from, pos);
    if (pos < text.length && !this.endWord()) return this.fail(pos);
    return pos;
  }

  private endWord(): boolean {
    const read = readWord(this.word, this.isKey || this.style.bareKey === true, this.style);
    if (read === undefined) {
      this.failed = true;
      return false;
    }
    if (read.repair !== undefined) this.repairs.add(read.repair);
    this.out += read.json;
    if (this.isKey) this.state = COLON;
    else this.endValue();
    return true;
  }
}
