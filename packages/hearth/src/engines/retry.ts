import { EngineError } from "../protocol/index.ts";

/** How failures that may pass are tried again. */
export interface RetryPolicy {
  /** Attempts in all, the first one included. Default 3. */
  attempts: number;
  /** Wait after the first failure; it doubles with each. Default 1,000. */
  firstWaitMs: number;
  /** Longest wait of ours. Default 10,000. */
  maxWaitMs: number;
  /** Longest wait that an engine may ask for with `Retry-After`. Default 60,000. */
  maxRetryAfterMs: number;
  /** Share of the wait, 0 to 1, by which it is varied at random, so that many clients don't come back at once. Default 0. */
  jitter: number;
  random: () => number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  attempts: 3,
  firstWaitMs: 1000,
  maxWaitMs: 10_000,
  maxRetryAfterMs: 60_000,
  jitter: 0,
  random: Math.random,
};

/**
 * Whether to try again after this error, and how long to wait before. Only transient failures of an engine qualify.
 * `attempt` is the number of the one that failed, from 1. An engine that asks for a longer wait than is allowed is not
 * asked again: earlier it would refuse, and the error says how long it wants.
 */
export function retryDecision(
  error: unknown,
  attempt: number,
  policy: Partial<RetryPolicy> = {},
): { waitMs: number } | undefined {
  const { attempts, firstWaitMs, maxWaitMs, maxRetryAfterMs, jitter, random } = {
    ...DEFAULT_RETRY_POLICY,
    ...policy,
  };
  if (!(error instanceof EngineError) || !error.transient || attempt >= attempts) return undefined;
  const asked = error.retryAfterMs;
  if (asked !== undefined) return asked > maxRetryAfterMs ? undefined : { waitMs: Math.round(asked) };
  const waitMs = Math.min(maxWaitMs, firstWaitMs * 2 ** Math.min(attempt - 1, 30));
  const varied = jitter === 0 ? waitMs : waitMs * (1 + jitter * (random() * 2 - 1));
  return { waitMs: Math.round(varied) };
}
