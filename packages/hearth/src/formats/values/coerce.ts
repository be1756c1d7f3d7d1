import type { JsonValue as Json, JsonSchema } from "../../protocol/index.ts";
import { escapeText } from "./escape.ts";
import { readJson } from "./read.ts";
import { type TypeName, typesOf } from "./schema.ts";
import { readNumber } from "./words.ts";

export interface Coerced {
  /** The value as JSON text. */
  json: string;
  /** Named where the text was not of the type the schema asks for. */
  repair?: string;
}

const quoted = (raw: string): string => `"${escapeText(raw)}"`;

/** Whether a value of this schema is text whatever it says, so that it can be handed on as it comes. */
export function isPlainText(types: ReadonlySet<TypeName>): boolean {
  return types.size === 0 || (types.size === 1 && types.has("string"));
}

/**
 * The value that a raw text stands for, by the parameter's schema. Nothing is guessed: a number that would lose digits or
 * leading zeros stays text where text is allowed, `null` is null only where the schema has it, and what fits no type
 * stays the text it was.
 */
export function coerce(raw: string, schema: Json | undefined, root: JsonSchema): Coerced {
  const types = typesOf(schema, root);
  if (isPlainText(types)) return { json: quoted(raw) };
  const text = raw.trim();
  const lower = text.toLowerCase();
  const isText = types.has("string");
  if (types.has("null") && (lower === "null" || lower === "none" || (text === "" && !isText)))
    return { json: "null" };
  if (types.has("boolean") && (lower === "true" || lower === "false")) return { json: lower };
  if (types.has("integer") || types.has("number")) {
    const number = readNumber(text);
    if (number !== undefined && !(isText && losesDigits(number))) return { json: number };
  }
  if ((types.has("object") && text.startsWith("{")) || (types.has("array") && text.startsWith("["))) {
    const value = readJson(text) ?? readJson(text, { python: true });
    if (value !== undefined)
      return value.repairs.length > 0 ? { json: value.json, repair: "mended-value" } : value;
  }
  if (isText) return { json: quoted(raw) };
  const unquoted = unquote(text);
  if (unquoted !== undefined && unquoted !== text)
    return { ...coerce(unquoted, schema, root), repair: "quoted-value" };
  return { json: quoted(raw), repair: "type-mismatch" };
}

/** A value whose type stands on the wire: JSON where it reads as JSON, else text. */
export function jsonOrText(raw: string): string {
  return readJson(raw.trim())?.json ?? quoted(raw);
}

function losesDigits(number: string): boolean {
  return /^-?\d+$/.test(number) && !Number.isSafeInteger(Number(number));
}

/** A JSON string around the whole text: the value inside. */
function unquote(text: string): string | undefined {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
