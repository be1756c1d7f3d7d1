import { isObject, type JsonSchema, type JsonValue } from "../../protocol/index.ts";
import type { Node } from "./ast.ts";
import { readSchema, type Scope, type TypeRead, typeFault, written } from "./reader.ts";
import { objectSchema, type Shape, selected, shapeOf } from "./shapes.ts";
import { unionOf } from "./union.ts";
import { schemaOfValues } from "./values.ts";

type Reader = (args: Node[], node: Node, scope: Scope) => JsonSchema;

/** The types of the language that have a JSON form. */
const READERS: Record<string, Reader> = {
  Array: (args, node, scope) => ({ type: "array", items: argument(args, 0, node, scope) }),
  ReadonlyArray: (args, node, scope) => ({ type: "array", items: argument(args, 0, node, scope) }),
  Readonly: (args, node, scope) => argument(args, 0, node, scope),
  Partial: (args, node, scope) => objectSchema({ ...shaped(args, node, scope), required: [] }),
  Required: (args, node, scope) => {
    const shape = shaped(args, node, scope);
    return objectSchema({ ...shape, required: Object.keys(shape.properties) });
  },
  Pick: (args, node, scope) =>
    objectSchema(selected(shaped(args, node, scope), keysOf(args[1], node, scope), true)),
  Omit: (args, node, scope) =>
    objectSchema(selected(shaped(args, node, scope), keysOf(args[1], node, scope), false)),
  Record: recordOf,
  NonNullable: (args, node, scope) => filtered(args, node, scope, (value) => value !== null),
  Exclude: (args, node, scope) => {
    const without = new Set(valuesOf(argument(args, 1, node, scope)) ?? []);
    return filtered(args, node, scope, (value) => !without.has(value));
  },
  Extract: (args, node, scope) => {
    const only = new Set(valuesOf(argument(args, 1, node, scope)) ?? []);
    return filtered(args, node, scope, (value) => only.has(value));
  },
};

/** Names that only comments use for types. */
const DOC_TYPES: Record<string, string> = {
  integer: "integer",
  int: "integer",
  float: "number",
  String: "string",
  Number: "number",
  Boolean: "boolean",
  bool: "boolean",
};

/** Types that have no JSON form, and what to take instead. */
const ADVICE: Record<string, string> = {
  Date: "take a string with @format date-time",
  URL: "take a string with @format uri",
  RegExp: "take the pattern as a string",
  Map: "take Record<string, …>",
  Set: "take an array",
  BigInt: "take a string",
  Buffer: "take a string in base64",
  Uint8Array: "take a string in base64",
  Promise: "take the value itself",
  Function: "JSON has no functions",
  Object: "name its fields, or take Record<string, …>",
  String: "write string",
  Number: "write number",
  Boolean: "write boolean",
};

/** A type of the language by name; nothing for one that is unknown. */
export function readUtility(name: string, args: Node[], node: Node, scope: Scope): TypeRead | undefined {
  const just = (schema: JsonSchema): TypeRead => ({ schema, optional: false });
  const docType = scope.isDoc && Object.hasOwn(DOC_TYPES, name) ? DOC_TYPES[name] : undefined;
  if (docType !== undefined) return just({ type: docType });
  const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (reader) return just(reader(args, node, scope));
  if (!Object.hasOwn(ADVICE, name)) return undefined;
  throw typeFault(
    scope,
    node,
    `has the type ${written(scope, node)}, which has no JSON form (${ADVICE[name]})`,
  );
}

function argument(args: Node[], index: number, node: Node, scope: Scope): JsonSchema {
  const type = args[index];
  if (!type)
    throw typeFault(scope, node, `has the type ${written(scope, node)}, which lacks a type argument`);
  return readSchema(type, scope);
}

function shaped(args: Node[], node: Node, scope: Scope): Shape {
  const shape = shapeOf(argument(args, 0, node, scope), scope);
  if (!shape)
    throw typeFault(
      scope,
      node,
      `has the type ${written(scope, node)}, whose first argument is no object type`,
    );
  return shape;
}

/** The values of a schema that names them all. */
export function valuesOf(schema: JsonSchema): JsonValue[] | undefined {
  if ("const" in schema) return [schema["const"] ?? null];
  if (Array.isArray(schema["enum"])) return schema["enum"];
  if (schema["type"] === "null") return [null];
  if (!Array.isArray(schema["anyOf"])) return undefined;
  const lists = schema["anyOf"].map((branch) => (isObject(branch) ? valuesOf(branch) : undefined));
  return lists.some((list) => list === undefined) ? undefined : lists.flatMap((list) => list ?? []);
}

function keysOf(type: Node | undefined, node: Node, scope: Scope): Set<string> {
  const values = type && valuesOf(readSchema(type, scope));
  if (!values) throw typeFault(scope, node, `has the type ${written(scope, node)}, whose keys are not named`);
  return new Set(values.map(String));
}

function recordOf(args: Node[], node: Node, scope: Scope): JsonSchema {
  const keys = argument(args, 0, node, scope);
  const value = argument(args, 1, node, scope);
  const names = valuesOf(keys);
  if (names) {
    const properties = Object.fromEntries(names.map((name) => [String(name), value]));
    return objectSchema({ properties, required: Object.keys(properties), others: undefined });
  }
  const { type } = keys;
  if (type !== "string")
    throw typeFault(scope, node, `has the type ${written(scope, node)}, whose keys are no strings`);
  const schema: JsonSchema = { type: "object", additionalProperties: value };
  return typeof keys["pattern"] === "string"
    ? { ...schema, propertyNames: { pattern: keys["pattern"] } }
    : schema;
}

function filtered(args: Node[], node: Node, scope: Scope, keep: (value: JsonValue) => boolean): JsonSchema {
  const schema = argument(args, 0, node, scope);
  const values = valuesOf(schema);
  if (values) return schemaOfValues(values.filter(keep));
  if (Array.isArray(schema["anyOf"])) {
    const rest = schema["anyOf"].filter(isObject).flatMap((branch) => {
      const own = valuesOf(branch);
      if (!own) return [branch];
      const kept = own.filter(keep);
      return kept.length > 0 ? [schemaOfValues(kept)] : [];
    });
    return unionOf(rest);
  }
  return schema;
}
