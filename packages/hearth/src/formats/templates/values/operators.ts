import { TemplateError, typeError } from "../errors.ts";
import { checkChars, checkItems, spend } from "../limits.ts";
import { comparePoints, pointLength, points } from "../text/unicode.ts";
import { arithmetic, index, isFloat, type Numeric, numeric } from "./numbers.ts";
import { typeName } from "./repr.ts";
import {
  Dict,
  DictView,
  Float,
  Generator,
  Markup,
  Range,
  Tuple,
  textOf,
  Undefined,
  type Value,
} from "./types.ts";

export const undefinedError = (value: Undefined): TemplateError =>
  new TemplateError(value.unsafe ? "security" : "undefined", value.message);

/** Everything but printing, looping and testing an undefined value fails. */
export function defined(value: Value): Value {
  if (value instanceof Undefined) throw undefinedError(value);
  return value;
}

export function truth(value: Value): boolean {
  if (typeof value === "boolean") return value;
  if (value === null) return false;
  if (typeof value !== "object") return Boolean(value);
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof Undefined) return false;
  if (value instanceof Float) return value.n !== 0;
  if (value instanceof Tuple) return value.items.length > 0;
  if (value instanceof Markup) return value.text !== "";
  if (value instanceof Range) return value.length > 0;
  if (value instanceof DictView) return value.dict.size > 0;
  return true;
}

/** Items of a list or tuple; undefined for all else. */
export function sequenceItems(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof Tuple ? value.items : undefined;
}

/** `a == b`. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (typeof a === "string" && typeof b === "string") return false;
  spend(1);
  const x = numeric(a);
  if (x !== undefined) {
    const y = numeric(b);
    return y !== undefined && compareNumbers(x, y) === 0;
  }
  if (Array.isArray(a)) return Array.isArray(b) && equalItems(a, b);
  if (a instanceof Tuple) return b instanceof Tuple && equalItems(a.items, b.items);
  if (a instanceof Dict) {
    if (!(b instanceof Dict) || a.size !== b.size) return false;
    for (const [key, value] of a.entries()) {
      const other = b.get(key);
      if (other === undefined || !equal(value, other)) return false;
    }
    return true;
  }
  if (a instanceof Undefined) return b instanceof Undefined;
  if (a instanceof Range)
    return (
      b instanceof Range && a.length === b.length && [...iterate(a)].every((item, i) => item === b.at(i))
    );
  const text = textOf(a);
  return text !== undefined && text === textOf(b);
}

function equalItems(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, i) => equal(item, b[i]!));
}

/** NaN when one of them is NaN. JavaScript compares number and bigint exactly. */
function compareNumbers(a: Numeric, b: Numeric): number {
  const x = a instanceof Float ? a.n : a;
  const y = b instanceof Float ? b.n : b;
  return x < y ? -1 : x > y ? 1 : Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : 0;
}

export type Ordering = "<" | "<=" | ">" | ">=";

/** `a < b` and its kin. */
export function ordered(op: Ordering, a: Value, b: Value): boolean {
  const order = order3(a, b, op);
  if (op === "<") return order < 0;
  if (op === "<=") return order <= 0;
  return op === ">" ? order > 0 : order >= 0;
}

function order3(a: Value, b: Value, op: Ordering): number {
  spend(1);
  defined(a);
  defined(b);
  const x = numeric(a);
  const y = numeric(b);
  if (x !== undefined && y !== undefined) return compareNumbers(x, y);
  const s = textOf(a);
  const t = textOf(b);
  if (s !== undefined && t !== undefined) return comparePoints(s, t);
  const both = Array.isArray(a) === Array.isArray(b);
  const p = sequenceItems(a);
  const q = sequenceItems(b);
  if (p === undefined || q === undefined || !both)
    throw typeError(`'${op}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
  for (let i = 0; i < p.length && i < q.length; i++)
    if (!equal(p[i]!, q[i]!)) return order3(p[i]!, q[i]!, op);
  return p.length - q.length;
}

/** `len(x)`. */
export function length(value: Value): number {
  if (typeof value === "string") return pointLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof Undefined) return 0;
  if (value instanceof Markup) return pointLength(value.text);
  if (value instanceof Range) return value.length;
  if (value instanceof DictView) return value.dict.size;
  const own = value !== null && typeof value === "object" ? value.len() : undefined;
  if (own !== undefined) return own;
  throw typeError(`object of type '${typeName(value)}' has no len()`);
}

/** `iter(x)`; undefined where it can't be iterated. */
export function tryIterate(value: Value): Iterable<Value> | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return points(value);
  if (value instanceof Dict) return value.keys();
  if (value instanceof Tuple) return value.items;
  if (value instanceof Generator) return value;
  if (value instanceof Range) return rangeItems(value);
  if (value instanceof DictView) return value.list();
  if (value instanceof Undefined) return [];
  return value instanceof Markup ? points(value.text) : undefined;
}

function* rangeItems(range: Range): Generator_ {
  for (let i = 0; i < range.length; i++) yield range.at(i);
}
type Generator_ = Iterable<Value> & Iterator<Value>;

export function iterate(value: Value): Iterable<Value> {
  const items = tryIterate(value);
  if (items === undefined) throw typeError(`'${typeName(value)}' object is not iterable`);
  return items;
}

/** `list(x)`. */
export function toList(value: Value): Value[] {
  const out: Value[] = [];
  for (const item of iterate(value)) out.push(item);
  checkItems(out.length);
  return out;
}

/** `needle in haystack`. */
export function contains(haystack: Value, needle: Value): boolean {
  const text = textOf(haystack);
  if (text !== undefined) {
    const part = textOf(needle);
    if (part === undefined)
      throw typeError(`'in <string>' requires string as left operand, not ${typeName(needle)}`);
    return text.includes(part);
  }
  if (haystack instanceof Dict) return haystack.has(needle);
  if (haystack instanceof DictView && haystack.typeName === "dict_keys") return haystack.dict.has(needle);
  const items = tryIterate(haystack);
  if (items === undefined) throw typeError(`argument of type '${typeName(haystack)}' is not iterable`);
  for (const item of items) {
    spend(1);
    if (equal(item, needle)) return true;
  }
  return false;
}

export type Arithmetic = "+" | "-" | "*" | "/" | "//" | "%" | "**";

/** The operators but string formatting (`"%s" % x`), which stands above this. */
export function operate(op: Arithmetic, a: Value, b: Value): Value {
  const x = numeric(a);
  const y = numeric(b);
  if (x !== undefined && y !== undefined) return arithmetic(op, x, y);
  defined(a);
  defined(b);
  if (op === "+") {
    const s = textOf(a);
    const t = textOf(b);
    if (s !== undefined && t !== undefined) return addText(a, b, s, t);
    if (Array.isArray(a) && Array.isArray(b)) {
      checkItems(a.length + b.length);
      return [...a, ...b];
    }
    if (a instanceof Tuple && b instanceof Tuple) {
      checkItems(a.items.length + b.items.length);
      return new Tuple([...a.items, ...b.items]);
    }
  }
  if (op === "*") {
    const [times, other] = x === undefined ? [b, a] : [a, b];
    if (numeric(times) !== undefined && !isFloat(times)) {
      const repeated = repeat(other, index(times));
      if (repeated !== undefined) return repeated;
    }
  }
  throw typeError(`unsupported operand type(s) for ${op}: '${typeName(a)}' and '${typeName(b)}'`);
}

function addText(a: Value, b: Value, s: string, t: string): Value {
  checkChars(s.length + t.length);
  if (!(a instanceof Markup) && !(b instanceof Markup)) return s + t;
  return new Markup((a instanceof Markup ? s : escapeHtml(s)) + (b instanceof Markup ? t : escapeHtml(t)));
}

function repeat(value: Value, times: number): Value | undefined {
  const count = Math.max(0, times);
  const text = textOf(value);
  if (text !== undefined) {
    checkChars(text.length * count);
    return value instanceof Markup ? new Markup(text.repeat(count)) : text.repeat(count);
  }
  const items = sequenceItems(value);
  if (items === undefined) return undefined;
  checkItems(items.length * count);
  const out: Value[] = [];
  for (let i = 0; i < count && items.length > 0; i++) for (const item of items) out.push(item);
  return Array.isArray(value) ? out : new Tuple(out);
}

/** MarkupSafe's five characters. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll(">", "&gt;")
    .replaceAll("<", "&lt;")
    .replaceAll("'", "&#39;")
    .replaceAll('"', "&#34;");
