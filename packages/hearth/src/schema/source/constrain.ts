import { isObject, type JsonSchema, type JsonValue } from "../../protocol/index.ts";
import { isValid } from "../validate/check.ts";
import { regExpOf } from "../validate/pattern.ts";
import type { Tag } from "./doc.ts";

/** Which types a limit is for. */
const LIMITS: Record<string, readonly string[]> = {
  minimum: ["number", "integer"],
  maximum: ["number", "integer"],
  exclusiveMinimum: ["number", "integer"],
  exclusiveMaximum: ["number", "integer"],
  multipleOf: ["number", "integer"],
  minLength: ["string"],
  maxLength: ["string"],
  minItems: ["array"],
  maxItems: ["array"],
  uniqueItems: ["array"],
  pattern: ["string"],
  format: ["string"],
  integer: ["number", "integer"],
};

/** A schema with the tags of its comment; throws an `Error` with words where one does not fit. */
export function constrained(schema: JsonSchema, tags: readonly Tag[]): JsonSchema {
  let out = schema;
  for (const { name, text } of tags) {
    const types = LIMITS[name];
    if (types) out = limited(out, name, types, text);
    else if (name === "title") out = { ...out, title: text.replace(/\s+/g, " ") };
    else if (name === "deprecated") out = { ...out, deprecated: true };
    else if (name === "example") out = withExample(out, text);
    else if (name === "default") out = { ...out, default: fittingValue(out, text, name) };
  }
  return out;
}

function limited(schema: JsonSchema, name: string, types: readonly string[], text: string): JsonSchema {
  const { type, anyOf } = schema;
  if (typeof type === "string" && types.includes(type)) {
    return name === "integer" ? { ...schema, type: "integer" } : { ...schema, [name]: limitOf(name, text) };
  }
  if (Array.isArray(anyOf)) {
    const fits = (branch: JsonValue): boolean =>
      isObject(branch) && typeof branch["type"] === "string" && types.includes(branch["type"]);
    if (anyOf.some(fits)) {
      return {
        ...schema,
        anyOf: anyOf.map((branch) =>
          isObject(branch) && fits(branch) ? limited(branch, name, types, text) : branch,
        ),
      };
    }
  }
  throw new Error(`@${name} is for ${types[0] === "array" ? "lists" : `${types[0]}s`}, and this is none`);
}

function limitOf(name: string, text: string): JsonValue {
  const word = text.trim();
  if (name === "format") return word;
  if (name === "uniqueItems") return word !== "false";
  if (name === "pattern") {
    const pattern = /^\/(.*)\/[a-z]*$/s.exec(word)?.[1] ?? word;
    if (pattern === "" || !regExpOf(pattern)) throw new Error(`@pattern ${word} is no regular expression`);
    return pattern;
  }
  const [first = ""] = word.split(/\s/);
  const value = Number(first);
  const count = name.startsWith("min") || name.startsWith("max") ? /(?:Length|Items)$/.test(name) : false;
  if (first === "" || !Number.isFinite(value) || (count && (value < 0 || !Number.isInteger(value)))) {
    throw new Error(`@${name} needs a ${count ? "whole " : ""}number, not ${JSON.stringify(word)}`);
  }
  if (name === "multipleOf" && value <= 0) throw new Error("@multipleOf needs a number above 0");
  return value;
}

/** An example that is no value of the type is prose for people: it stays in the source. */
function withExample(schema: JsonSchema, text: string): JsonSchema {
  try {
    const example = fittingValue(schema, text, "example");
    const before = Array.isArray(schema["examples"]) ? schema["examples"] : [];
    return { ...schema, examples: [...before, example] };
  } catch {
    return schema;
  }
}

/** A text as a value of the schema: as JSON, else as it stands. */
export function fittingValue(schema: JsonSchema, text: string, name: string): JsonValue {
  const word = text.trim();
  const readings: JsonValue[] = [];
  try {
    readings.push(JSON.parse(word) as JsonValue);
  } catch {
    // No JSON: a text.
  }
  readings.push(word.replace(/^'(.*)'$/s, "$1"));
  const value = readings.find((reading) => isValid(schema, reading));
  if (value === undefined) throw new Error(`@${name} ${word} does not fit the type`);
  return value;
}

/** A number schema made one of integers wherever a second reading of the same type says integer. */
export function narrowed(schema: JsonSchema, by: JsonSchema): JsonSchema {
  if (schema["type"] === "number" && by["type"] === "integer") return { ...schema, type: "integer" };
  const { items, anyOf } = schema;
  if (isObject(items) && isObject(by["items"])) return { ...schema, items: narrowed(items, by["items"]) };
  const other = Array.isArray(by["anyOf"]) ? by["anyOf"].filter(isObject) : [by];
  if (!Array.isArray(anyOf)) return schema;
  const integer = other.some((branch) => branch["type"] === "integer");
  return {
    ...schema,
    anyOf: anyOf.map((branch) =>
      integer && isObject(branch) ? narrowed(branch, { type: "integer" }) : branch,
    ),
  };
}
