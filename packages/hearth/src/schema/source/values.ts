import { isObject, type JsonSchema, type JsonValue } from "../../protocol/index.ts";
import { bare, child, children, type Node, nameOf } from "./ast.ts";
import type { Scope } from "./reader.ts";
import { lookUp } from "./scope.ts";

/** Constants that name other constants. */
const MAX_HOPS = 10;

/** The value that an expression of literals has, `undefined` included; nothing where it must be run to be known. */
export function literalOf(
  expression: Node | undefined,
  scope: Scope,
  hops = 0,
): { value: JsonValue | undefined } | undefined {
  const node = bare(expression);
  if (!node || hops > MAX_HOPS) return undefined;
  const inner = (part: Node | undefined): { value: JsonValue | undefined } | undefined =>
    literalOf(part, scope, hops + 1);
  switch (node.type) {
    case "Literal": {
      const { value } = node;
      const plain = value === null ? !("regex" in node) && !("bigint" in node) : true;
      const scalar =
        typeof value === "string" ||
        typeof value === "number" ||
        typeof value === "boolean" ||
        value === null;
      return scalar && plain ? { value } : undefined;
    }
    case "TemplateLiteral": {
      const quasi = children(node, "quasis")[0]?.["value"];
      return children(node, "expressions").length === 0 && isObject(quasi)
        ? { value: quasi["cooked"] }
        : undefined;
    }
    case "UnaryExpression": {
      const value = inner(child(node, "argument"))?.value;
      if (typeof value !== "number") return undefined;
      return node["operator"] === "-" ? { value: -value } : node["operator"] === "+" ? { value } : undefined;
    }
    case "BinaryExpression":
      return computed(
        node["operator"],
        inner(child(node, "left"))?.value,
        inner(child(node, "right"))?.value,
      );
    case "ArrayExpression": {
      const items = children(node, "elements").map((item) => inner(item)?.value);
      return items.some((item) => item === undefined)
        ? undefined
        : { value: items.filter((item) => item !== undefined) };
    }
    case "ObjectExpression":
      return objectOf(node, inner);
    case "Identifier": {
      const name = nameOf(node) ?? "";
      if (name === "undefined") return { value: undefined };
      const meaning = lookUp(scope.project, scope.file, name, scope.offset, "value");
      if (meaning?.kind !== "value") return undefined;
      return literalOf(meaning.node, { ...scope, file: meaning.file, offset: meaning.node.start }, hops + 1);
    }
    case "TSEnumDeclaration":
      return { value: enumOf(node) };
    default:
      return undefined;
  }
}

function computed(
  operator: unknown,
  a: JsonValue | undefined,
  b: JsonValue | undefined,
): { value: JsonValue } | undefined {
  if (typeof a !== "number" || typeof b !== "number") return undefined;
  const value =
    operator === "*"
      ? a * b
      : operator === "+"
        ? a + b
        : operator === "-"
          ? a - b
          : operator === "/"
            ? a / b
            : Number.NaN;
  return Number.isFinite(value) ? { value } : undefined;
}

function objectOf(
  node: Node,
  inner: (part: Node | undefined) => { value: JsonValue | undefined } | undefined,
): { value: JsonValue } | undefined {
  const entries: [string, JsonValue | undefined][] = [];
  for (const property of children(node, "properties")) {
    const key = property["computed"] === true ? undefined : nameOf(child(property, "key"));
    const value = property.type === "Property" ? inner(child(property, "value")) : undefined;
    if (key === undefined || !value) return undefined;
    entries.push([key, value.value]);
  }
  return { value: Object.fromEntries(entries) };
}

/** The names and values of an enum; such code runs only behind a loader that rewrites it. */
export function enumOf(node: Node): Record<string, JsonValue> {
  const out: Record<string, JsonValue> = {};
  let next = 0;
  for (const member of [...children(node, "members"), ...children(child(node, "body"), "members")]) {
    const name = nameOf(child(member, "id"));
    const given = bare(child(member, "initializer"));
    const value =
      given?.type === "Literal"
        ? given["value"]
        : given?.type === "UnaryExpression"
          ? -Number(child(given, "argument")?.["value"])
          : next;
    if (name === undefined || (typeof value !== "string" && typeof value !== "number")) continue;
    out[name] = value;
    if (typeof value === "number") next = value + 1;
  }
  return out;
}

/** The schema of exactly these values: `const` for one, `enum` for more, with their type where it is one. */
export function schemaOfValues(values: readonly JsonValue[]): JsonSchema {
  const distinct = values.filter((value, index) => values.indexOf(value) === index);
  if (distinct.includes(true) && distinct.includes(false)) {
    const rest = distinct.filter((value) => typeof value !== "boolean");
    return rest.length === 0 ? { type: "boolean" } : { anyOf: [{ type: "boolean" }, schemaOfValues(rest)] };
  }
  const types = new Set(distinct.map((value) => (value === null ? "null" : typeof value)));
  const [type] = types;
  const fixed: JsonSchema =
    distinct.length === 1 && distinct[0] !== undefined ? { const: distinct[0] } : { enum: distinct };
  return types.size === 1 && type !== undefined ? { type, ...fixed } : fixed;
}

/** The schema of values like this one: its type, not its value. */
export function schemaLike(value: JsonValue): JsonSchema | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value)) {
    const kinds = new Map(
      value.map((item) => schemaLike(item)).map((schema) => [JSON.stringify(schema), schema]),
    );
    const [items] = kinds.values();
    return kinds.size === 1 && items ? { type: "array", items } : undefined;
  }
  if (!isObject(value)) return { type: typeof value };
  const properties: Record<string, JsonSchema> = {};
  for (const [key, item] of Object.entries(value)) {
    const schema = item === undefined ? undefined : schemaLike(item);
    if (!schema) return undefined;
    properties[key] = schema;
  }
  const required = Object.keys(properties);
  return required.length === 0
    ? undefined
    : { type: "object", properties, required, additionalProperties: false };
}
