import type { Shape } from "./shape.ts";

/** How keys and values are kept; bytes an element (blocks of 32 with their scale). */
export const CACHE_BYTES = { f16: 2, q8_0: 34 / 32, q4_0: 18 / 32 } as const;

export type CacheType = keyof typeof CACHE_BYTES;

export interface CacheOptions {
  /** Tokens of the window. */
  contextTokens: number;
  /** Tokens computed at once. Default 512, llama.cpp's `n_ubatch`. */
  batchTokens?: number;
  /** Conversations at the same time. Default 1. */
  sequences?: number;
  type?: CacheType;
  /** On a GPU the logits of a whole batch are set aside; a processor touches only those that are asked for. Default false. */
  gpu?: boolean;
}

/** Windows and caches are kept in steps of so many tokens. */
const STEP = 256;
/** What a context keeps beside its caches: the difference that each measured figure shows. */
const BOOKKEEPING_BYTES = 2.06 * 1024 * 1024;
/** The process itself, as measured with the embedded engine at three windows. */
const PROCESS_BYTES = 70 * 1024 * 1024;
/** Where nothing is known of the layers: the process, and a generous guess at the rest. */
const UNKNOWN_BYTES = 384 * 1024 * 1024;

const padded = (tokens: number): number => Math.ceil(tokens / STEP) * STEP;

/** Bytes of the caches: keys and values of attention, states of recurrent layers. */
export function cacheBytes(shape: Shape, options: CacheOptions): number {
  const { contextTokens, batchTokens = 512, sequences = 1, type = "f16" } = options;
  const all = padded(contextTokens);
  let bytes = BOOKKEEPING_BYTES;
  for (const layer of shape.layers) {
    if (layer.kind === "recurrent") bytes += layer.elements * 4 * sequences;
    if (layer.kind !== "attention") continue;
    const seen =
      layer.window === undefined ? all : Math.min(all, padded(sequences * layer.window + batchTokens + 1));
    bytes += layer.elements * CACHE_BYTES[type] * seen;
  }
  return bytes;
}

export interface Estimate {
  weights: number;
  cache: number;
  /** The process, and what is between the layers while a batch goes through. */
  compute: number;
  /** All of it, in bytes. */
  total: number;
}

/**
 * Memory that a model takes while it answers: its weights as they lie in the file, the caches by formula, and what computing
 * needs, estimated. Without a shape the cache is taken as a tenth of the weights.
 */
export function estimateMemory(
  weightBytes: number,
  shape: Shape | undefined,
  options: CacheOptions,
): Estimate {
  const { batchTokens = 512, gpu = false } = options;
  if (shape === undefined) {
    const cache = weightBytes / 10;
    return {
      weights: weightBytes,
      cache,
      compute: UNKNOWN_BYTES,
      total: weightBytes + cache + UNKNOWN_BYTES,
    };
  }
  const cache = cacheBytes(shape, options);
  const widths = 8 * shape.embedding + (gpu ? shape.vocabulary : 0);
  const compute = PROCESS_BYTES + batchTokens * 4 * widths;
  return { weights: weightBytes, cache, compute, total: weightBytes + cache + compute };
}
