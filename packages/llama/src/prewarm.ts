/**
 * Starts the child process of the pocket model before anything else is loaded, so that it is ready when the first request is.
 * Imports neither `hearth` nor the rest of this package: a command calls it in its first line. Never downloads, never fails.
 */
import { join } from "node:path";
import { LlamaChild } from "./child-process.ts";
import { cacheFolder } from "./folders.ts";
import { BASE, POCKET_CONTEXT_TOKENS, pocketAdapter } from "./model/base.ts";
import { openOptions } from "./model/open.ts";
import { modelsFolder, presentModel } from "./model/stamp.ts";
import { findLlama } from "./native/find.ts";
import type { OpenOptions } from "./protocol.ts";

const warm = new Map<string, LlamaChild>();

/** The child for these options: one that was started before, or a new one. */
export function takeChild(options: OpenOptions, cache: string): LlamaChild {
  const key = JSON.stringify(options);
  const child = warm.get(key);
  warm.delete(key);
  return child?.gone === undefined && child !== undefined
    ? child
    : new LlamaChild(options, join(cache, "compiled"));
}

export interface PrewarmOptions {
  /** Default: the user's cache. */
  cache?: string;
  /** Default 4096. */
  contextTokens?: number;
}

/** Starts the pocket model where its files are on disk. Returns whether it did. Without a request within the run it costs nothing but its CPU time. */
export function prewarm(options: PrewarmOptions = {}): boolean {
  const cache = options.cache ?? cacheFolder();
  try {
    const native = findLlama({ gpu: false });
    const model = presentModel(BASE, modelsFolder(cache));
    if ("missing" in native || model === undefined) return false;
    const opened = openOptions(
      native,
      { model, adapter: pocketAdapter() },
      { contextTokens: options.contextTokens ?? POCKET_CONTEXT_TOKENS, gpuLayers: 0, cache },
    );
    const key = JSON.stringify(opened);
    if (!warm.has(key)) warm.set(key, new LlamaChild(opened, join(cache, "compiled")));
    return true;
  } catch {
    return false;
  }
}

/** Ends what was started and not taken, once it is known that another engine is used. */
export function dropPrewarmed(): void {
  for (const child of warm.values()) child.kill();
  warm.clear();
}
