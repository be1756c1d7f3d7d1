import type { GgufHeader } from "../discovery/parse-gguf.ts";

/** Share of the free memory that is used; the rest is for batches and for others. */
const SHARE = 0.85;

export interface GpuNeed {
  /** Size of the weights. */
  weights: number;
  /** Size of the KV cache for the whole window, at 16 bits. */
  cache: number;
  layers: number;
}

/** What a model with this window needs. The output layer counts as one more. */
export function gpuNeed(header: GgufHeader, weights: number, contextTokens: number): GpuNeed {
  const blocks = header.blocks ?? 32;
  const heads = header.heads ?? 32;
  const perHead = header.embedding === undefined ? 128 : header.embedding / heads;
  const kvHeads = header.kvHeads ?? heads;
  const wide = (header.keyLength ?? perHead) + (header.valueLength ?? perHead);
  return { weights, cache: blocks * kvHeads * wide * 2 * contextTokens, layers: blocks + 1 };
}

/** How many layers go onto a GPU with so much memory free: all, or the share that fits with its part of the cache. */
export function layersThatFit(need: GpuNeed, freeBytes: number): number {
  const perLayer = (need.weights + need.cache) / need.layers;
  return Math.max(0, Math.min(need.layers, Math.floor((freeBytes * SHARE) / perLayer)));
}
