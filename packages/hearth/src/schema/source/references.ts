import { isObject, type JsonSchema } from "../../protocol/index.ts";
import { child, children, type Node, nameOf } from "./ast.ts";
import { readJsDocType } from "./jsdoc.ts";
import { readSchema, type Scope, type TypeRead, typeFault, written } from "./reader.ts";
import { exported, lookUp, type Meaning, parameterName } from "./scope.ts";
import {
  declaredDoc,
  described,
  documented,
  membersShape,
  objectSchema,
  overridden,
  type Shape,
  shapeOf,
} from "./shapes.ts";
import type { Typedef } from "./typedef.ts";
import { readUtility } from "./utility.ts";
import { enumOf, schemaOfValues } from "./values.ts";

const just = (schema: JsonSchema): TypeRead => ({ schema, optional: false });

/** A type named in the source: a declaration here or in an imported file, a type parameter, or one of the language. */
export function readReference(node: Node, scope: Scope): TypeRead {
  const target = child(node, "typeName") ?? child(node, "expression");
  const args = children(child(node, "typeArguments") ?? child(node, "typeParameters"), "params");
  const name = nameOf(target);
  const bound = name === undefined ? undefined : scope.bound.get(name);
  if (bound) return bound.scope.read(bound.node, { ...bound.scope, depth: scope.depth + 1 });
  const meaning = meaningOf(target, scope);
  if (meaning) return readMeaning(meaning, args, node, scope);
  if (name !== undefined) {
    const known = readUtility(name, args, node, scope);
    if (known) return known;
  }
  throw typeFault(scope, node, `has the type ${written(scope, node)}, which is not found`);
}

/** `import("./x.ts").Name`. */
export function readImport(node: Node, scope: Scope): TypeRead {
  const from = nameOf(child(node, "argument"));
  const name = nameOf(child(node, "qualifier"));
  if (from === undefined || name === undefined) {
    throw typeFault(scope, node, `has the type ${written(scope, node)}, which names no single type`);
  }
  const file = scope.project.imported(scope.file, from, scope.fixed ?? node.start);
  const meaning = exported(scope.project, file, name, "type");
  if (!meaning) throw typeFault(scope, node, `has the type ${name}, which ${from} does not export`);
  const args = children(child(node, "typeArguments") ?? child(node, "typeParameters"), "params");
  return readMeaning(meaning, args, node, scope);
}

function meaningOf(target: Node | undefined, scope: Scope): Meaning | undefined {
  if (target?.type === "TSQualifiedName") {
    const left = meaningOf(child(target, "left"), scope);
    const name = nameOf(child(target, "right"));
    return left?.kind === "module" && name !== undefined
      ? exported(scope.project, left.file, name, "type")
      : undefined;
  }
  const name = nameOf(target);
  if (name === undefined) return undefined;
  try {
    return lookUp(scope.project, scope.file, name, scope.offset, "type");
  } catch (error) {
    // "comes from …": said of the type, at the place that names it.
    const why = error instanceof Error ? error.message : String(error);
    if (!target || !why.startsWith("comes from")) throw error;
    throw typeFault(scope, target, `has the type ${name}, which ${why}`);
  }
}

function readMeaning(meaning: Meaning, args: Node[], node: Node, scope: Scope): TypeRead {
  if (meaning.kind === "parameter") {
    throw typeFault(
      scope,
      node,
      `has the type parameter ${written(scope, node)} for its type: what a generic function takes is only known where it is called`,
    );
  }
  if (meaning.kind === "typedef") return readTypedef(meaning.typedef, { ...scope, file: meaning.file });
  if (meaning.kind !== "type")
    throw typeFault(scope, node, `has the type ${written(scope, node)}, which is no type`);
  const [first] = meaning.nodes;
  if (!first) throw typeFault(scope, node, `has the type ${written(scope, node)}, which is not found`);
  if (first.type === "ClassDeclaration") {
    throw typeFault(
      scope,
      node,
      `has the type ${written(scope, node)}, a class, and JSON brings no instances of it`,
    );
  }
  const inner: Scope = {
    ...scope,
    file: meaning.file,
    text: meaning.file.text,
    offset: first.start,
    fixed: undefined,
    isDoc: false,
    bound: bindings(first, args, scope),
    depth: scope.depth + 1,
  };
  if (children(child(first, "typeParameters"), "params").length > 0)
    return readDeclaration(meaning.nodes, inner);
  return readNamed(meaning.nodes, inner);
}

/** The arguments of a generic type by the names of its parameters. */
function bindings(declaration: Node, args: Node[], scope: Scope): Scope["bound"] {
  const bound = new Map<string, { node: Node; scope: Scope }>();
  children(child(declaration, "typeParameters"), "params").forEach((parameter, index) => {
    const name = parameterName(parameter);
    const node = args[index] ?? child(parameter, "default");
    if (name !== undefined && node) bound.set(name, { node, scope });
  });
  return bound;
}

/** Reads a type once while it is open: where it names itself, a reference stands. */
function readNamed(nodes: Node[], scope: Scope): TypeRead {
  const [key] = nodes;
  const { byNode, schemas } = scope.definitions;
  const known = key && byNode.get(key);
  if (known?.open) {
    known.used = true;
    return just({ $ref: `#/$defs/${known.name}` });
  }
  if (known?.used) return just({ $ref: `#/$defs/${known.name}` });
  const entry = { name: freeName(nameOf(child(key, "id")) ?? "Type", scope), open: true, used: false };
  if (key) byNode.set(key, entry);
  const read = readDeclaration(nodes, scope);
  entry.open = false;
  if (!entry.used) return read;
  schemas.set(entry.name, read.schema);
  return { ...read, schema: { $ref: `#/$defs/${entry.name}` } };
}

function freeName(name: string, scope: Scope): string {
  const taken = new Set([...scope.definitions.byNode.values()].map((entry) => entry.name));
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}${count}`;
  return free;
}

function readDeclaration(nodes: Node[], scope: Scope): TypeRead {
  const [first] = nodes;
  if (first?.type === "TSTypeAliasDeclaration") return readAlias(first, scope);
  if (first?.type === "TSEnumDeclaration") {
    const schema = schemaOfValues(Object.values(enumOf(first)));
    return just(declaredDoc(schema, first, scope));
  }
  let shape: Shape = { properties: {}, required: [], others: undefined };
  for (const node of nodes) shape = overridden(shape, interfaceShape(node, scope));
  const schema = objectSchema(shape);
  return just(first ? declaredDoc(schema, first, scope) : schema);
}

function readAlias(node: Node, scope: Scope): TypeRead {
  const type = child(node, "typeAnnotation");
  if (!type) throw typeFault(scope, node, "has a type alias without a type");
  const read = scope.read(type, scope);
  // A name is the only way to say it in TypeScript itself: `type integer = number`.
  const isInteger =
    /^int(?:eger)?$/i.test(nameOf(child(node, "id")) ?? "") && read.schema["type"] === "number";
  const schema: JsonSchema = isInteger ? { ...read.schema, type: "integer" } : read.schema;
  return { ...read, schema: declaredDoc(schema, node, scope) };
}

function interfaceShape(node: Node, scope: Scope): Shape {
  let shape: Shape = { properties: {}, required: [], others: undefined };
  for (const base of children(node, "extends")) {
    const schema = readSchema({ ...base, type: "TSTypeReference" }, scope);
    const inherited = shapeOf(schema, scope);
    if (!inherited) throw typeFault(scope, base, `extends ${written(scope, base)}, which is no object type`);
    shape = overridden(shape, inherited);
  }
  return overridden(shape, membersShape(children(child(node, "body"), "body"), scope));
}

/** `@typedef {…} Name`; with `@property` lines, they are its fields. */
function readTypedef(typedef: Typedef, scope: Scope): TypeRead {
  const { doc, offset } = typedef;
  const site: Node = { type: "Comment", start: offset, end: offset };
  if (doc.properties.size === 0) {
    if (typedef.type === undefined)
      throw scope.file.fault(`has the type ${typedef.name}, whose @typedef names no type`, offset);
    const read = readJsDocType(typedef.type, { ...scope, depth: scope.depth + 1 }, offset);
    return doc.text === "" ? read : { ...read, schema: described(read.schema, doc.text) };
  }
  const shape: Shape = { properties: {}, required: [], others: undefined };
  for (const [name, field] of doc.properties) {
    if (field.type === undefined) throw scope.file.fault(`has a @property ${name} without a type`, offset);
    const read = readJsDocType(field.type, { ...scope, depth: scope.depth + 1 }, offset);
    shape.properties[name] = documented(read.schema, field, scope, site);
    if (!field.optional && !read.optional) shape.required.push(name);
  }
  const schema = objectSchema(shape);
  return just(doc.text === "" || !isObject(schema) ? schema : described(schema, doc.text));
}
