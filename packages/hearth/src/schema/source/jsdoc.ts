import { child, children, type Node } from "./ast.ts";
import { parse } from "./parser.ts";
import type { Scope, TypeRead } from "./reader.ts";

/** Reads a type written in a comment: TypeScript's syntax and the older forms `?T`, `T=`, `...T`, `Array.<T>`, `Object<K, V>`. */
export function readJsDocType(text: string, scope: Scope, offset: number): TypeRead {
  const plain = modern(text);
  const source = `type _ = ${plain};`;
  let node: Node | undefined;
  try {
    node = child(children(parse(source, "comment.ts", "").ast, "body")[0], "typeAnnotation");
  } catch {
    node = undefined;
  }
  if (!node) throw scope.file.fault(`has the type {${text}} in its comment, which can't be read`, offset);
  return scope.read(node, { ...scope, text: source, fixed: offset, isDoc: true });
}

/** The same type in TypeScript's words. */
function modern(text: string): string {
  let type = text
    .trim()
    .replace(/=$/, "")
    .replaceAll(".<", "<")
    .replace(/\bObject</g, "Record<");
  const rest = /^\.\.\.\s*(.*)$/s.exec(type)?.[1];
  if (rest !== undefined) type = `(${rest})[]`;
  const nullable = /^\?\s*(.+)$/s.exec(type)?.[1] ?? /^(.+)\?$/s.exec(type)?.[1];
  if (nullable !== undefined) type = `${nullable} | null`;
  return type.replace(/^!/, "");
}
