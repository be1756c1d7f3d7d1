import type { ToolSchema } from "../../protocol/index.ts";
import type { ToolTags } from "./tags.ts";

/** Any function: what it takes is read from its source, not from its type. */
export type AnyFunction = (...args: never[]) => unknown;

/**
 * What one parameter of the function is made from: a field of the arguments, the entries of a list field, the whole
 * arguments object, or what a call brings along.
 */
export type Slot =
  | { kind: "field" | "rest"; name: string }
  | { kind: "whole" }
  | { kind: "context" }
  | { kind: "signal" };

/** A function as a tool is told of it, and how its arguments become its parameters. */
export interface Described extends ToolSchema, ToolTags {
  slots: Slot[];
}
