import type { Value } from "../values/types.ts";
import type { Place } from "./expressions.ts";
import type { Block, Context, Output, Scope } from "./scope.ts";

/** How a body ended: undefined at its end, else by the loop control that left it. */
export type Signal = "break" | "continue" | undefined;

export type Execute = (scope: Scope, out: Output) => Signal;

export interface CompilePlace extends Place {
  /** At the top level, where `set` exports to blocks. */
  top: boolean;
  /** Inside a loop of the same function, where `break` may stand. */
  loop: boolean;
  blocks: Map<string, Block>;
  /** The `self` of a template: its blocks as functions. */
  self(context: Context): Value;
  /** Compiles a block's body once the rest is compiled. */
  compileLater(run: () => unknown): void;
}
