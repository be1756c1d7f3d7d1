import { checkChars } from "../limits.ts";
import type { Value } from "../values/types.ts";
import type { Symbols } from "./symbols.ts";

/** What one rendering shares: variables, what the template exported at its top, and HTML escaping. */
export interface Context {
  /** The variables given, else the environment's own names. */
  resolve(name: string): Value | undefined;
  /** Names set at the top level: what blocks see. */
  readonly exported: Map<string, Value>;
  autoescape: boolean;
  /** Named blocks, ready to run. */
  readonly blocks: ReadonlyMap<string, Block>;
}

export type Block = (context: Context, locals: ReadonlyMap<string, Value>, out: Output) => void;

/** The values of one frame at run time; undefined is a name without a value. */
export class Scope {
  readonly slots: (Value | undefined)[];
  readonly parent: Scope | undefined;
  readonly context: Context;
  constructor(context: Context, symbols: Symbols, parent?: Scope) {
    this.context = context;
    this.parent = parent;
    this.slots = new Array<Value | undefined>(symbols.size).fill(undefined);
  }
  at(levels: number): Scope {
    let scope: Scope = this;
    for (let i = 0; i < levels; i++) scope = scope.parent!;
    return scope;
  }
}

/** Enters a frame: a new scope with the names it takes from outside. */
export type Enter = (
  context: Context,
  parent: Scope | undefined,
  locals?: ReadonlyMap<string, Value>,
) => Scope;

/** Made after the frame's body is compiled, when all its names are known. */
export function enterFrame(symbols: Symbols): Enter {
  const loads = symbols.loads();
  return (context, parent, locals) => {
    const scope = new Scope(context, symbols, parent);
    for (const [slot, name, load] of loads) {
      if (load.from === "context") scope.slots[slot] = fromContext(name, context, locals);
      else if (load.from === "outer")
        scope.slots[slot] = scope.at(symbols.level - load.level).slots[load.slot];
    }
    return scope;
  };
}

function fromContext(name: string, context: Context, locals?: ReadonlyMap<string, Value>): Value | undefined {
  const local = locals?.get(name);
  if (local !== undefined) return local;
  const exported = context.exported.get(name);
  return exported === undefined ? context.resolve(name) : exported;
}

/** Rendered text, bounded. */
export class Output {
  text = "";
  write(part: string): void {
    checkChars(this.text.length + part.length);
    this.text += part;
  }
}
