import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Target } from "./env.ts";

/** Answers that ask for another try (opentelemetry.io/docs/specs/otlp, failures). */
const AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 30_000;

export type Sent = "taken" | "refused" | "unreachable";

export interface SendResult {
  how: Sent;
  /** Of a batch that was taken, what the collector did not want. */
  rejected: number;
}

export interface Transport {
  fetch: typeof fetch;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const SYSTEM: Transport = {
  fetch: (...args) => fetch(...args),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(done, ms).unref();
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
      signal.addEventListener("abort", done, { once: true });
    }),
};

const compress = promisify(gzip);

/**
 * Posts one body, again where the collector asks for that or is away. Every attempt is bounded, so is their number; `hurry` ends the
 * waiting between them. Raises nothing.
 */
export async function send(
  target: Target,
  body: string,
  hurry: AbortSignal,
  {
    gzipped = false,
    transport = SYSTEM,
    attempts = ATTEMPTS,
  }: { gzipped?: boolean; transport?: Transport; attempts?: number } = {},
): Promise<SendResult> {
  const headers = {
    ...target.headers,
    "content-type": "application/json",
    ...(gzipped ? { "content-encoding": "gzip" } : {}),
  };
  const bytes = gzipped ? new Uint8Array(await compress(body)) : body;
  for (let attempt = 1; ; attempt++) {
    let waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
    try {
      const signal = AbortSignal.timeout(target.timeoutMs);
      const reply = await transport.fetch(target.url, {
        method: "POST",
        headers,
        body: bytes,
        signal,
        redirect: "error",
      });
      const text = await reply.text();
      if (reply.ok) return { how: "taken", rejected: rejectedIn(text) };
      if (!AGAIN.has(reply.status)) return { how: "refused", rejected: 0 };
      const asked = Number(reply.headers.get("retry-after")) * 1000;
      if (asked > 0) waitMs = Math.min(MAX_WAIT_MS, asked);
    } catch {
      // Away, or silent for too long.
    }
    if (attempt >= attempts || hurry.aborted) return { how: "unreachable", rejected: 0 };
    await transport.sleep(waitMs, hurry);
  }
}

/** `partialSuccess` of the answer; anything else is none. */
function rejectedIn(text: string): number {
  const found = /"rejected(?:Spans|DataPoints)"\s*:\s*"?(\d+)/.exec(text);
  return Number(found?.[1] ?? 0);
}
