/** A set of GBNF rules under construction. Rules with the same body are shared; names are made unique and legal. */
export class Gbnf {
  readonly #bodies = new Map<string, string>();
  readonly #byBody = new Map<string, string>();

  /** Adds a rule and returns its name; `hint` is shortened to what GBNF allows (letters, digits, `-`). */
  rule(hint: string, body: string): string {
    const known = this.#byBody.get(body);
    if (known !== undefined) return known;
    const name = this.reserve(hint);
    this.define(name, body);
    this.#byBody.set(body, name);
    return name;
  }

  /** A name for a rule whose body comes later, for rules that refer to themselves. */
  reserve(hint: string): string {
    const base = hint.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-+|-+$/g, "") || "r";
    const taken = (name: string) => name === "root" || this.#bodies.has(name);
    let name = base;
    for (let n = 2; taken(name); n++) name = `${base}-${n}`;
    this.#bodies.set(name, "");
    return name;
  }

  define(name: string, body: string): void {
    this.#bodies.set(name, body);
  }

  /** The whole grammar as text, with `root` first. */
  text(root: string): string {
    const lines = [`root ::= ${root}`];
    for (const [name, body] of this.#bodies) lines.push(`${name} ::= ${body}`);
    return lines.join("\n") + "\n";
  }
}

/** A quoted terminal. Everything outside printable ASCII is written as an escape, so that no reader trips over it. */
export function literal(text: string): string {
  let out = '"';
  for (const char of text) out += char === '"' || char === "\\" ? `\\${char}` : escaped(char);
  return `${out}"`;
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return char;
  if (code === 0x0a) return "\\n";
  if (code === 0x0d) return "\\r";
  if (code === 0x09) return "\\t";
  return codeEscape(code);
}

function codeEscape(code: number): string {
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** Code points from `low` to `high`, both included. */
export type Range = readonly [low: number, high: number];

/** `[…]` of these ranges, or `[^…]` of them. */
export function charClass(ranges: readonly Range[], negated = false): string {
  const one = (code: number) =>
    /[a-zA-Z0-9]/.test(String.fromCodePoint(code)) ? String.fromCodePoint(code) : codeEscape(code);
  const body = ranges.map(([low, high]) => (low === high ? one(low) : `${one(low)}-${one(high)}`));
  return `[${negated ? "^" : ""}${body.join("")}]`;
}

/** `( a | b )`, or the one alternative as it is. */
export function anyOf(alternatives: readonly string[]): string {
  const distinct = [...new Set(alternatives)];
  return distinct.length === 1 ? (distinct[0] ?? '""') : `(${distinct.join(" | ")})`;
}

/** Parts one after another; empty where there is none. */
export function sequence(...parts: string[]): string {
  const kept = parts.filter((part) => part !== "" && part !== '""');
  return kept.length === 0 ? '""' : kept.join(" ");
}

/** `item` from `min` to `max` times (no end where `max` is left out). */
export function repeat(item: string, min: number, max?: number): string {
  if (max === 0) return '""';
  const unit = /^("([^"\\]|\\.)*"|\[([^\]\\]|\\.)*\]|[a-zA-Z0-9-]+|\((?:[^()"[\]]|"([^"\\]|\\.)*")*\))$/.test(
    item,
  )
    ? item
    : `(${item})`;
  if (min === 0 && max === undefined) return `${unit}*`;
  if (min === 1 && max === undefined) return `${unit}+`;
  if (min === 0 && max === 1) return `${unit}?`;
  if (min === max) return min === 1 ? item : `${unit}{${min}}`;
  return `${unit}{${min},${max ?? ""}}`;
}
