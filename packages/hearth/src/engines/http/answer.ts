import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { CancelledError, EngineTimeoutError } from "../../protocol/index.ts";
import { cancelError, cutError, isClosed, reasonOf } from "./network-errors.ts";

/** Text of an error that is read at most: 64 KiB. */
const MAX_ERROR_BYTES = 64 * 1024;
/** Bytes held for a reader that is slower than the engine; beyond it, nothing is taken off the socket. */
const MAX_HELD_BYTES = 64 * 1024;
/** After the end mark of an answer the connection gets this long to end its body, and so to be used again. */
const RELEASE_MS = 250;

export interface AnswerOptions {
  address: string;
  signal: AbortSignal | undefined;
  idleTimeoutMs: number | undefined;
}

/**
 * An answer whose head has come. While nobody reads its body, 64 KiB of it are taken off the socket and no more: a slow
 * reader slows the engine down. An abort closes the connection at once.
 */
export class HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly #body: Dispatcher.DispatchController;
  readonly #options: AnswerOptions;
  readonly #onAbort = (): void => this.#abort();
  #held: Buffer[] = [];
  #heldBytes = 0;
  #released = false;
  #release: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(
    status: number,
    headers: IncomingHttpHeaders,
    body: Dispatcher.DispatchController,
    options: AnswerOptions,
  ) {
    this.status = status;
    this.headers = headers;
    this.#body = body;
    this.#options = options;
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Bytes that have come. */
  hold(chunk: Buffer): void {
    if (this.#released) return;
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= MAX_HELD_BYTES) this.#body.pause();
    this.#wake?.();
  }

  /** Nothing more will come, whole or for an error. */
  end(error?: Error): void {
    clearTimeout(this.#release);
    if (error === undefined) this.#ended = true;
    else if (!this.#ended) this.#failure ??= cutError(this.#options.address, why(error), error);
    this.#unlisten();
    this.#wake?.();
  }

  /** All bytes that are here already; `undefined` where there are none. */
  take(): Buffer | undefined {
    const held = this.#held;
    if (held.length === 0) return undefined;
    this.#held = [];
    this.#heldBytes = 0;
    if (this.#body.paused) this.#body.resume();
    return held.length === 1 ? held[0] : Buffer.concat(held);
  }

  /** The next bytes; `undefined` at the end, and where nothing comes within `graceMs`. Raises `StreamCutError`. */
  async read(graceMs?: number): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = this.take();
      if (chunk !== undefined) return chunk;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return undefined;
      if (!(await this.#readable(graceMs ?? this.#options.idleTimeoutMs))) {
        if (graceMs !== undefined) return undefined;
        this.close();
        throw this.#silent();
      }
    }
  }

  /** The whole body; what is longer than `maxBytes` is not read. */
  async text(maxBytes: number = MAX_ERROR_BYTES): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    while (bytes < maxBytes) {
      const chunk = await this.read();
      if (chunk === undefined) break;
      chunks.push(chunk);
      bytes += chunk.length;
    }
    this.release();
    return Buffer.concat(chunks).toString("utf8", 0, maxBytes);
  }

  /** The rest is of no interest: it may end by itself, soon, so that the connection can be used again. */
  release(): void {
    if (this.#ended || this.#failure !== undefined) return;
    this.#unlisten();
    this.#release = setTimeout(() => this.#body.abort(UNWANTED), RELEASE_MS).unref();
    this.#drop();
  }

  /** Closes the connection, so that the engine stops. */
  close(): void {
    this.#unlisten();
    if (!this.#ended) this.#body.abort(UNWANTED);
  }

  #readable(timeoutMs: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => done(false), timeoutMs);
      const done = (came: boolean): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(came);
      };
      this.#wake = () => done(true);
    });
  }

  #drop(): void {
    this.#released = true;
    this.#held = [];
    if (this.#body.paused) this.#body.resume();
  }

  #abort(): void {
    const { signal, address } = this.#options;
    if (signal !== undefined) this.#failure ??= cancelError(signal, address);
    this.#drop();
    this.#body.abort(UNWANTED);
    this.#wake?.();
  }

  #unlisten(): void {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  #silent(): EngineTimeoutError {
    const { address, idleTimeoutMs } = this.#options;
    return silentError(address, idleTimeoutMs ?? 0);
  }
}

/** One for all: nobody sees it. */
const UNWANTED = new CancelledError("The rest of an answer was not wanted.");

function why(error: Error): string {
  const { code, message } = reasonOf(error);
  return isClosed(code) ? "the connection was closed" : message;
}

export function silentError(address: string, timeoutMs: number): EngineTimeoutError {
  return new EngineTimeoutError(`${address} was silent for ${timeoutMs / 1000} s.`, {
    remedy: "Allow it more time, or choose a smaller model or a shorter prompt.",
  });
}
