import type { Target, TelemetrySettings } from "./env.ts";
import { type FinishedSpan, type Origin, spanText, tracesBody } from "./otlp.ts";
import { SYSTEM, send, type Transport } from "./sender.ts";

/** Spans with content are large; beyond this the buffer is full, however few they are. */
const MAX_BYTES = 16 * 1024 * 1024;

type Limits = Pick<TelemetrySettings, "maxSpans" | "batchSpans" | "delayMs" | "gzip">;

/**
 * Spans on their way to the collector. Whoever ends a span never waits: it is written out and put into a bounded buffer; what finds no
 * room is dropped and counted. One batch is on its way at a time.
 */
export class SpanQueue {
  exported = 0;
  dropped = 0;
  readonly #target: Target;
  readonly #origin: Origin;
  readonly #limits: Limits;
  readonly #transport: Transport;
  readonly #hurry = new AbortController();
  #waiting: string[] = [];
  #chars = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;

  constructor(target: Target, origin: Origin, limits: Limits, transport: Transport = SYSTEM) {
    this.#target = target;
    this.#origin = origin;
    this.#limits = limits;
    this.#transport = transport;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  add(span: FinishedSpan): void {
    if (!span.context.sampled) return;
    const text = spanText(span);
    if (this.#waiting.length >= this.#limits.maxSpans || this.#chars + text.length > MAX_BYTES) {
      this.dropped++;
      return;
    }
    this.#waiting.push(text);
    this.#chars += text.length;
    if (this.#waiting.length >= this.#limits.batchSpans) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), this.#limits.delayMs).unref();
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#limits.batchSpans);
      const { how, rejected } = await send(
        this.#target,
        tracesBody(this.#origin, batch),
        this.#hurry.signal,
        {
          gzipped: this.#limits.gzip,
          transport: this.#transport,
          // A process that is about to end has one try.
          ...(this.#hurry.signal.aborted ? { attempts: 1 } : {}),
        },
      );
      this.#waiting = this.#waiting.slice(batch.length);
      for (const text of batch) this.#chars -= text.length;
      if (how === "taken") {
        this.exported += batch.length - rejected;
        this.dropped += rejected;
      } else this.dropped += batch.length;
    }
  }

  /** Sends what is left, for `boundMs` at most. */
  async close(boundMs: number): Promise<void> {
    this.#hurry.abort();
    if (this.#waiting.length > 0) this.#begin();
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, boundMs);
    });
    await Promise.race([this.#sending, bound]);
    clearTimeout(timer);
    this.dropped += this.#waiting.length;
    this.#waiting = [];
    this.#chars = 0;
  }
}
