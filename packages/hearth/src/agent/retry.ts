import { retryDecision } from "../engines/index.ts";
import { asHearthError } from "../protocol/index.ts";
import type { RunContext } from "./context.ts";

/**
 * Tries again what failed for a passing reason, saying so in the log. `discard` voids what the failed attempt had
 * put there; whether it may be repeated at all is the caller's to say, by throwing something that is not transient.
 */
export async function withRetry<T>(
  context: RunContext,
  body: () => Promise<T>,
  discard: (why: string) => void = () => undefined,
): Promise<T> {
  const { clock, limits, recorder, signal } = context;
  for (let attempt = 1; ; attempt++) {
    try {
      return await body();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const decision = retryDecision(error, attempt, { attempts: limits.attempts });
      const own = asHearthError(error);
      if (decision === undefined) throw own;
      discard(own.message);
      const { waitMs } = decision;
      recorder.emit({ type: "engine.retried", attempt, class: own.name, waitMs, message: own.message });
      await clock.sleep(waitMs, signal);
    }
  }
}
