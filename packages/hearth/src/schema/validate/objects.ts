import { isObject, type JsonObject, type JsonSchema } from "../../protocol/index.ts";
import { sameName } from "../names.ts";
import { brief, cloneJson, has, put } from "./json.ts";
import { type Matcher, matcherOf } from "./pattern.ts";
import { type At, attempt, type Check, type Compiler, descend, MISSING, type Run } from "./run.ts";
import { told } from "./scalars.ts";

interface Shape {
  schema: JsonSchema;
  properties: Map<string, { check: Check; schema: unknown }>;
  patterns: { matches: Matcher; check: Check }[];
  /** What other keys must be; absent: anything. `false`: there must be none. */
  others: Check | false | undefined;
  required: string[];
}

/** Checks the keywords of objects; reads misspelt keys, drops a null that stands for "left out", fills in defaults. */
export function objectCheck(schema: JsonSchema, compiler: Compiler): Check | undefined {
  const shape = shapeOf(schema, compiler);
  const checks: Check[] = [];
  if (shape) checks.push(fieldsCheck(shape));
  for (const check of [sizeCheck(schema), namesCheck(schema, compiler), dependentCheck(schema)]) {
    if (check) checks.push(check);
  }
  if (checks.length === 0) return undefined;
  return (value, at, run) => {
    if (!isObject(value)) return value;
    let current: unknown = value;
    for (const check of checks) current = check(current, at, run);
    return current;
  };
}

function shapeOf(schema: JsonSchema, compiler: Compiler): Shape | undefined {
  const { properties, patternProperties, additionalProperties, required } = schema;
  const shape: Shape = { schema, properties: new Map(), patterns: [], others: undefined, required: [] };
  if (isObject(properties)) {
    for (const [key, inner] of Object.entries(properties)) {
      shape.properties.set(key, { check: compiler.compile(inner), schema: inner });
    }
  }
  if (isObject(patternProperties)) {
    for (const [pattern, inner] of Object.entries(patternProperties)) {
      const matches = matcherOf(pattern);
      if (matches) shape.patterns.push({ matches, check: compiler.compile(inner) });
      else compiler.problem(`the pattern ${brief(pattern)} can't be read`);
    }
  }
  if (additionalProperties === false) shape.others = false;
  else if (isObject(additionalProperties)) shape.others = compiler.compile(additionalProperties);
  if (Array.isArray(required)) shape.required = required.filter((key) => typeof key === "string");
  const bare = shape.properties.size === 0 && shape.patterns.length === 0 && shape.required.length === 0;
  return bare && shape.others === undefined ? undefined : shape;
}

function fieldsCheck(shape: Shape): Check {
  return (value, at, run) => {
    if (!isObject(value)) return value;
    let out = run.coerce ? renamed(shape, value, at, run) : value;
    const write = (): JsonObject => {
      if (out === value) out = { ...value };
      return out;
    };
    for (const key of Object.keys(out)) {
      const item = out[key];
      if (item === undefined) continue;
      const place: At = { parent: at, key };
      const property = shape.properties.get(key);
      if (property && run.coerce && item === null && !shape.required.includes(key)) {
        if (!attempt(property.check, null, place, run, false).ok) {
          delete write()[key];
          run.repairs.push(told(place, "null taken as left out"));
          continue;
        }
      }
      const read = checkField(shape, key, item, place, run, property?.check);
      if (read !== item) put(write(), key, read);
      if (run.budget.left < 0) return out;
    }
    if (run.fill) fillDefaults(shape, out, write, at, run);
    for (const key of shape.required) {
      if (has(out, key)) continue;
      const known = shape.properties.get(key)?.schema;
      const fault = { at: { parent: at, key }, kind: "missing" as const, value: MISSING };
      run.faults.push(isObject(known) ? { ...fault, schema: known } : fault);
    }
    return out;
  };
}

/** One key: its own schema, those of the patterns that match it, or the one for all others. */
function checkField(
  shape: Shape,
  key: string,
  item: unknown,
  place: At,
  run: Run,
  own: Check | undefined,
): unknown {
  let current = own ? descend(own, item, place, run) : item;
  let matched = own !== undefined;
  for (const { matches, check } of shape.patterns) {
    if (matches(key) === false) continue;
    matched = true;
    current = descend(check, current, place, run);
  }
  if (matched) return current;
  if (shape.others === false)
    run.faults.push({ at: place, kind: "unknown", value: item, schema: shape.schema });
  else if (shape.others) current = descend(shape.others, current, place, run);
  return current;
}

/**
 * Keys that are unknown but surely mean a property that is missing: `maxItems` for `max_items`. In an open object only
 * where the missing one is required, for there any key is allowed.
 */
function renamed(shape: Shape, value: JsonObject, at: At | undefined, run: Run): JsonObject {
  const known = [...shape.properties.keys()];
  const strange = Object.keys(value).filter(
    (key) => !shape.properties.has(key) && !shape.patterns.some(({ matches }) => matches(key) !== false),
  );
  if (strange.length === 0 || known.length === 0) return value;
  const wanted = known.filter(
    (key) => !has(value, key) && (shape.others === false || shape.required.includes(key)),
  );
  const names = new Map<string, string>();
  for (const key of strange) {
    // Known by all properties, not only the missing ones: `Path` beside `path` is a doubt, no other name.
    const meant = sameName(key, known);
    if (meant === undefined || !wanted.includes(meant)) continue;
    if (strange.some((other) => other !== key && sameName(other, [meant]) === meant)) continue;
    names.set(key, meant);
  }
  if (names.size === 0) return value;
  const out: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const name = names.get(key) ?? key;
    put(out, name, item);
    if (name !== key)
      run.repairs.push(told({ parent: at, key: name }, `renamed from ${JSON.stringify(key)}`));
  }
  return out;
}

/** A default that would not pass its own schema is left out. A required property that was missing is told as a repair. */
function fillDefaults(
  shape: Shape,
  value: JsonObject,
  write: () => JsonObject,
  at: At | undefined,
  run: Run,
): void {
  let target = value;
  for (const [key, { check, schema }] of shape.properties) {
    if (!isObject(schema) || schema["default"] === undefined || has(target, key)) continue;
    const fallback = cloneJson(schema["default"]);
    const place: At = { parent: at, key };
    if (!attempt(check, fallback, place, run, false).ok) continue;
    target = write();
    put(target, key, fallback);
    if (shape.required.includes(key)) run.repairs.push(told(place, "missing, its default filled in"));
  }
}

function sizeCheck(schema: JsonSchema): Check | undefined {
  const { minProperties, maxProperties } = schema;
  const least = typeof minProperties === "number" ? minProperties : 0;
  const most = typeof maxProperties === "number" ? maxProperties : Number.POSITIVE_INFINITY;
  if (least === 0 && most === Number.POSITIVE_INFINITY) return undefined;
  return (value, at, run) => {
    if (!isObject(value)) return value;
    const count = Object.keys(value).filter((key) => value[key] !== undefined).length;
    const limit = count < least ? `at least ${least}` : count > most ? `at most ${most}` : undefined;
    if (limit)
      run.faults.push({ at, kind: "value", expected: `an object with ${limit} fields`, value, schema });
    return value;
  };
}

function namesCheck(schema: JsonSchema, compiler: Compiler): Check | undefined {
  const { propertyNames } = schema;
  if (propertyNames === undefined || propertyNames === true) return undefined;
  const check = compiler.compile(propertyNames);
  return (value, at, run) => {
    if (!isObject(value)) return value;
    for (const key of Object.keys(value)) {
      if (value[key] === undefined) continue;
      const place: At = { parent: at, key };
      if (attempt(check, key, place, run, false).ok) continue;
      run.faults.push({ at: place, kind: "unknown", value: value[key], schema });
    }
    return value;
  };
}

/** `dependentRequired`, and the lists in `dependencies` of older drafts. */
function dependentCheck(schema: JsonSchema): Check | undefined {
  const rules: [key: string, needs: string[]][] = [];
  for (const table of [schema["dependentRequired"], schema["dependencies"]]) {
    if (!isObject(table)) continue;
    for (const [key, needs] of Object.entries(table)) {
      if (Array.isArray(needs)) rules.push([key, needs.filter((need) => typeof need === "string")]);
    }
  }
  if (rules.length === 0) return undefined;
  return (value, at, run) => {
    if (!isObject(value)) return value;
    for (const [key, needs] of rules) {
      if (!has(value, key)) continue;
      for (const need of needs) {
        if (has(value, need)) continue;
        const expected = `a value, since ${JSON.stringify(key)} is given`;
        run.faults.push({ at: { parent: at, key: need }, kind: "missing", expected, value: MISSING });
      }
    }
    return value;
  };
}
