import { type JsonSchema, type JsonValue, UsageError } from "../../protocol/index.ts";
import type { Gbnf } from "./gbnf.ts";
import type { Notation } from "./notation.ts";

/** The schema can't be written as a grammar: it is contradictory, or refers to something that isn't there. */
export class SchemaGrammarError extends UsageError {}

/** Where a grammar says more or less than its schema. */
export interface GrammarNote {
  /** JSON Pointer into the schema. */
  path: string;
  keyword: string;
  /** `wider`: texts the schema refuses get through, validation must follow. `narrower`: some it allows are never written. */
  effect: "wider" | "narrower";
  message: string;
}

export interface SchemaGrammarOptions {
  /** Texts that must not stand in a string: the model's special tokens, the close mark of a call. Default `<|`. */
  banned?: readonly string[];
  /** How values are written. Default JSON. */
  notation?: Notation;
  /** Raise a `SchemaGrammarError` where the grammar would be wider than the schema. Default false: it is noted. */
  strict?: boolean;
  /** Writes a value in place of the general rule; for grammars that point at texts instead of writing freely. */
  leaf?(schema: JsonSchema, path: string): string | undefined;
  /** Whether an optional property is offered at all. Default: each is. */
  offer?(schema: JsonSchema, path: string): boolean;
}

/** What the parts that write objects, arrays and numbers need of the whole. */
export interface Rules {
  readonly g: Gbnf;
  readonly options: SchemaGrammarOptions;
  readonly banned: readonly string[];
  readonly notation: Notation;
  /** The expression that writes a value of this schema. */
  value(schema: JsonValue | undefined, path: string): string;
  note(path: string, keyword: string, effect: GrammarNote["effect"], message: string): void;
  fail(path: string, message: string): never;
}
