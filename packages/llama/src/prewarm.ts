/**
 * Starts the child process of the pocket model before anything else is loaded, so that it is ready when the first request is.
 * Imports neither `hearth` nor the rest of this package: a command calls it in its first line. Never downloads, never fails.
 */
import { join } from "node:path";
import { LlamaChild } from "./child-process.ts";
import { cacheFolder } from "./folders.ts";
import { BASE, POCKET_CONTEXT_TOKENS, pocketAdapter } from "./model/base.ts";
import { gpuLayersFor, openOptions, serves } from "./model/open.ts";
import { modelsFolder, presentModel } from "./model/stamp.ts";
import { findLlama } from "./native/find.ts";
import type { OpenOptions } from "./protocol.ts";

const warm = new Set<LlamaChild>();

/** A child for these options: one that was started before, where it serves, or a new one. */
export function takeChild(options: OpenOptions, cache: string): LlamaChild {
  for (const child of warm) {
    if (child.gone !== undefined) warm.delete(child);
    else if (serves(child.options, options)) {
      warm.delete(child);
      return child;
    }
  }
  // Started for nothing: its memory is needed now.
  dropPrewarmed();
  return new LlamaChild(options, compiled(cache));
}

/** Where Node keeps the child's compiled code. */
const compiled = (cache: string) => join(cache, "compiled");

export interface PrewarmOptions {
  /** Default: the user's cache. */
  cache?: string;
  /** Tokens of the window; one that is larger than what is asked for later serves too. Default 4096. */
  contextTokens?: number;
  /** False: never use a GPU. As for the engine. */
  gpu?: boolean;
}

/**
 * Starts the pocket model where its files are on disk, and says whether it did. Some file look-ups and a process: 15 ms. Where
 * no request follows, nothing is lost but the child's CPU time; the process ends with this one.
 */
export function prewarm(options: PrewarmOptions = {}): boolean {
  const cache = options.cache ?? cacheFolder();
  try {
    const native = findLlama({ gpu: options.gpu ?? true });
    const model = presentModel(BASE, modelsFolder(cache));
    if ("missing" in native || model === undefined) return false;
    const opened = openOptions(
      native,
      { model, adapter: pocketAdapter() },
      {
        contextTokens: options.contextTokens ?? POCKET_CONTEXT_TOKENS,
        gpuLayers: gpuLayersFor(native),
        cache,
      },
    );
    if (![...warm].some((child) => child.gone === undefined && serves(child.options, opened))) {
      warm.add(new LlamaChild(opened, compiled(cache)));
    }
    return true;
  } catch {
    return false;
  }
}

/** Ends what was started and not taken; to be called once it is known that another engine is used. */
export function dropPrewarmed(): void {
  for (const child of warm) child.kill();
  warm.clear();
}
