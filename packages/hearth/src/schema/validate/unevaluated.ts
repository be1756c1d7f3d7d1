import { isObject, type JsonObject, type JsonSchema } from "../../protocol/index.ts";
import { has } from "./json.ts";
import { matcherOf } from "./pattern.ts";
import { attempt, type Check, type Compiler, descend, MAX_HOPS, type Run } from "./run.ts";

/** What some schema has already looked at: keys of an object, places of an array, or all of them. */
interface Seen {
  all: boolean;
  keys: Set<string | number>;
}

/** Checks `unevaluatedProperties` and `unevaluatedItems`: what no other keyword, however deep in branches, has looked at. */
export function unevaluatedCheck(schema: JsonSchema, compiler: Compiler): Check | undefined {
  const fields = schema["unevaluatedProperties"];
  const items = schema["unevaluatedItems"];
  if (fields === undefined && items === undefined) return undefined;
  const forFields = fields === undefined ? undefined : compiler.compile(fields);
  const forItems = items === undefined ? undefined : compiler.compile(items);
  // The keywords themselves look at everything, so they are left out of what is asked.
  const { unevaluatedProperties: _fields, unevaluatedItems: _items, ...rest } = schema;
  return (value, at, run) => {
    const check = Array.isArray(value) ? forItems : isObject(value) ? forFields : undefined;
    if (!check || typeof value !== "object" || value === null) return value;
    const seen: Seen = { all: false, keys: new Set() };
    look(rest, value, seen, compiler, run, 0);
    if (seen.all) return value;
    const keys: (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
    for (const key of keys) {
      const item: unknown = Reflect.get(value, key);
      if (!seen.keys.has(key) && item !== undefined) descend(check, item, { parent: at, key }, run);
    }
    return value;
  };
}

/** Adds what a schema that holds for the value looks at in it. */
function look(schema: unknown, value: object, seen: Seen, compiler: Compiler, run: Run, hops: number): void {
  if (!isObject(schema) || seen.all || hops > MAX_HOPS || --run.budget.left < 0) return;
  const follow = (inner: unknown): void => look(inner, value, seen, compiler, run, hops + 1);
  const holds = (inner: unknown): boolean =>
    attempt(compiler.compile(inner), value, undefined, run, false).ok;
  if (Array.isArray(value)) lookAtItems(schema, value, seen, compiler, run);
  else if (isObject(value)) lookAtFields(schema, value, seen);
  const ref = schema["$ref"] ?? schema["$dynamicRef"];
  if (typeof ref === "string") follow(compiler.index.find(ref, schema));
  for (const branch of [schema["allOf"] ?? []].flat()) follow(branch);
  for (const keyword of ["anyOf", "oneOf"]) {
    for (const branch of [schema[keyword] ?? []].flat()) if (holds(branch)) follow(branch);
  }
  if (schema["if"] !== undefined) {
    const met = holds(schema["if"]);
    if (met) follow(schema["if"]);
    follow(met ? schema["then"] : schema["else"]);
  }
  const dependent = schema["dependentSchemas"];
  if (isObject(dependent) && isObject(value)) {
    for (const [key, branch] of Object.entries(dependent)) if (has(value, key)) follow(branch);
  }
}

function lookAtFields(schema: JsonSchema, value: JsonObject, seen: Seen): void {
  if (schema["additionalProperties"] !== undefined || schema["unevaluatedProperties"] !== undefined) {
    seen.all = true;
  }
  if (isObject(schema["properties"])) {
    for (const key of Object.keys(schema["properties"])) seen.keys.add(key);
  }
  if (!isObject(schema["patternProperties"])) return;
  for (const pattern of Object.keys(schema["patternProperties"])) {
    const matches = matcherOf(pattern);
    for (const key of Object.keys(value)) if (matches?.(key) === true) seen.keys.add(key);
  }
}

function lookAtItems(schema: JsonSchema, value: unknown[], seen: Seen, compiler: Compiler, run: Run): void {
  if (schema["items"] !== undefined || schema["unevaluatedItems"] !== undefined) seen.all = true;
  if (Array.isArray(schema["prefixItems"])) {
    for (let index = 0; index < schema["prefixItems"].length; index++) seen.keys.add(index);
  }
  if (schema["contains"] === undefined) return;
  const check = compiler.compile(schema["contains"]);
  value.forEach((item, index) => {
    if (attempt(check, item, undefined, run, false).ok) seen.keys.add(index);
  });
}
