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

/** A prompt that an engine counted, and how long it was. */
export interface Counted {
  chars: number;
  tokens: number;
}

/** What is known when an engine has answered. */
export interface SentPrompt {
  /** Characters that were sent, and how many make a token by what was counted so far. */
  chars: number;
  charsPerToken: number;
  /** Whether an engine has counted anything yet; without it the ratio is a guess. */
  calibrated: boolean;
  /** Tokens that the engine says it read. */
  actual: number;
  /** The window that the engine says is in force. */
  windowInForce?: number | undefined;
  /** The prompt before, where this one is that one and more. */
  before?: Counted | undefined;
  /** Tokens of thinking in the history: some templates leave older thinking out. */
  thinkingTokens: number;
}

/** Fewer new tokens than this say nothing. */
const MIN_GROWTH_TOKENS = 200;
/** New text counted at less than this share of what was expected was not read, or something before it went for it. */
const GROWTH_SHARE = 0.35;

/**
 * Whether the engine has cut the prompt in silence. Four signs: it counted far fewer tokens than were sent (before anything was
 * counted the estimate may be off by half for good reasons); more was sent than the window in force can hold; it counted less than for
 * the prompt before, which this one begins with; or hardly anything of what was added.
 */
export function wasTruncated(sent: SentPrompt): boolean {
  const { chars, charsPerToken, calibrated, actual, windowInForce, before, thinkingTokens } = sent;
  const expected = chars / charsPerToken;
  if (expected < 512) return false;
  if (actual < expected * (calibrated ? TRUNCATED_SHARE : 0.5)) return true;
  if (windowInForce !== undefined && calibrated && expected * 0.95 > windowInForce) return true;
  if (before === undefined || chars < before.chars) return false;
  if (actual < before.tokens - thinkingTokens - 16) return true;
  const growth = (chars - before.chars) / charsPerToken - thinkingTokens;
  return growth >= MIN_GROWTH_TOKENS && actual - before.tokens < growth * GROWTH_SHARE;
}
