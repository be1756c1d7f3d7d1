import { isObject, type JsonSchema } from "../../protocol/index.ts";
import { formatOf } from "./formats.ts";
import { brief, isTypeName } from "./json.ts";

/** Most values or names that are told one by one. */
const MAX_LISTED = 8;

const WORDS: Record<string, string> = {
  string: "a string",
  number: "a number",
  integer: "an integer",
  boolean: "true or false",
  null: "null",
  array: "a list",
  object: "an object",
};

/** What a schema asks for, in a few words: `an integer of at least 1`, `one of "a", "b"`. */
export function describeSchema(schema: unknown, depth = 0): string {
  if (!isObject(schema)) return schema === false ? "nothing" : "any value";
  if ("const" in schema) return brief(schema["const"]);
  if (Array.isArray(schema["enum"])) return listed("one of ", schema["enum"]);
  for (const keyword of ["anyOf", "oneOf"]) {
    const branches = schema[keyword];
    if (Array.isArray(branches) && schema["type"] === undefined && depth < 2) {
      const words = new Set(branches.map((branch) => describeSchema(branch, depth + 1)));
      return [...words].slice(0, MAX_LISTED).join(" or ");
    }
  }
  const types = [schema["type"]].flat().filter(isTypeName);
  if (types.length === 0)
    return isObject(schema["properties"]) ? describeType("object", schema, depth) : "any value";
  return types.map((type) => describeType(type, schema, depth)).join(" or ");
}

/** `lead` and the values, as JSON, the first few. */
export function listed(lead: string, values: readonly unknown[]): string {
  const shown = values.slice(0, MAX_LISTED).map((value) => brief(value, 40));
  const more = values.length - shown.length;
  return lead + shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function describeType(type: string, schema: JsonSchema, depth: number): string {
  const words = WORDS[type] ?? type;
  if (type === "string") return words + describeString(schema);
  if (type === "number" || type === "integer") return words + describeRange(schema);
  if (type === "array") return words + describeItems(schema, depth);
  if (type === "object") return words + describeFields(schema);
  return words;
}

function describeString(schema: JsonSchema): string {
  const parts: string[] = [];
  const format = formatOf(schema["format"]);
  if (format) parts.push(`: ${format.words}`);
  const size = bounds(schema["minLength"], schema["maxLength"], "characters");
  if (size) parts.push(` of ${size}`);
  if (typeof schema["pattern"] === "string") parts.push(` matching ${brief(schema["pattern"], 60)}`);
  return parts.join("");
}

function describeRange(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const parts: string[] = [];
  if (typeof minimum === "number" && typeof maximum === "number") parts.push(`from ${minimum} to ${maximum}`);
  else if (typeof minimum === "number") parts.push(`of at least ${minimum}`);
  else if (typeof maximum === "number") parts.push(`of at most ${maximum}`);
  if (typeof exclusiveMinimum === "number") parts.push(`above ${exclusiveMinimum}`);
  if (typeof exclusiveMaximum === "number") parts.push(`below ${exclusiveMaximum}`);
  if (typeof multipleOf === "number") parts.push(`that is a multiple of ${multipleOf}`);
  return parts.length === 0 ? "" : ` ${parts.join(" and ")}`;
}

function describeItems(schema: JsonSchema, depth: number): string {
  const size = bounds(schema["minItems"], schema["maxItems"], "entries");
  const sized = size ? ` of ${size}` : "";
  const prefix = schema["prefixItems"];
  if (Array.isArray(prefix) && depth < 2) {
    const parts = prefix.slice(0, MAX_LISTED).map((item) => describeSchema(item, depth + 1));
    return ` of exactly these: ${parts.join(", ")}`;
  }
  if (!isObject(schema["items"]) || depth >= 2) return sized;
  const items = describeSchema(schema["items"], depth + 1);
  return items === "any value" ? sized : `${sized}${sized ? "," : ""} each ${items}`;
}

function describeFields(schema: JsonSchema): string {
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  if (required.length > 0) return listed(" with ", required);
  const known = isObject(schema["properties"]) ? Object.keys(schema["properties"]) : [];
  return known.length > 0 ? listed(" that may have ", known) : "";
}

function bounds(least: unknown, most: unknown, unit: string): string | undefined {
  if (typeof least === "number" && typeof most === "number") {
    return least === most ? `exactly ${least} ${unit}` : `${least} to ${most} ${unit}`;
  }
  if (typeof least === "number") return `at least ${least} ${unit}`;
  return typeof most === "number" ? `at most ${most} ${unit}` : undefined;
}
