import { isObject, type JsonSchema } from "../../protocol/index.ts";
import { child, children, type Node, nameOf } from "./ast.ts";
import { constrained, narrowed } from "./constrain.ts";
import { type FieldDoc, readDoc, type Tag } from "./doc.ts";
import { inField } from "./fault.ts";
import { readJsDocType } from "./jsdoc.ts";
import { readSchema, type Scope, typeFault, written } from "./reader.ts";

/** The parts of an object schema. */
export interface Shape {
  properties: Record<string, JsonSchema>;
  required: string[];
  /** Schema of all other keys; none: there are no others. */
  others: JsonSchema | undefined;
}

export function objectSchema({ properties, required, others }: Shape): JsonSchema {
  const schema: JsonSchema = { type: "object", properties };
  if (others && Object.keys(properties).length === 0) delete schema["properties"];
  if (required.length > 0) schema["required"] = required;
  schema["additionalProperties"] = others ?? false;
  return schema;
}

/** The parts of a schema of an object; nothing for any other. */
export function shapeOf(schema: JsonSchema, scope: Scope): Shape | undefined {
  const ref = schema["$ref"];
  const named =
    typeof ref === "string" ? scope.definitions.schemas.get(ref.replace("#/$defs/", "")) : undefined;
  if (named) return shapeOf(named, scope);
  if (schema["type"] !== "object") return undefined;
  const { properties, required, additionalProperties } = schema;
  const shape: Shape = { properties: {}, required: [], others: undefined };
  if (isObject(properties)) {
    for (const [key, value] of Object.entries(properties)) if (isObject(value)) shape.properties[key] = value;
  }
  if (Array.isArray(required)) shape.required = required.filter((key) => typeof key === "string");
  if (isObject(additionalProperties)) shape.others = additionalProperties;
  return shape;
}

/** The members of an interface or an object type. */
export function membersShape(members: readonly Node[], scope: Scope): Shape {
  const shape: Shape = { properties: {}, required: [], others: undefined };
  for (const member of members) {
    if (member.type === "TSIndexSignature") {
      const key = child(child(children(member, "parameters")[0], "typeAnnotation"), "typeAnnotation");
      if (key?.type !== "TSStringKeyword")
        throw typeFault(scope, member, "has an index signature whose keys are no strings");
      shape.others = readSchema(annotationOf(member, scope), scope);
      continue;
    }
    const key = member["computed"] === true ? undefined : nameOf(child(member, "key"));
    if (key === undefined)
      throw typeFault(scope, member, `has a member whose name is computed (${written(scope, member)})`);
    if (member.type !== "TSPropertySignature") {
      throw typeFault(scope, member, `has a method (${key}), and JSON has no functions`);
    }
    const { schema, optional } = inField(key, () => readProperty(member, scope));
    shape.properties[key] = schema;
    if (!optional) shape.required.push(key);
  }
  return shape;
}

/** The type of a member; an error for one without. */
export function annotationOf(node: Node, scope: Scope): Node {
  const type = child(child(node, "typeAnnotation"), "typeAnnotation");
  if (!type) throw typeFault(scope, node, `has no type (${written(scope, node)})`);
  return type;
}

function readProperty(member: Node, scope: Scope): { schema: JsonSchema; optional: boolean } {
  const read = scope.read(annotationOf(member, scope), scope);
  const comment = scope.fixed === undefined ? scope.file.docBefore(member.start) : undefined;
  const doc = comment === undefined ? undefined : readDoc(comment);
  let schema = read.schema;
  if (doc)
    schema = documented(
      schema,
      { ...emptyField(), text: doc.text, type: doc.type, tags: doc.tags },
      scope,
      member,
    );
  const hasDefault = schema["default"] !== undefined;
  return { schema, optional: member["optional"] === true || read.optional || hasDefault };
}

export function emptyField(): FieldDoc {
  return { text: "", type: undefined, optional: false, fallback: undefined, tags: [] };
}

/** A schema with what its comment says: description, limits, and `integer`, which TypeScript has no word for. */
export function documented(schema: JsonSchema, doc: FieldDoc, scope: Scope, node: Node): JsonSchema {
  let out = schema;
  try {
    if (doc.type !== undefined && /\bint(?:eger)?\b/i.test(doc.type)) {
      out = narrowed(out, readJsDocType(doc.type, scope, node.start).schema);
    }
    out = constrained(out, doc.tags);
  } catch (error) {
    throw typeFault(
      scope,
      node,
      `has a tag that can't be used: ${error instanceof Error ? error.message : error}`,
    );
  }
  return doc.text === "" ? out : described(out, doc.text);
}

/** The description comes right after the type, where people look for it. */
export function described(schema: JsonSchema, text: string): JsonSchema {
  const { description: _, ...rest } = schema;
  return { ...rest, description: text };
}

/** Two objects as one; a field of both must hold both types. */
export function joined(a: Shape, b: Shape): Shape {
  const properties: Record<string, JsonSchema> = { ...a.properties };
  for (const [key, schema] of Object.entries(b.properties)) {
    const former = properties[key];
    const same = former === undefined || JSON.stringify(former) === JSON.stringify(schema);
    properties[key] = same ? schema : { allOf: [former, schema] };
  }
  return { properties, required: [...new Set([...a.required, ...b.required])], others: b.others ?? a.others };
}

/** An interface that extends another may say a field anew. */
export function overridden(base: Shape, own: Shape): Shape {
  const required = base.required.filter((key) => !(key in own.properties));
  return {
    properties: { ...base.properties, ...own.properties },
    required: [...required, ...own.required],
    others: own.others ?? base.others,
  };
}

/** Only, or all but, some of the fields. */
export function selected(shape: Shape, keys: ReadonlySet<string>, keep: boolean): Shape {
  const takes = (key: string): boolean => keys.has(key) === keep;
  return {
    properties: Object.fromEntries(Object.entries(shape.properties).filter(([key]) => takes(key))),
    required: shape.required.filter(takes),
    others: keep ? undefined : shape.others,
  };
}

/** Limits written at a declaration, for every place that names it. */
export function declaredDoc(schema: JsonSchema, node: Node, scope: Scope): JsonSchema {
  const text = scope.file.docBefore(exportStart(node, scope));
  if (text === undefined || scope.fixed !== undefined) return schema;
  const doc = readDoc(text);
  const tags: Tag[] = doc.tags.filter((tag) => tag.name !== "example" || schema["type"] !== "object");
  return documented(schema, { ...emptyField(), text: doc.text, type: doc.type, tags }, scope, node);
}

function exportStart(node: Node, scope: Scope): number {
  const before = scope.file.text.slice(Math.max(0, node.start - 60), node.start);
  const words = /(?:export\s+)?(?:default\s+)?(?:declare\s+)?$/.exec(before);
  return node.start - (words?.[0].length ?? 0);
}
