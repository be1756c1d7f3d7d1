import { valueError } from "../errors.ts";
import { int } from "./numbers.ts";
import { Dict, float, PyObject, type Value } from "./types.ts";

/**
 * A JavaScript value as a Python one. A number is an int where it is integral and safe, else a float; what JSON text
 * distinguishes beyond that (1.0, keys that look like numbers, in their order) only `readJson` can keep.
 */
export function toValue(data: unknown): Value {
  if (data === null || data === undefined) return null;
  if (typeof data === "string" || typeof data === "boolean" || typeof data === "bigint") return data;
  if (typeof data === "number") return Number.isSafeInteger(data) ? (data === 0 ? 0 : data) : float(data);
  if (data instanceof PyObject) return data;
  if (Array.isArray(data)) return data.map(toValue);
  if (typeof data === "object") {
    const dict = new Dict();
    for (const [key, value] of Object.entries(data)) if (value !== undefined) dict.set(key, toValue(value));
    return dict;
  }
  throw valueError(`a template variable can't be a ${typeof data}`);
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const BLANK = /[ \t\n\r]*/y;

/** Reads JSON text as Python's `json.loads` does: 1.0 stays a float, large ints stay exact, keys keep their order. */
export function readJson(text: string): Value {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at += match[0].length;
    return match;
  };
  const fail = (): never => {
    throw valueError(`no JSON at character ${at}`);
  };
  const literal = (word: string, value: Value): Value => {
    if (!text.startsWith(word, at)) fail();
    at += word.length;
    return value;
  };
  const string = (): string => {
    const match = take(STRING) ?? fail();
    return JSON.parse(match[0]) as string;
  };
  const value = (): Value => {
    take(BLANK);
    const char = text[at];
    if (char === '"') return string();
    if (char === "{") return object();
    if (char === "[") return array();
    if (char === "t") return literal("true", true);
    if (char === "f") return literal("false", false);
    if (char === "n") return literal("null", null);
    if (char === "N") return literal("NaN", float(Number.NaN));
    if (text.startsWith("Infinity", at)) return literal("Infinity", float(Number.POSITIVE_INFINITY));
    if (text.startsWith("-Infinity", at)) return literal("-Infinity", float(Number.NEGATIVE_INFINITY));
    const match = take(NUMBER) ?? fail();
    const whole = match[1] === undefined && match[2] === undefined;
    return whole ? int(BigInt(match[0])) : float(Number(match[0]));
  };
  /** Items between brackets, separated by commas. */
  const list = (close: string, item: () => void): void => {
    at++;
    take(BLANK);
    if (text[at] === close) {
      at++;
      return;
    }
    for (;;) {
      item();
      take(BLANK);
      const next = text[at++];
      if (next === close) return;
      if (next !== ",") fail();
    }
  };
  const array = (): Value => {
    const out: Value[] = [];
    list("]", () => out.push(value()));
    return out;
  };
  const object = (): Value => {
    const dict = new Dict();
    list("}", () => {
      take(BLANK);
      const key = string();
      take(BLANK);
      if (text[at++] !== ":") fail();
      dict.set(key, value());
    });
    return dict;
  };
  const result = value();
  take(BLANK);
  return at === text.length ? result : fail();
}
