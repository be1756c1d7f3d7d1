import { EngineError, HearthError } from "hearth";
import type { RefusalReason } from "./types.ts";

/** There is no place in line: come back in a while. */
export class QueueFullError extends HearthError {
  /** `share`: this key has its share of the line already; `full`: others fill it. */
  readonly reason: RefusalReason;
  /** Seconds for `Retry-After`. */
  readonly retryAfterS: number;

  constructor(reason: RefusalReason, inLine: number, retryAfterMs: number) {
    const whose = reason === "share" ? "yours, and no more of them can wait" : "of others too";
    super(`The queue is full: ${inLine} requests and runs are in, ${whose}.`, {
      remedy: "Try again later, or start the server with a larger --max-queue.",
    });
    this.reason = reason;
    this.retryAfterS = Math.max(1, Math.ceil(retryAfterMs / 1000));
  }
}

/** A request waited for its turn as long as anybody may. */
export class WaitTimeoutError extends EngineError {
  constructor(waitedMs: number, retryAfterMs: number) {
    super(`The engine was busy with others for ${Math.round(waitedMs / 1000)} s.`, {
      remedy: "Try again later, or start the server with a longer --queue-timeout.",
      retryAfterMs,
    });
  }
}

/** The time that the client gave its request is over. */
export class DeadlineError extends EngineError {
  constructor(deadlineMs: number) {
    super(`The answer was not there within the ${deadlineMs / 1000} s that the request gave it.`, {
      remedy: "Send a later x-hearth-deadline, or none.",
    });
  }
}
