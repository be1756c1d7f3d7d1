import type { JsonSchema } from "../../../protocol/index.ts";
import type { Look, Source } from "../source.ts";

/** Where a reader reports the calls it finds. */
export interface Sink {
  /** The name is known. False: this is no call, stop. */
  start(name: string, id?: string): boolean;
  /** A piece of the arguments as JSON text; kept back until the call has started. */
  delta(json: string): void;
  repair(name: string): void;
  /** The arguments are whole. */
  finish(): void;
  /** This call can't be used, but others may follow in the same wrapper. */
  abandon(): void;
  readonly started: boolean;
  /** Closing markers of the wrapper this call stands in. */
  readonly closers: readonly string[];
  /** Opening markers of further calls. */
  readonly openers: readonly string[];
  /** Schema of the arguments of a tool; `{}` where it is not known. */
  parameters(name: string): JsonSchema;
  readonly knowsTools: boolean;
}

/**
 * Reads what stands between the markers of a call. `fits` looks whether the text can be this body at all;
 * `step` consumes: MORE needs more text, YES is the end of the body, NO is a fault at this place.
 */
export interface Reader {
  step(src: Source, sink: Sink): Look;
}
