import { isObject, type JsonObject, type JsonSchema, type JsonValue } from "../../protocol/index.ts";
import { compiled } from "./compile.ts";
import { formatOf } from "./formats.ts";
import { isTypeName, put, sameJson, type TypeName } from "./json.ts";
import { indexOf, type SchemaIndex } from "./refs.ts";
import { newRun } from "./run.ts";
import { sampleOf } from "./sample.ts";

/** Levels of nesting an example is built for; a schema that needs more has no small example. */
const MAX_DEPTH = 12;
/** Entries and characters a minimal example may need at most. */
const MAX_SIZE = 1000;
/** Schemas that are looked at for one example. */
const MAX_NODES = 5000;

/** The smallest valid value that is easily found: required fields only, first branch, lowest bound. Nothing where none was found. */
export function exampleOf(schema: JsonSchema, root: JsonSchema = schema): JsonValue | undefined {
  const value = build(schema, { index: indexOf(root), depth: 0, path: [], budget: { left: MAX_NODES } });
  if (value === undefined) return undefined;
  return schema === root && !isValid(schema, value) ? undefined : value;
}

interface Site {
  index: SchemaIndex;
  depth: number;
  /** Schemas on the way: one that holds itself is left where another way is. */
  path: readonly unknown[];
  budget: { left: number };
}

function isValid(schema: JsonSchema, value: JsonValue): boolean {
  const run = newRun(false, false);
  compiled(schema).check(value, undefined, run);
  return run.faults.length === 0;
}

function build(schema: unknown, site: Site): JsonValue | undefined {
  if (schema === true || (isObject(schema) && Object.keys(schema).length === 0)) return "text";
  if (!isObject(schema) || site.depth > MAX_DEPTH || site.path.includes(schema)) return undefined;
  if (--site.budget.left < 0) return undefined;
  const inner: Site = { ...site, depth: site.depth + 1, path: [...site.path, schema] };
  const given = givenValue(schema);
  if (given !== undefined) return given;
  const whole = merged(schema, inner);
  if (whole === undefined) return undefined;
  const again = whole === schema ? undefined : givenValue(whole);
  if (again !== undefined) return again;
  for (const keyword of ["anyOf", "oneOf"]) {
    const branches = whole[keyword];
    if (!Array.isArray(branches)) continue;
    const { [keyword]: _, ...rest } = whole;
    for (const branch of branches) {
      const candidate = branch === true ? rest : isObject(branch) ? join(rest, branch) : undefined;
      const value = candidate && build(candidate, inner);
      if (value !== undefined) return value;
    }
    return undefined;
  }
  const types = [whole["type"]].flat().filter(isTypeName);
  const type: TypeName = types.find((name) => name !== "null") ?? types[0] ?? guessType(whole);
  return ofType(type, whole, inner);
}

/** A value the schema itself names. */
function givenValue(schema: JsonSchema): JsonValue | undefined {
  if ("const" in schema) return schema["const"];
  const { enum: allowed, examples } = schema;
  if (Array.isArray(allowed)) return allowed[0];
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  return schema["default"];
}

/** A schema with what it refers to, and what all of it must hold, put into one. */
function merged(schema: JsonSchema, site: Site): JsonSchema | undefined {
  let out = schema;
  const ref = schema["$ref"];
  if (typeof ref === "string") {
    const target = site.index.find(ref, schema);
    if (!isObject(target) || site.path.includes(target)) return undefined;
    const inner = merged(target, { ...site, path: [...site.path, target] });
    if (inner === undefined) return undefined;
    const { $ref: _, ...rest } = schema;
    out = join(inner, rest);
  }
  if (!Array.isArray(out["allOf"])) return out;
  const { allOf, ...rest } = out;
  let all: JsonSchema = rest;
  for (const branch of allOf as JsonValue[]) {
    if (branch === true) continue;
    if (!isObject(branch) || site.path.includes(branch)) return undefined;
    const inner = merged(branch, { ...site, path: [...site.path, branch] });
    if (inner === undefined) return undefined;
    all = join(all, inner);
  }
  return all;
}

function join(a: JsonSchema, b: JsonSchema): JsonSchema {
  const out: JsonSchema = { ...a, ...b };
  if (isObject(a["properties"]) && isObject(b["properties"])) {
    out["properties"] = { ...a["properties"], ...b["properties"] };
  }
  if (Array.isArray(a["required"]) && Array.isArray(b["required"])) {
    out["required"] = [...new Set([...a["required"], ...b["required"]])];
  }
  return out;
}

function guessType(schema: JsonSchema): TypeName {
  const has = (...keys: string[]): boolean => keys.some((key) => schema[key] !== undefined);
  if (has("properties", "required", "additionalProperties", "patternProperties", "minProperties"))
    return "object";
  if (has("items", "prefixItems", "minItems", "contains")) return "array";
  return has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
    ? "number"
    : "string";
}

function ofType(type: TypeName, schema: JsonSchema, site: Site): JsonValue | undefined {
  switch (type) {
    case "null":
      return null;
    case "boolean":
      return true;
    case "integer":
    case "number":
      return numberFor(schema, type === "integer");
    case "string":
      return textFor(schema);
    case "array":
      return listFor(schema, site);
    case "object":
      return objectFor(schema, site);
  }
}

function numberFor(schema: JsonSchema, whole: boolean): number {
  const limit = (key: string): number | undefined => {
    const value = schema[key];
    return typeof value === "number" ? value : undefined;
  };
  const step = limit("multipleOf") ?? (whole ? 1 : undefined);
  const above = limit("exclusiveMinimum");
  const below = limit("exclusiveMaximum");
  const low = limit("minimum") ?? (above === undefined ? undefined : above + (step ?? 1));
  const high = limit("maximum") ?? (below === undefined ? undefined : below - (step ?? 1));
  let value = Math.max(low ?? Number.NEGATIVE_INFINITY, Math.min(1, high ?? 1));
  // Between two narrow bounds, the middle.
  if (low !== undefined && high !== undefined && low > high) value = ((above ?? low) + (below ?? high)) / 2;
  if (step === undefined || Number.isInteger(value / step)) return value;
  const up = Math.ceil(value / step) * step;
  return high !== undefined && up > high ? Math.floor(value / step) * step : up;
}

function textFor(schema: JsonSchema): string | undefined {
  const least = typeof schema["minLength"] === "number" ? schema["minLength"] : 0;
  const most = typeof schema["maxLength"] === "number" ? schema["maxLength"] : Number.POSITIVE_INFINITY;
  if (least > MAX_SIZE) return undefined;
  if (typeof schema["pattern"] === "string") return sampleOf(schema["pattern"], least);
  const format = formatOf(schema["format"]);
  if (format) return format.example;
  const text = "text".padEnd(least, "x");
  return text.length <= most ? text : text.slice(0, most);
}

function limitOf(schema: JsonSchema, key: string, otherwise: number): number {
  const limit = schema[key];
  return typeof limit === "number" ? limit : otherwise;
}

function listFor(schema: JsonSchema, site: Site): JsonValue[] | undefined {
  const prefix = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : [];
  const contains = schema["contains"] === undefined ? 0 : limitOf(schema, "minContains", 1);
  const least = Math.max(limitOf(schema, "minItems", 0), contains);
  // A list that may be empty is better shown with an entry.
  const shown =
    schema["items"] === undefined && least === 0 ? prefix.length : Math.max(least, prefix.length, 1);
  if (!(least <= MAX_SIZE)) return undefined;
  const list: JsonValue[] = [];
  for (let index = 0; index < shown; index++) {
    const item = prefix[index] ?? (index < contains ? schema["contains"] : (schema["items"] ?? true));
    const built = build(item, site);
    if (built === undefined) return index >= least ? list : undefined;
    let value: JsonValue = built;
    if (schema["uniqueItems"] === true && list.some((other) => sameJson(other, value)))
      value = variant(item, value, index);
    list.push(value);
  }
  return list;
}

/** Another value of the same schema, for lists without repeats. */
function variant(schema: JsonValue | undefined, value: JsonValue, index: number): JsonValue {
  if (isObject(schema) && Array.isArray(schema["enum"])) return schema["enum"][index] ?? value;
  if (typeof value === "number") return value + index;
  return typeof value === "string" ? `${value}${index}` : value;
}

function objectFor(schema: JsonSchema, site: Site): JsonObject | undefined {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = [schema["required"] ?? []].flat().filter((key) => typeof key === "string");
  const least = limitOf(schema, "minProperties", 0);
  const extra = Object.keys(properties).filter((key) => !required.includes(key));
  const names = [...required, ...extra.slice(0, Math.max(0, least - required.length))];
  const out: JsonObject = {};
  const others = schema["additionalProperties"] ?? true;
  for (const name of names) {
    const value = build(Object.hasOwn(properties, name) ? properties[name] : others, site);
    if (value === undefined) return undefined;
    put(out, name, value);
  }
  for (let count = names.length; count < Math.min(least, MAX_SIZE); count++) {
    const value = build(others, site);
    if (value === undefined) return undefined;
    put(out, `key${count + 1}`, value);
  }
  return out;
}
