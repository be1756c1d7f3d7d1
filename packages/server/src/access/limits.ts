import { UsageError } from "hearth";

/** What one service lets its callers do at most. Times in seconds, as they are set. */
export interface AccessLimits {
  /** Bytes of a body. Default 4 MiB. */
  maxBodyBytes: number;
  /** Bytes of a request's line and headers together. Default 16 KiB. */
  maxHeaderBytes: number;
  /** Until all headers are here. Default 10. */
  headersTimeoutS: number;
  /** Until the whole request is here, its body too; answers may take as long as they need. Default 60. */
  requestTimeoutS: number;
  /** Connections at once. Default 1024. */
  maxConnections: number;
  /** Requests of one key a minute, and at once after a rest a tenth of that, or 20 if that is more. Default 600. */
  ratePerMinute: number;
  /** Runs of one key at once. Default 16. */
  runsPerKey: number;
  /** Answers of one key that are made or streamed at once. Default 64. */
  openPerKey: number;
}

export const DEFAULT_ACCESS_LIMITS: AccessLimits = {
  maxBodyBytes: 4 * 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  headersTimeoutS: 10,
  requestTimeoutS: 60,
  maxConnections: 1024,
  ratePerMinute: 600,
  runsPerKey: 16,
  openPerKey: 64,
};

/** How often Node looks for requests that take too long: half a second, so that a limit of seconds is one. */
const LOOK_MS = 500;

/** The limits that Node itself holds, before any of our code runs. */
export function socketOptions({ headersTimeoutS, requestTimeoutS, maxHeaderBytes }: AccessLimits): {
  headersTimeout: number;
  requestTimeout: number;
  maxHeaderSize: number;
  connectionsCheckingInterval: number;
} {
  if (headersTimeoutS > requestTimeoutS)
    throw new UsageError("A request can't have less time than its headers.", {
      remedy: "Raise the time for the whole request, or lower the one for its headers.",
    });
  return {
    headersTimeout: headersTimeoutS * 1000,
    requestTimeout: requestTimeoutS * 1000,
    maxHeaderSize: maxHeaderBytes,
    connectionsCheckingInterval: LOOK_MS,
  };
}
