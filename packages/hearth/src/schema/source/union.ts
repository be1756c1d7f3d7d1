import { isObject, type JsonSchema, type JsonValue } from "../../protocol/index.ts";
import { schemaOfValues } from "./values.ts";

/** One schema for the values of any of these: literals become one `enum`, what another holds already is left out. */
export function unionOf(members: readonly JsonSchema[]): JsonSchema {
  const flat = members.flatMap((member) => branchesOf(member));
  const types = new Set(flat.filter((member) => isBareType(member)).map((member) => member["type"]));
  const values: JsonValue[] = [];
  const parts: JsonSchema[] = [];
  let valuesAt = -1;
  for (const member of flat) {
    const own = literalsOf(member);
    if (own) {
      // The literals stand where the first of them stood.
      if (valuesAt < 0) valuesAt = parts.length;
      values.push(...own.filter((value) => !types.has(typeof value)));
    } else if (!parts.some((part) => JSON.stringify(part) === JSON.stringify(member))) parts.push(member);
  }
  if (values.length > 0) {
    const schema = schemaOfValues(values);
    parts.splice(valuesAt, 0, ...branchesOf(schema));
  }
  // `null` last: the value itself is what people read first.
  parts.sort((a, b) => Number(a["type"] === "null") - Number(b["type"] === "null"));
  const [only] = parts;
  return parts.length === 1 && only ? only : { anyOf: parts };
}

/** A union inside a union is one. One with a description of its own stays whole. */
function branchesOf(schema: JsonSchema): JsonSchema[] {
  const { anyOf, ...rest } = schema;
  return Array.isArray(anyOf) && Object.keys(rest).length === 0 ? anyOf.filter(isObject) : [schema];
}

function isBareType(schema: JsonSchema): boolean {
  return typeof schema["type"] === "string" && Object.keys(schema).length === 1;
}

/** The values of a schema that is only values. */
function literalsOf(schema: JsonSchema): JsonValue[] | undefined {
  const { type: _, const: fixed, enum: allowed, ...rest } = schema;
  if (Object.keys(rest).length > 0) return undefined;
  if (fixed !== undefined) return [fixed];
  return Array.isArray(allowed) ? allowed : undefined;
}
