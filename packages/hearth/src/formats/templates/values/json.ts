import { typeError } from "../errors.ts";
import { checkChars, isLenient, spend } from "../limits.ts";
import { comparePoints } from "../text/unicode.ts";
import { double, floatRepr, isInt, numeric } from "./numbers.ts";
import { ordered, sequenceItems, toList } from "./operators.ts";
import { typeName } from "./repr.ts";
import { Dict, Generator, textOf, type Value } from "./types.ts";

export interface DumpOptions {
  ensureAscii: boolean;
  /** One level of indentation; undefined: all on one line. */
  indent: string | undefined;
  itemSeparator: string;
  keySeparator: string;
  sortKeys: boolean;
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\f": "\\f",
  "\b": "\\b",
};

const escaped = (char: string): string =>
  SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A JSON string as `json.dumps` writes it; without `ensureAscii` only quotes, backslash and control characters are escaped. */
export function jsonString(text: string, ensureAscii: boolean): string {
  return `"${text.replace(ensureAscii ? /["\\]|[^ -~]/g : /["\\\x00-\x1f]/g, escaped)}"`;
}

function jsonFloat(n: number): string {
  if (Number.isNaN(n)) return "NaN";
  return Number.isFinite(n) ? floatRepr(n) : n > 0 ? "Infinity" : "-Infinity";
}

/** `json.dumps(value, …)`. */
export function dumpJson(value: Value, options: DumpOptions): string {
  let length = 0;
  const write = (item: Value, newline: string): string => {
    const out = one(item, newline);
    length += out.length;
    return out;
  };
  const one = (item: Value, newline: string): string => {
    spend(1);
    if (item === null) return "null";
    const text = textOf(item);
    if (text !== undefined) return jsonString(text, options.ensureAscii);
    if (typeof item === "boolean") return item ? "true" : "false";
    const number = numeric(item);
    if (number !== undefined) return isInt(item) ? String(item) : jsonFloat(double(number));
    const items =
      sequenceItems(item) ?? (isLenient() && item instanceof Generator ? toList(item) : undefined);
    const inner = options.indent === undefined ? newline : newline + options.indent;
    if (items !== undefined)
      return wrap(
        "[",
        items.map((part) => write(part, inner)),
        "]",
        newline,
        inner,
      );
    if (!(item instanceof Dict)) throw typeError(`Object of type ${typeName(item)} is not JSON serializable`);
    const entries = options.sortKeys ? sorted(item.entries()) : item.entries();
    const parts = entries.map(
      ([key, part]) =>
        jsonString(keyText(key), options.ensureAscii) + options.keySeparator + write(part, inner),
    );
    return wrap("{", parts, "}", newline, inner);
  };
  const wrap = (open: string, parts: string[], close: string, newline: string, inner: string): string => {
    if (parts.length === 0) return open + close;
    checkChars(length);
    if (options.indent === undefined) return open + parts.join(options.itemSeparator) + close;
    return open + inner + parts.join(options.itemSeparator + inner) + newline + close;
  };
  return write(value, "\n");
}

const sorted = (entries: [Value, Value][]): [Value, Value][] =>
  entries.sort(([a], [b]) => {
    if (typeof a === "string" && typeof b === "string") return comparePoints(a, b);
    return ordered("<", a, b) ? -1 : ordered("<", b, a) ? 1 : 0;
  });

function keyText(key: Value): string {
  const text = textOf(key);
  if (text !== undefined) return text;
  if (key === null) return "null";
  if (typeof key === "boolean") return key ? "true" : "false";
  const number = numeric(key);
  if (number === undefined)
    throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
  return isInt(key) ? String(key) : jsonFloat(double(number));
}
