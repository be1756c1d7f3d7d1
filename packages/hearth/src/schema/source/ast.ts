/** A node of the syntax tree (ESTree with TypeScript's types), read field by field: the parser's own types lack TypeScript. */
export interface Node {
  type: string;
  /** Offsets in UTF-16 units. */
  start: number;
  end: number;
  [field: string]: unknown;
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** A field that holds one node. */
export function child(node: Node | undefined, field: string): Node | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

/** A field that holds a list of nodes; holes are left out. */
export function children(node: Node | undefined, field: string): Node[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name of an identifier, or the text of a literal key. */
export function nameOf(node: Node | undefined): string | undefined {
  if (node?.type === "Identifier" || node?.type === "PrivateIdentifier") {
    return typeof node["name"] === "string" ? node["name"] : undefined;
  }
  if (node?.type !== "Literal") return undefined;
  const value = node["value"];
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** Every node below and with `root`, outer ones first, with the chain of those around it. */
export function walk(root: Node, visit: (node: Node, above: readonly Node[]) => void): void {
  const above: Node[] = [];
  const go = (node: Node): void => {
    visit(node, above);
    above.push(node);
    for (const part of partsOf(node)) go(part);
    above.pop();
  };
  go(root);
}

/** The nodes directly below one. */
export function partsOf(node: Node): Node[] {
  const parts: Node[] = [];
  for (const key in node) {
    const value = node[key];
    if (isNode(value)) parts.push(value);
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) parts.push(item);
  }
  return parts;
}

/** The nodes that hold an offset, outermost first. */
export function pathTo(root: Node, offset: number): Node[] {
  const path: Node[] = [];
  for (let node: Node | undefined = root; node !== undefined; ) {
    path.push(node);
    node = partsOf(node).find((part) => part.start <= offset && offset < part.end);
  }
  return path;
}

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

export function isFunction(node: Node): boolean {
  return FUNCTIONS.has(node.type);
}

/** A declaration without its `export`. */
export function declared(statement: Node): Node {
  const isExport =
    statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration";
  return (isExport ? child(statement, "declaration") : undefined) ?? statement;
}

/** An expression without parentheses, `as`, `satisfies`, `!`. */
export function bare(expression: Node | undefined): Node | undefined {
  let node = expression;
  while (
    node &&
    /^(?:TSAs|TSSatisfies|TSNonNull|Parenthesized)Expression$|^TSTypeAssertion$/.test(node.type)
  ) {
    node = child(node, "expression");
  }
  return node;
}
