import { isObject, type JsonObject, type JsonSchema, type JsonValue } from "../../protocol/index.ts";

export type TypeName = "string" | "number" | "integer" | "boolean" | "null" | "object" | "array";

/** Names that tool definitions in the wild use beside JSON Schema's own. */
const ALIASES: Readonly<Record<string, TypeName>> = {
  string: "string",
  str: "string",
  text: "string",
  varchar: "string",
  char: "string",
  enum: "string",
  number: "number",
  float: "number",
  double: "number",
  num: "number",
  decimal: "number",
  integer: "integer",
  int: "integer",
  int32: "integer",
  int64: "integer",
  long: "integer",
  short: "integer",
  uint: "integer",
  boolean: "boolean",
  bool: "boolean",
  binary: "boolean",
  null: "null",
  none: "null",
  object: "object",
  dict: "object",
  map: "object",
  array: "array",
  list: "array",
  arr: "array",
  tuple: "array",
}; // prettier-ignore

/** Types a value may have by this schema; empty where the schema does not say. References are looked up in `root`. */
export function typesOf(schema: JsonValue | undefined, root: JsonSchema, depth = 0): Set<TypeName> {
  const found = new Set<TypeName>();
  if (!isObject(schema) || depth > 8) return found;
  const add = (type: JsonValue | undefined): void => {
    if (typeof type !== "string") return;
    const name = ALIASES[type.toLowerCase()] ?? ALIASES[(/^[a-z]+/.exec(type.toLowerCase()) ?? [""])[0]];
    if (name !== undefined) found.add(name);
  };
  if (Array.isArray(schema.type)) for (const type of schema.type) add(type);
  else add(schema.type);
  if (schema.nullable === true) found.add("null");
  if (found.size === 0 || (found.size === 1 && found.has("null"))) {
    for (const value of Array.isArray(schema.enum) ? schema.enum : []) found.add(typeOf(value));
    if ("const" in schema && schema.const !== undefined) found.add(typeOf(schema.const));
    for (const key of ["anyOf", "oneOf", "allOf"] as const) {
      const list = schema[key];
      for (const part of Array.isArray(list) ? list : [])
        for (const type of typesOf(part, root, depth + 1)) found.add(type);
    }
    const target = resolve(schema, root);
    if (target !== undefined) for (const type of typesOf(target, root, depth + 1)) found.add(type);
    if (isObject(schema.properties)) found.add("object");
    if (schema.items !== undefined) found.add("array");
  }
  return found;
}

/** What a local `$ref` points to. */
export function resolve(schema: JsonObject, root: JsonSchema): JsonObject | undefined {
  if (typeof schema.$ref !== "string" || !schema.$ref.startsWith("#/")) return undefined;
  let at: JsonValue | undefined = root;
  for (const part of schema.$ref.slice(2).split("/")) {
    if (!isObject(at)) return undefined;
    at = at[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return isObject(at) ? at : undefined;
}

export function typeOf(value: JsonValue): TypeName {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  const type = typeof value;
  if (type === "number") return Number.isInteger(value) ? "integer" : "number";
  return type === "string" || type === "boolean" ? type : "object";
}

/** Schema of one property of an object's schema, looking through references and unions; undefined where there is none. */
export function propertyOf(
  schema: JsonValue | undefined,
  key: string,
  root: JsonSchema,
  depth = 0,
): JsonObject | undefined {
  if (!isObject(schema) || depth > 8) return undefined;
  const own = isObject(schema.properties) ? schema.properties[key] : undefined;
  if (isObject(own)) return own;
  for (const part of partsOf(schema, root)) {
    const found = propertyOf(part, key, root, depth + 1);
    if (found !== undefined) return found;
  }
  return isObject(schema.additionalProperties) ? schema.additionalProperties : undefined;
}

/** Schema of the items of an array's schema. */
export function itemsOf(schema: JsonValue | undefined, root: JsonSchema, depth = 0): JsonObject | undefined {
  if (!isObject(schema) || depth > 8) return undefined;
  if (isObject(schema.items)) return schema.items;
  for (const part of partsOf(schema, root)) {
    const found = itemsOf(part, root, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function partsOf(schema: JsonObject, root: JsonSchema): JsonValue[] {
  const parts: JsonValue[] = [];
  for (const key of ["anyOf", "oneOf", "allOf"] as const) {
    const list = schema[key];
    if (Array.isArray(list)) parts.push(...list);
  }
  const target = resolve(schema, root);
  if (target !== undefined) parts.push(target);
  return parts;
}
