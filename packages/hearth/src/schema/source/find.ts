import { bare, child, children, type Node, nameOf, partsOf } from "./ast.ts";
import type { SourceFile } from "./file.ts";
import { parametersOf } from "./parser.ts";

/** A function in the tree, with the nodes around it, outermost first. */
export interface FoundFunction {
  node: Node;
  above: Node[];
}

/** Where V8 says a function begins: an arrow at its start, any other at the parenthesis of its parameters. */
function startOf(file: SourceFile, { node, above }: FoundFunction): number {
  if (node.type === "ArrowFunctionExpression") {
    // Type parameters are blanked out, and the arrow then begins behind them.
    const types = child(node, "typeParameters");
    return types?.start === node.start ? parenthesisAfter(file, types.end) : node.start;
  }
  const owner = above.at(-1);
  const isMethod = owner?.["method"] === true || owner?.type === "MethodDefinition";
  if (isMethod) return node.start;
  const head = child(node, "typeParameters")?.end ?? child(node, "id")?.end ?? node.start;
  return parenthesisAfter(file, head);
}

function parenthesisAfter(file: SourceFile, offset: number): number {
  const comments = file.comments.filter((comment) => comment.start >= offset);
  let at = offset;
  for (const comment of comments) {
    const found = file.text.indexOf("(", at);
    if (found < comment.start) return found;
    at = comment.end;
  }
  return file.text.indexOf("(", at);
}

/** The function that begins exactly at an offset. */
export function functionAt(file: SourceFile, offset: number): FoundFunction | undefined {
  return file.functions().find((found) => startOf(file, found) === offset);
}

/** The innermost function that an imprecise place (of a source map) may mean: in its head, and by its name where several are. */
export function functionNear(file: SourceFile, offset: number, name: string): FoundFunction | undefined {
  const exact = functionAt(file, offset);
  if (exact) return exact;
  const near = file.functions().filter(({ node, above }) => {
    const owner = above.at(-1);
    const named =
      owner && /^(?:Property|MethodDefinition|PropertyDefinition|VariableDeclarator)$/.test(owner.type);
    const start = named ? owner.start : node.start;
    return start <= offset && offset <= (child(node, "body")?.start ?? node.end);
  });
  return near.findLast((found) => nameOfFunction(found) === name) ?? near.at(-1);
}

/** The name that the source gives a function. */
export function nameOfFunction({ node, above }: FoundFunction): string | undefined {
  const own = nameOf(child(node, "id"));
  if (own !== undefined) return own;
  const owner = above.findLast((outer) => bare(outer) !== node && !/^TS|^Parenthesized/.test(outer.type));
  if (!owner) return undefined;
  if (owner.type === "VariableDeclarator") return nameOf(child(owner, "id"));
  if (owner.type === "AssignmentExpression") {
    const left = child(owner, "left");
    return nameOf(left) ?? nameOf(child(left, "property"));
  }
  if (owner["computed"] === true) return undefined;
  return /^(?:Property|MethodDefinition|PropertyDefinition)$/.test(owner.type)
    ? nameOf(child(owner, "key"))
    : undefined;
}

/** Parameters as text to compare: names, keys of patterns, `...`, `=` for defaults. `this` is only TypeScript's. */
export function signatureOf(parameters: readonly Node[], withNames: boolean): string {
  const own = parameters.filter((parameter) => nameOf(parameter) !== "this");
  return own.map((parameter) => partOf(parameter, withNames)).join(",");
}

function partOf(node: Node | undefined, withNames: boolean): string {
  switch (node?.type) {
    case "AssignmentPattern":
      return `${partOf(child(node, "left"), withNames)}=`;
    case "RestElement":
      return `...${partOf(child(node, "argument"), withNames)}`;
    case "ObjectPattern": {
      const keys = children(node, "properties").map((property) => nameOf(child(property, "key")) ?? "*");
      return `{${keys.join(",")}}`;
    }
    case "ArrayPattern":
      return "[]";
    case "TSParameterProperty":
      return partOf(child(node, "parameter"), withNames);
    default:
      return withNames ? (nameOf(node) ?? "?") : "x";
  }
}

/** Whether a function of the source has the parameters that V8 knows of the live one. */
export function isSame(live: string, { node }: FoundFunction, withNames: boolean): boolean {
  const parameters = parametersOf(live);
  if (!parameters) return false;
  return signatureOf(parameters, withNames) === signatureOf(children(node, "params"), withNames);
}

/** Whether a function uses its own `this`, which a function handed over alone does not have. */
export function usesThis(node: Node): boolean {
  if (node.type === "ArrowFunctionExpression") return false;
  const look = (part: Node): boolean => {
    if (part.type === "ThisExpression" || part.type === "Super") return true;
    if (part.type === "FunctionExpression" || part.type === "FunctionDeclaration" || /^Class/.test(part.type))
      return false;
    return partsOf(part).some(look);
  };
  const body = child(node, "body");
  return body !== undefined && look(body);
}
