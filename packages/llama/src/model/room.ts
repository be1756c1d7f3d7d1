import { EngineRefusedError } from "hearth";
import type { GgufFile } from "../discovery/gguf.ts";

/** What the process takes beside weights and cache; measured with pocket at three windows: 70 MB, and some for a batch. */
const PROCESS_BYTES = 100e6;
/** llama.cpp's default for keys and values, f16. */
const ELEMENT_BYTES = 2;

/** What of a file's head its memory follows from. */
export type Sized = Pick<
  GgufFile,
  | "bytes"
  | "blocks"
  | "embedding"
  | "heads"
  | "kvHeads"
  | "keyLength"
  | "valueLength"
  | "contextTokens"
  | "numbers"
>;

/** Figures of models that keep no keys and values in some layers, share them, or compress them. */
const LESS = /^(ssm|rwkv|wkv)\.|full_attention_interval|kv_lora_rank|shared_kv_layers/;

/**
 * The least memory that a model takes with this window, in bytes: weights as they lie in the file, keys and values of every
 * layer, the process. Where the head does not tell the layers' sizes, or they differ, the weights and the process alone. A lower bound, so that
 * nothing is refused that would have run; `hearth models` estimates more closely.
 */
export function leastMemory(model: Sized, contextTokens: number): number {
  const { blocks, embedding, heads, kvHeads, contextTokens: trained = contextTokens } = model;
  const weights = model.bytes + PROCESS_BYTES;
  if (blocks === undefined || heads === undefined || kvHeads === undefined) return weights;
  if (Object.keys(model.numbers ?? {}).some((key) => LESS.test(key))) return weights;
  const usual = embedding === undefined ? undefined : embedding / heads;
  const key = model.keyLength ?? usual;
  const value = model.valueLength ?? usual;
  if (key === undefined || value === undefined) return weights;
  const window = Math.min(contextTokens, trained > 0 ? trained : contextTokens);
  return weights + blocks * kvHeads * (key + value) * ELEMENT_BYTES * window;
}

/** Free memory beyond which nobody need look into the file: twice the weights, and a generous window. */
export const isAmple = (fileBytes: number, freeBytes: number): boolean => freeBytes > 2 * fileBytes + 2e9;

/**
 * Refuses a model that the free memory can't hold, before a process is started: the system would end it, or another program,
 * in the middle of a run, or swap for minutes. Raises `EngineRefusedError`.
 */
export function ensureRoom(name: string, model: Sized, contextTokens: number, freeBytes: number): void {
  const needs = leastMemory(model, contextTokens);
  if (needs <= freeBytes) return;
  const alone = leastMemory(model, 0);
  const smaller =
    alone < freeBytes
      ? "open a smaller window (--context), "
      : "use a smaller model (`hearth models --fits`), ";
  throw new EngineRefusedError(
    `${name} needs at least ${gigabytes(needs)} of memory with a window of ${contextTokens} tokens, and ${gigabytes(freeBytes)} are free.`,
    {
      remedy: `Close other programs, ${smaller}or, in a program, load it all the same with \`memoryGuard: false\`.`,
    },
  );
}

const gigabytes = (bytes: number): string => `${(Math.max(0, bytes) / 1e9).toFixed(1)} GB`;
