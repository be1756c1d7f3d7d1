import { isObject, type JsonSchema, type JsonValue } from "../../protocol/index.ts";
import { child, children, type Node, nameOf } from "./ast.ts";
import { MAX_DEPTH, readSchema, type Scope, type TypeRead, typeFault, written } from "./reader.ts";
import { readImport, readReference } from "./references.ts";
import { lookUp, parameterName } from "./scope.ts";
import { joined, membersShape, objectSchema, type Shape, shapeOf } from "./shapes.ts";
import { unionOf } from "./union.ts";
import { valuesOf } from "./utility.ts";
import { literalOf, schemaLike, schemaOfValues } from "./values.ts";

const just = (schema: JsonSchema): TypeRead => ({ schema, optional: false });

type Reader = (node: Node, scope: Scope) => TypeRead;

/** How each kind of type is read; what is not here has no JSON form. */
const READERS: Record<string, Reader> = {
  TSStringKeyword: () => just({ type: "string" }),
  TSNumberKeyword: () => just({ type: "number" }),
  TSBooleanKeyword: () => just({ type: "boolean" }),
  TSNullKeyword: () => just({ type: "null" }),
  TSParenthesizedType: (node, scope) => scope.read(inner(node, "typeAnnotation", scope), scope),
  TSLiteralType: (node, scope) => just(literalType(node, scope)),
  TSUnionType: readUnion,
  TSArrayType: (node, scope) =>
    just({ type: "array", items: readSchema(inner(node, "elementType", scope), scope) }),
  TSTupleType: (node, scope) => just(tupleType(node, scope)),
  TSTypeLiteral: (node, scope) => just(literalObject(node, scope)),
  TSTypeReference: readReference,
  TSImportType: readImport,
  TSIntersectionType: (node, scope) => just(intersection(node, scope)),
  TSTypeOperator: (node, scope) => just(operator(node, scope)),
  TSTypeQuery: (node, scope) => just(typeOfValue(node, scope)),
  TSIndexedAccessType: (node, scope) => just(indexed(node, scope)),
  TSMappedType: (node, scope) => just(mapped(node, scope)),
};

/** Words for types that say nothing of the value, or of one that JSON can't carry. */
const REFUSED: Record<string, string> = {
  TSAnyKeyword: "which says nothing of the value",
  TSUnknownKeyword: "which says nothing of the value",
  TSObjectKeyword: "which says nothing of its fields",
  TSBigIntKeyword: "which JSON does not have (take a number with @integer, or a string)",
  TSSymbolKeyword: "which JSON does not have",
  TSNeverKeyword: "which has no value",
  TSFunctionType: "and JSON has no functions",
  TSConstructorType: "and JSON has no classes",
  TSConditionalType: "a conditional type, which is not worked out",
  TSThisType: "which depends on the object",
};

/** Reads a type as JSON Schema; throws a `SourceFault` for one that has no JSON form. */
export function readType(node: Node, scope: Scope): TypeRead {
  if (scope.depth > MAX_DEPTH)
    throw typeFault(scope, node, `has a type that nests more than ${MAX_DEPTH} levels`);
  const reader = READERS[node.type];
  if (reader) return reader(node, { ...scope, depth: scope.depth + 1 });
  const why = REFUSED[node.type] ?? "which has no JSON form";
  throw typeFault(scope, node, `has the type ${written(scope, node)}, ${why}`);
}

function inner(node: Node, field: string, scope: Scope): Node {
  const part = child(node, field);
  if (!part) throw typeFault(scope, node, `has the type ${written(scope, node)}, which can't be read`);
  return part;
}

function literalType(node: Node, scope: Scope): JsonSchema {
  const literal = inner(node, "literal", scope);
  if (literal.type === "TemplateLiteral" && children(literal, "expressions").length > 0)
    return template(literal, scope);
  const value = literalOf(literal, scope)?.value;
  if (value === undefined || typeof value === "object") {
    throw typeFault(scope, node, `has the type ${written(scope, node)}, which has no JSON form`);
  }
  return schemaOfValues([value]);
}

/** `` `v${number}` `` as a pattern. */
function template(node: Node, scope: Scope): JsonSchema {
  const types = children(node, "expressions");
  const texts = children(node, "quasis").map((quasi) =>
    isObject(quasi["value"]) ? String(quasi["value"]["cooked"]) : "",
  );
  let pattern = escaped(texts[0] ?? "");
  types.forEach((type, index) => {
    const schema = readSchema(type, scope);
    const values = valuesOf(schema);
    if (values) pattern += `(?:${values.map((value) => escaped(String(value))).join("|")})`;
    else if (schema["type"] === "number" || schema["type"] === "integer") pattern += "-?\\d+(?:\\.\\d+)?";
    else if (schema["type"] === "string")
      pattern +=
        typeof schema["pattern"] === "string" ? `(?:${schema["pattern"].slice(1, -1)})` : "[\\s\\S]*";
    else throw typeFault(scope, type, `has the type ${written(scope, node)}, which has no JSON form`);
    pattern += escaped(texts[index + 1] ?? "");
  });
  return { type: "string", pattern: `^${pattern}$` };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function readUnion(node: Node, scope: Scope): TypeRead {
  let optional = false;
  const members: JsonSchema[] = [];
  for (const member of children(node, "types")) {
    if (member.type === "TSUndefinedKeyword" || member.type === "TSVoidKeyword") {
      optional = true;
      continue;
    }
    const read = scope.read(member, scope);
    optional ||= read.optional;
    members.push(read.schema);
  }
  if (members.length === 0)
    throw typeFault(scope, node, `has the type ${written(scope, node)}, which has no value`);
  return { schema: unionOf(members), optional };
}

function tupleType(node: Node, scope: Scope): JsonSchema {
  const prefixItems: JsonSchema[] = [];
  let least = 0;
  let rest: JsonSchema | undefined;
  for (const element of children(node, "elementTypes")) {
    const isRest = element.type === "TSRestType";
    const part = isRest ? inner(element, "typeAnnotation", scope) : element;
    const label = part.type === "TSNamedTupleMember" ? nameOf(child(part, "label")) : undefined;
    const type =
      part.type === "TSNamedTupleMember"
        ? inner(part, "elementType", scope)
        : part.type === "TSOptionalType"
          ? inner(part, "typeAnnotation", scope)
          : part;
    const schema = readSchema(type, scope);
    if (isRest) {
      rest = isObject(schema["items"]) ? schema["items"] : undefined;
      if (!rest)
        throw typeFault(scope, element, `has the type ${written(scope, node)}, whose rest is no array`);
    } else {
      prefixItems.push(
        label === undefined || schema["description"] !== undefined
          ? schema
          : { ...schema, description: label },
      );
      if (part.type !== "TSOptionalType" && part["optional"] !== true) least = prefixItems.length;
    }
  }
  if (prefixItems.length === 0) return rest ? { type: "array", items: rest } : { type: "array", maxItems: 0 };
  if (rest) return { type: "array", prefixItems, items: rest, minItems: least };
  return { type: "array", prefixItems, items: false, minItems: least, maxItems: prefixItems.length };
}

function literalObject(node: Node, scope: Scope): JsonSchema {
  const members = children(node, "members");
  if (members.length === 0) throw typeFault(scope, node, "has the type {}, which says nothing of its fields");
  return objectSchema(membersShape(members, scope));
}

function intersection(node: Node, scope: Scope): JsonSchema {
  const types = children(node, "types");
  // `string & {}`, and brands: `string & { readonly __brand: "Id" }`.
  const plain = types.filter((type) => type.type !== "TSTypeLiteral");
  const schemas = plain.map((type) => readSchema(type, scope));
  const [first] = schemas;
  if (schemas.length === 1 && first && !shapeOf(first, scope)) return first;
  let shape: Shape | undefined;
  for (const type of types) {
    const part = shapeOf(readSchema(type, scope), scope);
    if (!part)
      throw typeFault(
        scope,
        type,
        `has the type ${written(scope, node)}, and ${written(scope, type)} is no object type`,
      );
    shape = shape ? joined(shape, part) : part;
  }
  if (!shape) throw typeFault(scope, node, `has the type ${written(scope, node)}, which has no value`);
  return objectSchema(shape);
}

function operator(node: Node, scope: Scope): JsonSchema {
  const type = inner(node, "typeAnnotation", scope);
  if (node["operator"] === "readonly") return readSchema(type, scope);
  if (node["operator"] !== "keyof")
    throw typeFault(scope, node, `has the type ${written(scope, node)}, which has no JSON form`);
  const value = type.type === "TSTypeQuery" ? valueOfQuery(type, scope) : undefined;
  const shape = value === undefined ? shapeOf(readSchema(type, scope), scope) : undefined;
  const keys = isObject(value) ? Object.keys(value) : Object.keys(shape?.properties ?? {});
  if (keys.length === 0)
    throw typeFault(scope, node, `has the type ${written(scope, node)}, whose keys are not known`);
  return schemaOfValues(keys);
}

/** The value of a constant that a `typeof` names. */
function valueOfQuery(node: Node, scope: Scope): JsonValue | undefined {
  const name = nameOf(child(node, "exprName"));
  const meaning =
    name === undefined ? undefined : lookUp(scope.project, scope.file, name, scope.offset, "value");
  if (meaning?.kind !== "value") return undefined;
  return literalOf(meaning.node, { ...scope, file: meaning.file, offset: meaning.node.start })?.value;
}

function typeOfValue(node: Node, scope: Scope): JsonSchema {
  const value = valueOfQuery(node, scope);
  const schema =
    value === undefined ? undefined : typeof value === "object" ? schemaLike(value) : schemaOfValues([value]);
  if (!schema)
    throw typeFault(scope, node, `has the type ${written(scope, node)}, whose value is no literal`);
  return schema;
}

/** `(typeof LIST)[number]`, `User["name"]`, `(typeof MAP)[keyof typeof MAP]`. */
function indexed(node: Node, scope: Scope): JsonSchema {
  let object = inner(node, "objectType", scope);
  while (object.type === "TSParenthesizedType") object = inner(object, "typeAnnotation", scope);
  const index = inner(node, "indexType", scope);
  const refuse = (): Error =>
    typeFault(scope, node, `has the type ${written(scope, node)}, which is not found`);
  if (object.type === "TSTypeQuery") {
    const value = valueOfQuery(object, scope);
    if (Array.isArray(value) && index.type === "TSNumberKeyword" && value.length > 0)
      return schemaOfValues(value);
    const keys = isObject(value) ? valuesOf(readSchema(index, scope)) : undefined;
    const picked = isObject(value) ? (keys ?? []).map((key) => value[String(key)]) : [];
    if (picked.length === 0 || picked.some((item) => item === undefined)) throw refuse();
    return schemaOfValues(picked.filter((item) => item !== undefined));
  }
  const schema = readSchema(object, scope);
  if (index.type === "TSNumberKeyword") {
    if (isObject(schema["items"])) return schema["items"];
    throw refuse();
  }
  const shape = shapeOf(schema, scope);
  const keys = valuesOf(readSchema(index, scope)) ?? [];
  const picked = keys.map((key) => shape?.properties[String(key)]).filter((item) => item !== undefined);
  if (picked.length === 0 || picked.length < keys.length) throw refuse();
  return unionOf(picked);
}

/** `{ [K in "a" | "b"]: T }`; `keyof` another type only where T does not depend on the key. */
function mapped(node: Node, scope: Scope): JsonSchema {
  const parameter = inner(node, "typeParameter", scope);
  const constraint = inner(parameter, "constraint", scope);
  const type = inner(node, "typeAnnotation", scope);
  const name = parameterName(parameter) ?? "";
  const keys = readSchema(constraint, scope);
  const values = valuesOf(keys);
  if (!values) {
    if (keys["type"] !== "string")
      throw typeFault(scope, node, `has the type ${written(scope, node)}, whose keys are not known`);
    return { type: "object", additionalProperties: readSchema(type, scope) };
  }
  const shape: Shape = { properties: {}, required: [], others: undefined };
  for (const value of values) {
    const literal: Node = {
      type: "TSLiteralType",
      start: constraint.start,
      end: constraint.end,
      literal: { type: "Literal", start: constraint.start, end: constraint.end, value },
    };
    const bound = new Map([...scope.bound, [name, { node: literal, scope }]]);
    const read = scope.read(type, { ...scope, bound });
    shape.properties[String(value)] = read.schema;
    const isOptional = node["optional"] === true || node["optional"] === "+";
    if (!isOptional && !read.optional) shape.required.push(String(value));
  }
  return objectSchema(shape);
}
