import type { ModelInfo } from "../engines/types.ts";

/** Without a wish of the user, a window this large or larger is left as the engine loaded it. */
export const MIN_LOADED_TOKENS = 8192;
/** Without a wish of the user, this is the largest window that is asked for. */
export const DEFAULT_MAX_TOKENS = 16_384;

/** The window of a run, in tokens: the user's wish, else the engine's own choice, else the loaded one where it is large enough, else up to 16,384. */
export function chooseWindow(info: ModelInfo, wishTokens?: number): number {
  const most = info.maxContextTokens ?? Number.POSITIVE_INFINITY;
  if (wishTokens !== undefined) return Math.min(wishTokens, most);
  if (info.defaultContextTokens !== undefined) return Math.min(info.defaultContextTokens, most);
  const loaded = info.loadedContextTokens;
  if (loaded !== undefined && loaded >= MIN_LOADED_TOKENS) return Math.min(loaded, most);
  return Math.min(most, DEFAULT_MAX_TOKENS);
}
