/** Limits of one key, in place of those of the service. */
export interface KeyLimits {
  /** Requests a minute. */
  ratePerMinute?: number;
  /** Runs that go on at once. */
  runs?: number;
  /** Answers that are made or streamed at once. */
  open?: number;
}

export const LIMITS = ["ratePerMinute", "runs", "open"] as const satisfies readonly (keyof KeyLimits)[];
