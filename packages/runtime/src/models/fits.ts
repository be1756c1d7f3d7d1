import { GUIDE, type GuideModel, PICKS } from "./guide.ts";
import { estimateMemory } from "./memory.ts";

/** The window for which the guide says what fits: enough for a task of several steps. */
export const GUIDE_CONTEXT_TOKENS = 16_384;

/** Memory of a guide's row with that window, in bytes. The cache of one that nobody has computed is a tenth of its weights. */
export function guideMemory(model: GuideModel): number {
  const { total, cache } = estimateMemory(model.bytes, undefined, { contextTokens: GUIDE_CONTEXT_TOKENS });
  if (model.kvBytes === undefined) return total;
  return total - cache + model.kvBytes * GUIDE_CONTEXT_TOKENS + (model.fixedBytes ?? 0);
}

/** The best recommendation that so much memory holds. */
export function bestPick(memoryBytes: number): GuideModel | undefined {
  return PICKS.filter(({ memoryGb }) => memoryGb * 1e9 <= memoryBytes)
    .toReversed()
    .flatMap(({ names }) => names)
    .flatMap((name) => GUIDE.find((model) => model.name === name) ?? [])
    .find((model) => guideMemory(model) <= memoryBytes);
}
