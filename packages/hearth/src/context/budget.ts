/** When the prompt takes this share of the window, the oldest results become stubs. */
export const DEFAULT_THRESHOLD = 0.8;
/** Down to this share, so that the next edit is far away: each one costs the KV cache. */
export const TARGET_SHARE = 0.5;
/** A prompt counted at less than this share of what was sent was cut by the engine. */
export const TRUNCATED_SHARE = 0.6;

/** Tokens kept free for the answer: max(1,024, min(4,096, 20 % of the window)), never more than half of the window. */
export function reserveTokens(windowTokens: number): number {
  return Math.min(
    Math.max(1024, Math.min(4096, Math.floor(windowTokens * 0.2))),
    Math.floor(windowTokens / 2),
  );
}

/** The most tokens a prompt may have. */
export function promptLimit(windowTokens: number): number {
  return windowTokens - reserveTokens(windowTokens);
}

/** Tokens from which the prompt is edited. */
export function editAt(windowTokens: number, threshold: number): number {
  return Math.min(Math.floor(windowTokens * threshold), promptLimit(windowTokens));
}

/**
 * Whether the engine has cut the prompt in silence: it counted far fewer tokens than were sent. Before anything was counted, the
 * estimate may be off by half for good reasons, so only a count below half of it is proof.
 */
export function wasTruncated(expected: number, actual: number, calibrated: boolean): boolean {
  if (expected < 512) return false;
  return actual < expected * (calibrated ? TRUNCATED_SHARE : 0.5);
}
