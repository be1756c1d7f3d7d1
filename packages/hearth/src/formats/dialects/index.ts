/**
 * The formats as data: one descriptor for each, and the table of all. Owns what a model writes; knows nothing of how it is
 * read, rendered or constrained.
 */
import { hermes } from "./hermes.ts";
import { llamaJson } from "./llama.ts";
import { mistralV3, mistralV11 } from "./mistral.ts";
import { plainJson } from "./plain.ts";
import { qwen3Coder } from "./qwen-coder.ts";
import type { Dialect } from "./types.ts";

export type * from "./bodies.ts";
export type { Body, CallSyntax, Dialect, HeaderSyntax, Route, Section, ThinkingSyntax } from "./types.ts";
export { markersOf } from "./types.ts";

/** Every format, the more telling needles first. */
export const dialects: readonly Dialect[] = [qwen3Coder, mistralV11, mistralV3, hermes, llamaJson, plainJson];

const byId = new Map(dialects.map((dialect) => [dialect.id, dialect]));

/** The format of this id; undefined where there is none. */
export function dialectById(id: string): Dialect | undefined {
  return byId.get(id);
}
