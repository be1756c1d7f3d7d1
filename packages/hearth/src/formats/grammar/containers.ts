import { isObject, type JsonObject, type JsonSchema, type JsonValue } from "../../protocol/index.ts";
import { literal, repeat, sequence } from "./gbnf.ts";
import { MAX_COUNTED } from "./strings.ts";
import type { Rules } from "./types.ts";

const COMMA = '", "';

/** How often something may stand, from the keywords that bound it. */
function counts(rules: Rules, schema: JsonSchema, min: string, max: string, path: string) {
  const low = typeof schema[min] === "number" ? schema[min] : 0;
  let high = typeof schema[max] === "number" ? schema[max] : undefined;
  if (high !== undefined && high < low) rules.fail(path, `${min} ${low} is more than ${max} ${high}`);
  if (low > MAX_COUNTED) rules.fail(path, `${min} ${low} is more than a grammar can count (${MAX_COUNTED})`);
  if (high !== undefined && high > MAX_COUNTED) {
    rules.note(path, max, "wider", `A count above ${MAX_COUNTED} is left to validation.`);
    high = undefined;
  }
  return { low, high };
}

/** `item` separated by commas, from `low` to `high` times. */
function list(item: string, low: number, high: number | undefined): string {
  if (high === 0) return '""';
  const more = high === undefined ? undefined : high - 1;
  const some = sequence(item, repeat(`(${COMMA} ${item})`, Math.max(0, low - 1), more));
  return low === 0 ? `(${some})?` : some;
}

export function arrayRule(rules: Rules, schema: JsonSchema, path: string): string {
  const fixed = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : schema["items"];
  if (Array.isArray(fixed)) return tuple(rules, schema, fixed, path);
  const { low, high } = counts(rules, schema, "minItems", "maxItems", path);
  if (schema["items"] === false && low > 0) rules.fail(path, "it needs items and allows none");
  if (schema["items"] === false) return '"[]"';
  const item = rules.g.rule("item", rules.value(schema["items"], `${path}/items`));
  return rules.g.rule("array", sequence('"["', list(item, low, high), '"]"'));
}

function tuple(rules: Rules, schema: JsonSchema, fixed: JsonValue[], path: string): string {
  const { low, high } = counts(rules, schema, "minItems", "maxItems", path);
  const most = Math.min(fixed.length, high ?? fixed.length);
  if (low > most) rules.fail(path, `minItems ${low} is more than its ${fixed.length} items are`);
  const items = fixed.slice(0, most).map((item, i) => rules.value(item, `${path}/prefixItems/${i}`));
  const rest = schema["prefixItems"] === undefined ? schema["additionalItems"] : schema["items"];
  if (rest !== false) rules.note(path, "items", "narrower", "Items after the fixed ones are not written.");
  let tail = "";
  for (let i = items.length - 1; i >= 0; i--) {
    const one = sequence(i === 0 ? '""' : COMMA, `(${items[i]})`, tail);
    tail = i >= low ? `(${one})?` : one;
  }
  return rules.g.rule("tuple", sequence('"["', tail, '"]"'));
}

/** The properties of an object that may be written, in the schema's order. */
export interface Properties {
  names: string[];
  schemas: JsonObject;
  required: Set<string>;
}

export function propertiesOf(rules: Rules, schema: JsonSchema, path: string): Properties {
  const schemas = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"].map(String) : []);
  const names = [...new Set([...Object.keys(schemas), ...required])].filter((name) => {
    if (required.has(name)) return true;
    const own = schemas[name];
    if (own === false) return false;
    return rules.options.offer?.(isObject(own) ? own : {}, `${path}/properties/${name}`) ?? true;
  });
  return { names, schemas, required };
}

/** An object: its properties in the schema's order, optional ones left out freely. */
export function objectRule(rules: Rules, schema: JsonSchema, path: string): string {
  if (!isObject(schema["properties"]) && !Array.isArray(schema["required"]))
    return mapRule(rules, schema, path);
  const { names, schemas, required } = propertiesOf(rules, schema, path);
  const extra = schema["additionalProperties"];
  if (names.length === 0 && Object.keys(schemas).length === 0) return mapRule(rules, schema, path);
  if (isObject(extra) || extra === true)
    rules.note(path, "additionalProperties", "narrower", "Properties beside the named ones are not written.");
  for (const keyword of ["minProperties", "maxProperties"])
    if (schema[keyword] !== undefined)
      rules.note(path, keyword, "wider", "The number of properties is left to validation.");
  const pairs = names.map((name) => {
    const value = rules.value(schemas[name], `${path}/properties/${name}`);
    return rules.g.rule(name, sequence(literal(rules.notation.key(name)), value));
  });
  return rules.g.rule("object", sequence('"{"', fields(rules, names, pairs, required), '"}"'));
}

/** Pairs in order with commas between those that are there. */
export function fields(rules: Rules, names: string[], pairs: string[], required: Set<string>): string {
  const tails: string[] = [];
  let tail = "";
  for (let i = pairs.length - 1; i >= 0; i--) {
    tails[i] = tail;
    const pair = `${COMMA} ${pairs[i]}`;
    const here = sequence(required.has(names[i] ?? "") ? pair : `(${pair})?`, tail);
    tail = rules.g.rule("more", here);
  }
  const starts: string[] = [];
  for (const [i, pair] of pairs.entries()) {
    starts.push(sequence(pair, tails[i] ?? ""));
    if (required.has(names[i] ?? ""))
      return starts.length === 1 ? (starts[0] ?? "") : `(${starts.join(" | ")})`;
  }
  return starts.length === 0 ? '""' : `(${starts.join(" | ")})?`;
}

/** An object whose keys are free. */
function mapRule(rules: Rules, schema: JsonSchema, path: string): string {
  const extra = schema["additionalProperties"];
  const { low, high } = counts(rules, schema, "minProperties", "maxProperties", path);
  if (extra === false && low > 0) rules.fail(path, "it needs properties and allows none");
  if (extra === false || ("properties" in schema && extra === undefined)) return '"{}"';
  if (low > 1)
    rules.note(path, "minProperties", "wider", "A repeated key counts once; validation must check it.");
  const key = rules.notation.freeKey(rules.g, rules.banned);
  const pair = rules.g.rule("pair", `${key} ${rules.value(extra, `${path}/additionalProperties`)}`);
  return rules.g.rule("map", sequence('"{"', list(pair, low, high), '"}"'));
}
