/**
 * The formats as data: one descriptor for each, and the table of all. Owns what a model writes; knows nothing of how it is
 * read, rendered or constrained.
 */
import { glm, hy3, k2Horizon, kimiK3, laguna } from "./arg-keys.ts";
import { beam, glimmer, harmony, inkling } from "./channels.ts";
import { hermes } from "./hermes.ts";
import * as tags from "./json-tags.ts";
import { commandR7b, commandRPlus, functools, xlam } from "./json-words.ts";
import { functionGemma, gemma3, gemma4, lfm2, olmo3, pythonic } from "./literals.ts";
import { llamaJson } from "./llama.ts";
import { mistralV3, mistralV11 } from "./mistral.ts";
import { deepseekV3, functionary31, functionary32, kimiK2, plamo3, solarOpen } from "./named.ts";
import { plainJson } from "./plain.ts";
import { minicpmV, qwen3Coder } from "./qwen-coder.ts";
import { dots, dsmlDialect, minicpm5, minimaxM2, minimaxM3, seedOss, step3 } from "./tagged.ts";
import type { Dialect } from "./types.ts";

export type * from "./bodies.ts";
export type { Body, CallSyntax, Dialect, HeaderSyntax, Route, Section, ThinkingSyntax } from "./types.ts";
export { markersOf } from "./types.ts";

/** Every format; where needles of several stand in one template, the earlier one is the more telling. */
export const dialects: readonly Dialect[] = [
  beam,
  glimmer,
  inkling,
  solarOpen,
  harmony,
  minimaxM3,
  minimaxM2,
  dsmlDialect,
  step3,
  deepseekV3,
  kimiK3,
  kimiK2,
  plamo3,
  k2Horizon,
  hy3,
  laguna,
  glm,
  seedOss,
  minicpm5,
  dots,
  minicpmV,
  qwen3Coder,
  gemma4,
  functionGemma,
  lfm2,
  olmo3,
  commandR7b,
  commandRPlus,
  tags.apertus,
  tags.gigachat,
  tags.internlm2,
  tags.nemotronV2,
  tags.apriel16,
  tags.apriel,
  tags.longcat,
  tags.granite20b,
  tags.granite,
  mistralV11,
  mistralV3,
  functionary32,
  functionary31,
  functools,
  tags.toolCallsJson,
  tags.ernie,
  hermes,
  pythonic,
  xlam,
  llamaJson,
  gemma3,
  plainJson,
];

const byId = new Map(dialects.map((dialect) => [dialect.id, dialect]));

/** The format of this id; undefined where there is none. */
export function dialectById(id: string): Dialect | undefined {
  return byId.get(id);
}
