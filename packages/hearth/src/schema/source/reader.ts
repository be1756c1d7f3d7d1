import type { JsonSchema } from "../../protocol/index.ts";
import type { Node } from "./ast.ts";
import type { SourceFault } from "./fault.ts";
import type { Project, SourceFile } from "./file.ts";

/** Where a type is read: what its names mean, and what has been read so far. */
export interface Scope {
  project: Project;
  file: SourceFile;
  /** Where names are looked up. */
  offset: number;
  /** The text the nodes come from: the file's, or that of a type in a comment. */
  text: string;
  /** Where faults are told when the nodes are not the file's own. */
  fixed: number | undefined;
  /** What the parameters of a generic type stand for. */
  bound: ReadonlyMap<string, { node: Node; scope: Scope }>;
  /** Whether the type is from a comment: `integer`, `String` are types there. */
  isDoc: boolean;
  definitions: Definitions;
  depth: number;
  /** Reads a type; `undefined` in a union is told by `optional`. */
  read(node: Node, scope: Scope): TypeRead;
}

export interface TypeRead {
  schema: JsonSchema;
  /** `undefined` is one of its values. */
  optional: boolean;
}

/** Types that refer to themselves, for `$defs`. */
export interface Definitions {
  schemas: Map<string, JsonSchema>;
  /** State of named types: `open` while being read, `used` once something referred to it. */
  byNode: Map<Node, { name: string; open: boolean; used: boolean }>;
}

/** Levels of types inside types; more is a generic type that grows without end. */
export const MAX_DEPTH = 60;

export function typeFault(scope: Scope, node: Node, message: string): SourceFault {
  return scope.file.fault(message, scope.fixed ?? node.start);
}

/** The type as it is written, shortened. */
export function written(scope: Scope, node: Node): string {
  const text = scope.text.slice(node.start, node.end).replace(/\s+/g, " ");
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

/** Reads a type that must have a value. */
export function readSchema(node: Node, scope: Scope): JsonSchema {
  return scope.read(node, scope).schema;
}
