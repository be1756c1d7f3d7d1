import { isObject } from "../../protocol/index.ts";
import { brief, canonical, fits, type TypeName } from "./json.ts";

/** A value read as what was asked for, and what was done, in words. */
export interface Coerced {
  value: unknown;
  repair: string;
}

/** A number as JSON writes it: no leading zeros, no plus, no separators. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Longest JSON text that is read back out of a string. */
const MAX_TEXT_CHARS = 4_000_000;

/**
 * A value that does not fit, read as one of `types` where that changes nothing of its meaning: `"1"` is 1, `"007"` is not 7.
 * Wrapping a single value in a list is not done here: it depends on the items.
 */
export function coerceType(value: unknown, types: ReadonlySet<TypeName>): Coerced | undefined {
  if (typeof value === "string") return fromText(value, types);
  if (types.has("string") && typeof value === "number") {
    const exact = Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
    return exact ? { value: String(value), repair: `${value} read as a string` } : undefined;
  }
  return undefined;
}

function fromText(value: string, types: ReadonlySet<TypeName>): Coerced | undefined {
  const text = value.trim();
  if (types.has("number") || types.has("integer")) {
    const number = exactNumber(text);
    if (number !== undefined && (types.has("number") || Number.isInteger(number))) {
      return { value: number, repair: `${brief(value)} read as a number` };
    }
  }
  const lower = text.toLowerCase();
  if (types.has("boolean") && (lower === "true" || lower === "false")) {
    return { value: lower === "true", repair: `${brief(value)} read as ${lower}` };
  }
  if (types.has("null") && (lower === "null" || lower === "none")) {
    return { value: null, repair: `${brief(value)} read as null` };
  }
  if (types.has("object") && text.startsWith("{")) return fromJson(text, isObject, "an object");
  if (types.has("array") && text.startsWith("[")) return fromJson(text, Array.isArray, "a list");
  // Twice stringified: "\"{…}\"".
  if ((types.has("object") || types.has("array")) && text.startsWith('"') && text.endsWith('"')) {
    const inner = parse(text);
    if (typeof inner === "string" && inner.length < text.length) return fromText(inner, types);
  }
  return undefined;
}

function fromJson(text: string, wanted: (value: unknown) => boolean, words: string): Coerced | undefined {
  const value = parse(text);
  return wanted(value) ? { value, repair: `JSON text read as ${words}` } : undefined;
}

function parse(text: string): unknown {
  if (text.length > MAX_TEXT_CHARS) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The number that a text writes, when a double holds it exactly: up to 15 digits always do, more when they come back the same. */
export function exactNumber(text: string): number | undefined {
  if (text.length > 40 || !NUMBER.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  if (String(value) === text) return value;
  const digits = text
    .replace(/[eE].*$/, "")
    .replace(/[^\d]/g, "")
    .replace(/^0+/, "");
  return digits.length <= 15 && (value !== 0 || digits === "") ? value : undefined;
}

/** The one allowed value that a value stands for: the same letters in another case, or the same number or word as text. */
export function coerceEnum(value: unknown, allowed: readonly unknown[]): Coerced | undefined {
  const key = plainText(value);
  if (key === undefined) return jsonVariant(value, allowed);
  const exact = allowed.filter(
    (candidate) => typeof candidate !== typeof value && plainText(candidate) === key,
  );
  const found =
    exact.length > 0
      ? exact
      : allowed.filter((candidate) => plainText(candidate)?.toLowerCase() === key.toLowerCase());
  return found.length === 1
    ? { value: found[0], repair: `${brief(value)} read as ${brief(found[0])}` }
    : jsonVariant(value, allowed);
}

/** Text of a scalar as a model may write it. */
function plainText(value: unknown): string | undefined {
  if (typeof value === "string") return value.trim();
  return typeof value === "boolean" || value === null || fits(value, "number") ? String(value) : undefined;
}

/** An allowed list or object that was given as its JSON text. */
function jsonVariant(value: unknown, allowed: readonly unknown[]): Coerced | undefined {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return undefined;
  const parsed = parse(value);
  const text = parsed === undefined ? undefined : canonical(parsed);
  const found = text === undefined ? undefined : allowed.find((candidate) => canonical(candidate) === text);
  return found === undefined ? undefined : { value: found, repair: "JSON text read as its value" };
}
