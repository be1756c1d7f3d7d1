import type { LocalModel } from "@hearth/llama";
import { type Estimate, estimateMemory, shapeOf } from "../models/index.ts";

/** The window that the embedded engine opens of its own accord. */
const CONTEXT_TOKENS = 8192;
/**
 * Bytes that a processor can read for each token and still answer at reading speed: memory of common machines gives some 40 GB/s,
 * so 8 GB make five tokens a second.
 */
const MAX_READ_BYTES = 8e9;

export interface LocalChoice {
  model: LocalModel;
  needs: Estimate;
}

/**
 * The best model file on this machine: its template knows tools, and it fits the memory that is free. Among those the largest
 * that a processor reads fast enough; where there is a GPU, simply the largest. A pure function.
 */
export function bestLocal(
  models: readonly LocalModel[],
  freeBytes: number,
  gpu: boolean,
): LocalChoice | undefined {
  const fitting = models.flatMap((model) => {
    const needs = memoryOf(model, gpu);
    return model.tools && needs.total <= freeBytes ? [{ model, needs }] : [];
  });
  const slow = ({ model }: LocalChoice): boolean => !gpu && readBytes(model) > MAX_READ_BYTES;
  const size = ({ needs }: LocalChoice): number => needs.weights;
  return fitting.sort(
    (a, b) =>
      Number(slow(a)) - Number(slow(b)) ||
      (slow(a) ? readBytes(a.model) - readBytes(b.model) : size(b) - size(a)) ||
      a.model.name.localeCompare(b.model.name),
  )[0];
}

/** What a model on disk takes with the window that it gets. */
export function memoryOf({ info, head }: Pick<LocalModel, "info" | "head">, gpu: boolean): Estimate {
  const contextTokens = Math.min(CONTEXT_TOKENS, info.maxContextTokens ?? CONTEXT_TOKENS);
  return estimateMemory(info.bytes ?? 0, shapeOf(head), { contextTokens, gpu });
}

/** Weights read for one token: of a mixture of experts those of the experts used, and a tenth for what all tokens share. */
function readBytes({ info, head }: LocalModel): number {
  const bytes = info.bytes ?? 0;
  const all = head.numbers?.["expert_count"];
  const used = head.numbers?.["expert_used_count"];
  if (typeof all !== "number" || typeof used !== "number" || all <= used) return bytes;
  return bytes * (0.1 + (0.9 * used) / all);
}
