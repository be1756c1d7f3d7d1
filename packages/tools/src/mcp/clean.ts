import { isObject, type JsonObject, type JsonSchema, type JsonValue } from "hearth";
import { neutralise } from "hearth/formats";
import { MCP_LIMITS } from "./types.ts";

/** Deeper schemas are no descriptions of arguments, they are attacks on whoever walks them. */
const MAX_DEPTH = 32;

/** Control characters, marks of direction, and the invisible alphabet that hides text from people (U+E0000 …). */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** What a server says of a thing, as it may stand in a prompt: visible, bounded, without tokens of chat templates. */
export function cleanText(text: string, most: number): string {
  const visible = text.replaceAll("\r\n", "\n").toWellFormed().replace(HIDDEN, "").trim();
  const bounded = visible.length > most ? `${visible.slice(0, most - 1)}…` : visible;
  return neutralise(bounded);
}

/** Keywords that say something to the reader and nothing to the validator. */
const PROSE: ReadonlySet<string> = new Set(["description", "title", "$comment"]);
/** Keywords that no model needs. */
const DROPPED: ReadonlySet<string> = new Set(["$comment", "$schema", "examples", "markdownDescription"]);

/**
 * The schema of a tool's arguments, ready for a prompt: an object schema as the server gave it, its descriptions cleaned.
 * In words why it can't be one. Other texts in it (names, enum values, defaults) go back to the server and are never changed:
 * where one holds a token of a template, the schema is refused.
 */
export function cleanSchema(given: unknown): { schema: JsonSchema } | { fault: string } {
  if (given === undefined || given === null) return { schema: { type: "object", properties: {} } };
  if (!isObject(given)) return { fault: "its schema is no object" };
  const { type } = given;
  if (type !== undefined && type !== "object")
    return { fault: `its arguments are no object but ${JSON.stringify(type)}` };
  try {
    const cleaned = walk(given, "schema", 0);
    if (!isObject(cleaned)) return { fault: "its schema is no object" };
    const schema: JsonObject = type === undefined ? { type: "object", ...cleaned } : cleaned;
    const { length } = JSON.stringify(schema);
    if (length > MCP_LIMITS.schema) return { fault: `its schema is ${length} characters long` };
    return { schema };
  } catch (error) {
    if (error instanceof Unclean) return { fault: error.message };
    throw error;
  }
}

class Unclean extends Error {}

/** `names`: an object whose keys are names of the server's own (`properties`), not keywords. */
type Place = "schema" | "names" | "data";

function walk(value: JsonValue | undefined, place: Place, depth: number): JsonValue | undefined {
  if (depth > MAX_DEPTH) throw new Unclean(`its schema is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value === "string") return plain(value);
  if (Array.isArray(value))
    return value.map((item) => walk(item, place === "names" ? "data" : place, depth + 1) ?? null);
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    if (place !== "data" && key === "__proto__") throw new Unclean('a field is named "__proto__"');
    if (place === "schema" && DROPPED.has(key)) continue;
    if (place === "schema" && PROSE.has(key) && typeof inner === "string") {
      out[key] = cleanText(inner, MCP_LIMITS.fieldDescription);
    } else out[plain(key)] = walk(inner, innerPlace(place, key), depth + 1);
  }
  return out;
}

const NAMED: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
]);
const DATA: ReadonlySet<string> = new Set(["enum", "const", "default", "required"]);

function innerPlace(place: Place, key: string): Place {
  if (place === "names") return "schema";
  if (place === "data" || DATA.has(key)) return "data";
  return NAMED.has(key) ? "names" : "schema";
}

function plain(text: string): string {
  if (neutralise(text) !== text) throw new Unclean("its schema holds tokens of a chat template");
  return text;
}
