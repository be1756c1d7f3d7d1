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
  /** Tokens of the template's own. Default 0. */
  overheadTokens?: number;
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
  /** What was counted of added text so far, as shares of what was expected: how well this engine can be foretold. */
  growths: readonly number[];
}

/** Fewer new tokens than this say nothing. */
const MIN_GROWTH_TOKENS = 60;
/** However little is known: new text counted at less than this share was not read, or something before it went for it. */
const GROWTH_SHARE = 0.35;
/** The closest that counts are held to what was foretold. */
const MIN_TOLERANCE = 0.03;

/** New text of this prompt, counted, as a share of what was expected; `undefined` where there is too little of it. */
export function growthOf(
  sent: Pick<SentPrompt, "chars" | "charsPerToken" | "actual" | "before">,
): number | undefined {
  const { chars, charsPerToken, actual, before } = sent;
  if (before === undefined) return undefined;
  const expected = (chars - before.chars) / charsPerToken;
  return expected < MIN_GROWTH_TOKENS ? undefined : (actual - before.tokens) / expected;
}

/**
 * The least share of new text that passes. Counts that have come out as foretold are held to it closely; texts of changing kinds, code
 * after prose after numbers, scatter by half, and then only a count far off says something.
 */
function leastGrowth(growths: readonly number[]): number {
  if (growths.length < 2) return Math.max(GROWTH_SHARE, (growths[0] ?? 0) * 0.6);
  const mean = growths.reduce((sum, one) => sum + one, 0) / growths.length;
  const spread = Math.max(...growths.map((one) => Math.abs(one - mean))) / Math.max(mean, 0.01);
  const tolerance = Math.max(MIN_TOLERANCE, (growths.length === 2 ? 6 : 3) * spread);
  return Math.max(GROWTH_SHARE, mean * (1 - tolerance));
}

/**
 * Whether the engine has cut the prompt in silence. Four signs: it counted far fewer tokens than were sent (before anything was
 * counted the estimate may be off by half for good reasons); more was sent than the window in force can hold; it counted less than for
 * the prompt before, which this one begins with; or less of what was added than it has always counted.
 */
export function wasTruncated(sent: SentPrompt): boolean {
  const { chars, charsPerToken, calibrated, actual, windowInForce, before, thinkingTokens } = sent;
  const expected = (sent.overheadTokens ?? 0) + chars / charsPerToken;
  if (expected < 512) return false;
  if (actual < expected * (calibrated ? TRUNCATED_SHARE : 0.5)) return true;
  if (windowInForce !== undefined && calibrated && expected * 0.95 > windowInForce) return true;
  if (before === undefined || chars < before.chars) return false;
  if (actual < before.tokens - thinkingTokens - 16) return true;
  const growth = growthOf(sent);
  const thought = growth === undefined ? 0 : thinkingTokens / ((chars - before.chars) / charsPerToken);
  return growth !== undefined && growth + thought < leastGrowth(sent.growths);
}
