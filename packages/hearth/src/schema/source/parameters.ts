import type { JsonSchema } from "../../protocol/index.ts";
import { child, children, type Node, nameOf } from "./ast.ts";
import { fittingValue } from "./constrain.ts";
import { contextTypes, isContext } from "./context.ts";
import type { Slot } from "./described.ts";
import { type Doc, type FieldDoc, readDoc, type Tag } from "./doc.ts";
import { inField, SourceFault } from "./fault.ts";
import type { Project, SourceFile } from "./file.ts";
import type { FoundFunction } from "./find.ts";
import { readJsDocType } from "./jsdoc.ts";
import { type Definitions, type Scope, type TypeRead, typeFault, written } from "./reader.ts";
import { documented, emptyField, objectSchema, type Shape, shapeOf } from "./shapes.ts";
import { readType } from "./types.ts";
import { literalOf, schemaLike } from "./values.ts";

export interface ParametersRead {
  parameters: JsonSchema;
  slots: Slot[];
}

/** The schema of a function's arguments, and how they become its parameters. `doc` is the function's comment. */
export function readParameters(
  project: Project,
  file: SourceFile,
  found: FoundFunction,
  doc: Doc,
): ParametersRead {
  const { node } = found;
  const definitions: Definitions = { schemas: new Map(), byNode: new Map() };
  const own = children(node, "params").filter((parameter) => nameOf(parameter) !== "this");
  const scope: Scope = {
    project,
    file,
    offset: own[0]?.start ?? node.start,
    text: file.text,
    fixed: undefined,
    bound: new Map(),
    isDoc: false,
    definitions,
    depth: 0,
    read: readType,
  };
  const expected = contextTypes(found, scope, doc);
  const parts = own.map((parameter, index) => {
    const part = partsOf(parameter, node.start, doc.params, scope, expected?.nodes[index]);
    return { part, brought: isContext(part.type, part.doc.type, scope) };
  });
  const given = parts.filter(({ brought }) => brought === undefined).map(({ part }) => part);
  const inner = expected ? { ...scope, ...expected.scope } : scope;
  const [only] = given;
  const whole = given.length === 1 && only ? wholeShape(only, doc, scope, inner) : undefined;
  const parameters = objectSchema(whole ?? fieldsShape(given, doc, scope, inner));
  if (!parameters["properties"]) parameters["properties"] = {};
  if (definitions.schemas.size > 0) parameters["$defs"] = Object.fromEntries(definitions.schemas);
  const slots = parts.map(({ part, brought }): Slot => {
    if (brought) return { kind: brought };
    if (whole) return { kind: "whole" };
    return { kind: part.isRest ? "rest" : "field", name: part.name ?? "" };
  });
  return { parameters, slots };
}

/** A parameter taken apart. */
interface Given {
  node: Node;
  /** The identifier or pattern itself. */
  target: Node;
  /** None for a pattern. */
  name: string | undefined;
  isRest: boolean;
  fallback: Node | undefined;
  /** The type written at it, or that of the type its function is declared with. */
  type: Node | undefined;
  /** Whether the type stands at the parameter itself. */
  isOwnType: boolean;
  /** Marked with `?`. */
  isOptional: boolean;
  doc: FieldDoc;
}

function partsOf(
  node: Node,
  functionStart: number,
  docs: ReadonlyMap<string, FieldDoc>,
  scope: Scope,
  expected: Node | undefined,
): Given {
  const isRest = node.type === "RestElement";
  const fallback = node.type === "AssignmentPattern" ? child(node, "right") : undefined;
  const target = child(node, isRest ? "argument" : "left") ?? node;
  const name = nameOf(target);
  const own = annotation(target) ?? annotation(node);
  const named = name === undefined ? undefined : docs.get(name);
  // Before `x => …` stands the comment of the function itself.
  const comment = node.start > functionStart ? scope.file.docBefore(node.start) : undefined;
  const inline = comment === undefined ? undefined : readDoc(comment);
  const field = named ?? emptyField();
  return {
    node,
    target,
    name,
    isRest,
    fallback,
    type: own ?? (expected && annotation(expected)),
    isOwnType: own !== undefined,
    isOptional: target["optional"] === true || (own === undefined && expected?.["optional"] === true),
    doc: inline
      ? {
          ...field,
          text: inline.text || field.text,
          type: inline.type ?? field.type,
          tags: [...field.tags, ...inline.tags],
        }
      : field,
  };
}

function annotation(node: Node): Node | undefined {
  return child(child(node, "typeAnnotation"), "typeAnnotation");
}

/** The type of a parameter by what is known of it, in order: TypeScript, the comment, the default. */
function typeOf(part: Given, name: string, doc: Doc, scope: Scope, outer: Scope): TypeRead {
  if (part.type) return readType(part.type, part.isOwnType ? scope : outer);
  if (part.doc.type !== undefined) {
    const nested = nestedShape(name, doc, scope, part.node);
    if (nested) return { schema: objectSchema(nested), optional: part.doc.optional };
    const read = readJsDocType(part.doc.type, scope, part.node.start);
    return { ...read, optional: read.optional || part.doc.optional };
  }
  const literal = literalOf(part.fallback, scope);
  const schema = literal?.value === undefined ? undefined : schemaLike(literal.value);
  if (schema) return { schema, optional: true };
  throw typeFault(scope, part.node, "has no type");
}

/** `@param {object} options` with `@param {string} options.path`. */
function nestedShape(name: string, doc: Doc, scope: Scope, node: Node): Shape | undefined {
  const prefix = `${name}.`;
  const fields = [...doc.params].filter(
    ([key]) => key.startsWith(prefix) && !key.slice(prefix.length).includes("."),
  );
  if (fields.length === 0) return undefined;
  const shape: Shape = { properties: {}, required: [], others: undefined };
  for (const [key, field] of fields) {
    const own = key.slice(prefix.length);
    if (field.type === undefined) throw typeFault(scope, node, `has a field ${own} without a type`);
    const deeper = nestedShape(key, doc, scope, node);
    const read = deeper
      ? { schema: objectSchema(deeper), optional: false }
      : readJsDocType(field.type, scope, node.start);
    const schema = documented(read.schema, field, scope, node);
    shape.properties[own] = withFallback(schema, field, scope, node);
    if (!field.optional && !read.optional) shape.required.push(own);
  }
  return shape;
}

/** The default of `[name=5]`; one that is code stays prose. */
function withFallback(schema: JsonSchema, field: FieldDoc, scope: Scope, node: Node): JsonSchema {
  if (field.fallback === undefined) return schema;
  try {
    return { ...schema, default: fittingValue(schema, field.fallback, "default") };
  } catch {
    if (/^[\w"'[{-]/.test(field.fallback) && !/[.(]/.test(field.fallback)) {
      throw typeFault(scope, node, `has the default ${field.fallback}, which does not fit its type`);
    }
    return schema;
  }
}

/** The fields of the only parameter, where it is an object: they are the tool's arguments themselves. */
function wholeShape(part: Given, doc: Doc, scope: Scope, outer: Scope): Shape | undefined {
  if (part.isRest) return undefined;
  if (part.target.type === "ObjectPattern") return patternShape(part, doc, scope, outer);
  if (part.name === undefined) return undefined;
  const { name } = part;
  let read: TypeRead;
  try {
    read = typeOf(part, name, doc, scope, outer);
  } catch (error) {
    // A fault in a field names the field, one in the parameter itself the parameter.
    throw error instanceof SourceFault && error.path.length === 0
      ? inField(name, () => {
          throw error;
        })
      : error;
  }
  const shape = shapeOf(read.schema, scope);
  if (!shape || Object.keys(shape.properties).length === 0) return undefined;
  return withFieldDocs(shape, doc, scope, part.node);
}

function patternShape(part: Given, doc: Doc, scope: Scope, outer: Scope): Shape {
  const patterns = children(part.target, "properties");
  const root = part.name ?? [...doc.params.keys()].find((key) => key.includes("."))?.split(".")[0];
  let shape: Shape;
  if (part.type) {
    const read = shapeOf(readType(part.type, part.isOwnType ? scope : outer).schema, scope);
    if (!read)
      throw typeFault(scope, part.type, `has the type ${written(scope, part.type)}, which is no object type`);
    shape = read;
  } else {
    shape =
      (root === undefined ? undefined : nestedShape(root, doc, scope, part.node)) ??
      inferredShape(patterns, doc, scope);
  }
  for (const property of patterns) {
    const value = child(property, "value");
    const key = nameOf(child(property, "key"));
    if (property.type !== "Property" || key === undefined || value?.type !== "AssignmentPattern") continue;
    const schema = shape.properties[key];
    const literal = literalOf(child(value, "right"), scope);
    if (schema && literal?.value !== undefined) shape.properties[key] = { ...schema, default: literal.value };
    shape = { ...shape, required: shape.required.filter((name) => name !== key) };
  }
  return withFieldDocs(shape, doc, scope, part.node);
}

/** Of a pattern without a type: each field by its comment or its default. */
function inferredShape(patterns: readonly Node[], doc: Doc, scope: Scope): Shape {
  const shape: Shape = { properties: {}, required: [], others: undefined };
  for (const property of patterns) {
    const key = nameOf(child(property, "key"));
    const value = child(property, "value");
    if (property.type !== "Property" || key === undefined)
      throw typeFault(scope, property, "collects the rest of an object without a type");
    const field = doc.params.get(key);
    if (field?.type !== undefined) {
      const read = readJsDocType(field.type, scope, property.start);
      shape.properties[key] = read.schema;
      if (!field.optional && !read.optional) shape.required.push(key);
      continue;
    }
    const literal = literalOf(value?.type === "AssignmentPattern" ? child(value, "right") : undefined, scope);
    const schema = literal?.value === undefined ? undefined : schemaLike(literal.value);
    if (!schema) throw typeFault(scope, property, `has a field ${key} without a type`);
    shape.properties[key] = schema;
  }
  return shape;
}

/** What `@param field` or `@param options.field` says of the fields. */
function withFieldDocs(shape: Shape, doc: Doc, scope: Scope, node: Node): Shape {
  const properties = { ...shape.properties };
  for (const [key, field] of doc.params) {
    const name = key.includes(".") ? key.slice(key.indexOf(".") + 1) : key;
    const schema = properties[name];
    if (schema) properties[name] = documented(schema, field, scope, node);
  }
  return { ...shape, properties };
}

function fieldsShape(given: readonly Given[], doc: Doc, scope: Scope, outer: Scope): Shape {
  const shape: Shape = { properties: {}, required: [], others: undefined };
  given.forEach((part, index) => {
    if (part.name === undefined) {
      throw typeFault(
        scope,
        part.node,
        `(number ${index + 1}) is taken apart and so has no name; give it one, or make it the only parameter`,
      );
    }
    const { name } = part;
    const read = inField(name, () => typeOf(part, name, doc, scope, outer));
    let schema = inField(name, () => documented(read.schema, part.doc, scope, part.node));
    if (schema["type"] !== "array" && part.isRest)
      throw typeFault(scope, part.node, "collects the rest, and its type is no array");
    const literal = part.fallback && literalOf(part.fallback, scope);
    if (literal?.value !== undefined) schema = { ...schema, default: literal.value };
    else schema = withFallback(schema, part.doc, scope, part.node);
    if (Object.hasOwn(shape.properties, part.name))
      throw typeFault(scope, part.node, "has the name of another");
    shape.properties[part.name] = schema;
    if (isRequired(part, read, schema)) shape.required.push(part.name);
  });
  return shape;
}

function isRequired(part: Given, read: TypeRead, schema: JsonSchema): boolean {
  if (part.isRest) return typeof schema["minItems"] === "number" && schema["minItems"] > 0;
  if (part.fallback || part.isOptional || read.optional || part.doc.optional) return false;
  return schema["default"] === undefined;
}

/** Limits that stand before any `@param` belong to none. */
export function strayTag(doc: Doc): Tag | undefined {
  return doc.tags.find((tag) =>
    /^(?:min|max|exclusive|multiple|unique|pattern$|format$|integer$)/.test(tag.name),
  );
}
