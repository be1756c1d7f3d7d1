import { bare, child, children, declared, isNode, type Node, nameOf, pathTo } from "./ast.ts";
import type { Project, SourceFile } from "./file.ts";
import { type Typedef, typedefIn } from "./typedef.ts";

/** What a name means where it stands. */
export type Meaning =
  /** Interfaces of one name add up, so there may be several. */
  | { kind: "type"; file: SourceFile; nodes: Node[] }
  | { kind: "value"; file: SourceFile; node: Node }
  | { kind: "typedef"; file: SourceFile; typedef: Typedef }
  | { kind: "parameter"; node: Node }
  | { kind: "module"; file: SourceFile };

type Space = "type" | "value";

const TYPES = new Set([
  "TSInterfaceDeclaration",
  "TSTypeAliasDeclaration",
  "TSEnumDeclaration",
  "ClassDeclaration",
]);
/** Modules that may re-export from one another without end. */
const MAX_HOPS = 20;

/** What a name means at an offset of a file: declarations around it, then imports. Nothing where it is global or unknown. */
export function lookUp(
  project: Project,
  file: SourceFile,
  name: string,
  offset: number,
  space: Space,
): Meaning | undefined {
  const path = pathTo(file.ast, offset).reverse();
  for (const node of path) {
    const parameters = children(child(node, "typeParameters"), "params");
    const parameter = space === "type" ? parameters.find((item) => parameterName(item) === name) : undefined;
    if (parameter) return { kind: "parameter", node: parameter };
    if (!/^(?:Program|BlockStatement|StaticBlock|TSModuleBlock)$/.test(node.type)) continue;
    const meaning = inStatements(file, children(node, "body"), name, space);
    if (meaning) return meaning;
  }
  const imported = importOf(file, name);
  if (imported) return follow(project, file, imported, space, 0);
  const typedef = space === "type" ? typedefIn(file, name) : undefined;
  return typedef && { kind: "typedef", file, typedef };
}

export function parameterName(parameter: Node): string | undefined {
  return typeof parameter["name"] === "string" ? parameter["name"] : nameOf(child(parameter, "name"));
}

/** What a module gives out under a name. */
export function exported(
  project: Project,
  file: SourceFile,
  name: string,
  space: Space,
  hops = 0,
): Meaning | undefined {
  if (hops > MAX_HOPS) return undefined;
  const body = children(file.ast, "body");
  for (const statement of body) {
    if (statement.type === "ExportDefaultDeclaration" && name === "default") {
      const node = child(statement, "declaration");
      const local = nameOf(bare(node));
      if (node && TYPES.has(node.type)) return { kind: "type", file, nodes: [node] };
      if (local !== undefined) return lookUp(project, file, local, 0, space);
      return node && space === "value" ? { kind: "value", file, node } : undefined;
    }
    if (statement.type !== "ExportNamedDeclaration") continue;
    const own = inStatements(file, child(statement, "declaration") ? [statement] : [], name, space);
    if (own) return own;
    const specifier = children(statement, "specifiers").find(
      (item) => nameOf(child(item, "exported")) === name,
    );
    const local = nameOf(child(specifier, "local"));
    if (local === undefined || !specifier) continue;
    const from = sourceOf(statement);
    if (from === undefined) return lookUp(project, file, local, 0, space);
    return exported(project, project.imported(file, from, specifier.start), local, space, hops + 1);
  }
  for (const statement of body) {
    const from = sourceOf(statement);
    if (statement.type !== "ExportAllDeclaration" || from === undefined) continue;
    const alias = nameOf(child(statement, "exported"));
    // A package may be re-exported beside local files; it is not searched.
    if (!from.startsWith(".") || (alias !== undefined && alias !== name)) continue;
    const module = project.imported(file, from, statement.start);
    if (alias === name) return { kind: "module", file: module };
    const meaning = exported(project, module, name, space, hops + 1);
    if (meaning) return meaning;
  }
  const typedef = space === "type" ? typedefIn(file, name) : undefined;
  return typedef && { kind: "typedef", file, typedef };
}

/** A declaration of this name among statements. */
function inStatements(file: SourceFile, statements: Node[], name: string, space: Space): Meaning | undefined {
  const types: Node[] = [];
  for (const statement of statements) {
    const node = declared(statement);
    if (nameOf(child(node, "id")) === name) {
      if (space === "type" && TYPES.has(node.type)) types.push(node);
      if (space === "value" && node.type === "TSEnumDeclaration") return { kind: "value", file, node };
    }
    if (space !== "value" || node.type !== "VariableDeclaration") continue;
    const found = children(node, "declarations").find((item) => nameOf(child(item, "id")) === name);
    const init = child(found, "init");
    // Only what can't change has a type that its text tells.
    if (init) return node["kind"] === "const" ? { kind: "value", file, node: init } : undefined;
  }
  return types.length > 0 ? { kind: "type", file, nodes: types } : undefined;
}

interface Imported {
  specifier: Node;
  from: string;
}

function importOf(file: SourceFile, name: string): Imported | undefined {
  for (const statement of children(file.ast, "body")) {
    if (statement.type !== "ImportDeclaration") continue;
    const from = sourceOf(statement);
    const specifier = children(statement, "specifiers").find((item) => nameOf(child(item, "local")) === name);
    if (specifier && from !== undefined) return { specifier, from };
  }
  return undefined;
}

/** The module that a name is imported from, where it is. */
export function importSource(file: SourceFile, name: string): string | undefined {
  return importOf(file, name)?.from;
}

function follow(
  project: Project,
  file: SourceFile,
  { specifier, from }: Imported,
  space: Space,
  hops: number,
): Meaning | undefined {
  const module = project.imported(file, from, specifier.start);
  if (specifier.type === "ImportNamespaceSpecifier") return { kind: "module", file: module };
  const name = specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(child(specifier, "imported"));
  return name === undefined ? undefined : exported(project, module, name, space, hops + 1);
}

function sourceOf(statement: Node): string | undefined {
  const source = statement["source"];
  return isNode(source) ? nameOf(source) : undefined;
}
