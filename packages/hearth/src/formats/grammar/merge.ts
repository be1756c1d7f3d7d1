import { isObject, type JsonObject, type JsonSchema, type JsonValue } from "../../protocol/index.ts";
import type { Rules } from "./types.ts";

/** The part of the document that a local `$ref` names. */
export function resolveRef(rules: Rules, root: JsonSchema, ref: string, path: string): JsonValue {
  if (ref !== "#" && !ref.startsWith("#/"))
    rules.fail(path, `${ref} is not in this schema; only local references are read`);
  let at: JsonValue | undefined = root;
  for (const part of ref.split("/").slice(1)) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isObject(at) ? at[key] : undefined;
  }
  return at === undefined ? rules.fail(path, `${ref} does not exist`) : at;
}

/** Bounds of which the tighter one holds. */
const LARGER = new Set(["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"]);
const SMALLER = new Set(["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"]);

/** One schema that asks what all of these ask, as far as that can be said in one; the rest is noted. */
export function merge(
  rules: Rules,
  root: JsonSchema,
  parts: readonly JsonValue[],
  path: string,
  depth = 0,
): JsonValue {
  if (depth > 32) rules.fail(path, "its references go in a circle");
  let out: JsonObject = {};
  for (const part of parts) {
    if (part === true) continue;
    if (!isObject(part)) return rules.fail(path, "one of its parts is `false` or no schema");
    let own: JsonObject = part;
    if (typeof own["$ref"] === "string") {
      const { $ref, ...beside } = own;
      const merged = merge(
        rules,
        root,
        [resolveRef(rules, root, String($ref), path), beside],
        path,
        depth + 1,
      );
      if (!isObject(merged)) return merged;
      own = merged;
    }
    if (Array.isArray(own["allOf"])) {
      const { allOf, ...beside } = own;
      const merged = merge(rules, root, [beside, ...(allOf as JsonValue[])], path, depth + 1);
      if (!isObject(merged)) return merged;
      own = merged;
    }
    out = both(rules, root, out, own, path, depth);
  }
  return out;
}

function both(
  rules: Rules,
  root: JsonSchema,
  a: JsonObject,
  b: JsonObject,
  path: string,
  depth: number,
): JsonObject {
  const out: JsonObject = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const held = out[key];
    if (value === undefined) continue;
    if (held === undefined || JSON.stringify(held) === JSON.stringify(value)) out[key] = value;
    else if (key === "properties" && isObject(held) && isObject(value))
      out[key] = properties(rules, root, held, value, path, depth);
    else if (key === "required" && Array.isArray(held) && Array.isArray(value))
      out[key] = [...new Set([...held, ...value])];
    else if (LARGER.has(key)) out[key] = Math.max(Number(held), Number(value));
    else if (SMALLER.has(key)) out[key] = Math.min(Number(held), Number(value));
    else if (key === "type") out[key] = commonType(rules, held, value, path);
    else if (key === "enum" && Array.isArray(held) && Array.isArray(value))
      out[key] = held.filter((one) => value.some((two) => JSON.stringify(one) === JSON.stringify(two)));
    else if (key === "additionalProperties" && (held === false || value === false)) out[key] = false;
    else if (!["title", "description", "default", "examples"].includes(key)) {
      rules.note(
        path,
        key,
        "wider",
        `Two different "${key}" apply at once; only one is part of the grammar.`,
      );
      out[key] = value;
    }
  }
  return out;
}

function properties(
  rules: Rules,
  root: JsonSchema,
  a: JsonObject,
  b: JsonObject,
  path: string,
  depth: number,
): JsonObject {
  const out: JsonObject = { ...a };
  for (const [name, schema] of Object.entries(b)) {
    const held = out[name];
    if (schema === undefined) continue;
    out[name] =
      held === undefined
        ? schema
        : merge(rules, root, [held, schema], `${path}/properties/${name}`, depth + 1);
  }
  return out;
}

function commonType(rules: Rules, a: JsonValue, b: JsonValue, path: string): JsonValue {
  const left = Array.isArray(a) ? a : [a];
  const right = Array.isArray(b) ? b : [b];
  const fits = left.flatMap((type) => {
    if (right.includes(type)) return [type];
    if (type === "number" && right.includes("integer")) return ["integer"];
    return type === "integer" && right.includes("number") ? ["integer"] : [];
  });
  return fits.length === 0 ? rules.fail(path, "two types apply that no value has both of") : fits;
}
