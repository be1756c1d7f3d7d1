import { child, children, type Node, nameOf } from "./ast.ts";
import type { Doc } from "./doc.ts";
import type { FoundFunction } from "./find.ts";
import { parse } from "./parser.ts";
import type { Scope } from "./reader.ts";
import { lookUp } from "./scope.ts";

/** Whether a parameter is what a call brings along: `ToolContext`, or only its `AbortSignal`. */
export function isContext(
  type: Node | undefined,
  docType: string | undefined,
  scope: Scope,
): "context" | "signal" | undefined {
  const name = type ? typeName(type) : docType?.match(/^(?:import\([^)]*\)\.)?(\w+)$/)?.[1];
  if (name === "AbortSignal") return "signal";
  if (name !== "ToolContext") return undefined;
  const meaning = quietly(() => lookUp(scope.project, scope.file, name, scope.offset, "type"));
  if (meaning?.kind !== "type") return "context";
  const members = meaning.nodes.flatMap((node) => children(child(node, "body"), "body"));
  return members.some((member) => nameOf(child(member, "key")) === "signal") ? "context" : undefined;
}

function typeName(type: Node): string | undefined {
  if (type.type === "TSImportType") return nameOf(child(type, "qualifier"));
  return type.type === "TSTypeReference" ? nameOf(child(type, "typeName")) : undefined;
}

/** An import that is not followed, a type that can't be read: no fault here. */
function quietly<T>(find: () => T | undefined): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

export interface Expected {
  /** The parameters of that type. */
  nodes: Node[];
  scope: Partial<Scope>;
}

/**
 * The parameter types of the type that a function is declared with: `const add: (a: number) => number = (a) => a`,
 * `satisfies Op`, or `@type {(a: number) => number}` above it.
 */
export function contextTypes({ node, above }: FoundFunction, scope: Scope, doc: Doc): Expected | undefined {
  let type: Node | undefined;
  for (const outer of [...above].reverse()) {
    if (outer.type === "ParenthesizedExpression") continue;
    if (outer.type === "TSSatisfiesExpression" || outer.type === "TSAsExpression")
      type ??= child(outer, "typeAnnotation");
    else {
      const declared =
        outer.type === "VariableDeclarator"
          ? child(outer, "id")
          : outer.type === "PropertyDefinition"
            ? outer
            : undefined;
      if (declared && child(declared, "typeAnnotation"))
        type ??= child(child(declared, "typeAnnotation"), "typeAnnotation");
      break;
    }
  }
  if (type) return signature(type, { file: scope.file, text: scope.text }, scope, 0);
  if (doc.type === undefined) return undefined;
  const text = `type _ = ${doc.type};`;
  const parsed = quietly(() =>
    child(children(parse(text, "comment.ts", "").ast, "body")[0], "typeAnnotation"),
  );
  return parsed && signature(parsed, { text, fixed: node.start, isDoc: true }, scope, 0);
}

function signature(type: Node, where: Partial<Scope>, scope: Scope, hops: number): Expected | undefined {
  if (type.type === "TSParenthesizedType") {
    const inner = child(type, "typeAnnotation");
    return inner && signature(inner, where, scope, hops);
  }
  if (type.type === "TSFunctionType") {
    const nodes = children(type, "parameters").filter((parameter) => nameOf(parameter) !== "this");
    return { nodes, scope: where };
  }
  const name = typeName(type);
  if (name === undefined || hops > 5) return undefined;
  const file = where.file ?? scope.file;
  const meaning = quietly(() => lookUp(scope.project, file, name, where.offset ?? scope.offset, "type"));
  const alias = meaning?.kind === "type" ? meaning.nodes[0] : undefined;
  const target = alias?.type === "TSTypeAliasDeclaration" ? child(alias, "typeAnnotation") : undefined;
  if (!target || meaning?.kind !== "type") return undefined;
  return signature(
    target,
    { file: meaning.file, text: meaning.file.text, offset: target.start },
    scope,
    hops + 1,
  );
}
