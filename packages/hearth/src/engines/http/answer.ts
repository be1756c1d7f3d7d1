import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { EngineTimeoutError } from "../../protocol/index.ts";
import { cancelError, cutError, reasonOf } from "./network-errors.ts";

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
  readonly #message: IncomingMessage;
  readonly #options: AnswerOptions;
  readonly #onAbort = (): void => this.#abort();
  #held: Buffer[] = [];
  #heldBytes = 0;
  #released = false;
  #failure: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(message: IncomingMessage, options: AnswerOptions) {
    this.status = message.statusCode ?? 0;
    this.headers = message.headers;
    this.#message = message;
    this.#options = options;
    message.on("data", (chunk: Buffer) => this.#hold(chunk));
    message.on("end", () => this.#settle());
    message.on("error", (error) => this.#settle(error));
    message.on("close", () =>
      this.#settle(message.complete ? undefined : new Error("the connection was closed")),
    );
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (options.signal?.aborted) this.#abort();
  }

  /** All bytes that are here already; `undefined` where there are none. */
  take(): Buffer | undefined {
    const held = this.#held;
    if (held.length === 0) return undefined;
    this.#held = [];
    this.#heldBytes = 0;
    if (this.#message.isPaused()) this.#message.resume();
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
    const timer = setTimeout(() => this.#message.destroy(), RELEASE_MS);
    timer.unref();
    this.#message.once("close", () => clearTimeout(timer));
    this.#drop();
  }

  /** Closes the connection, so that the engine stops. */
  close(): void {
    this.#unlisten();
    if (!this.#ended) this.#message.destroy();
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

  #hold(chunk: Buffer): void {
    if (this.#released) return;
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= MAX_HELD_BYTES) this.#message.pause();
    this.#wake?.();
  }

  #drop(): void {
    this.#released = true;
    this.#held = [];
    this.#message.resume();
  }

  #abort(): void {
    const { signal, address } = this.#options;
    if (signal !== undefined) this.#failure ??= cancelError(signal, address);
    this.#drop();
    this.#message.destroy();
    this.#wake?.();
  }

  #settle(error?: Error): void {
    if (error === undefined) this.#ended = true;
    else if (!this.#ended) this.#failure ??= cutError(this.#options.address, this.#why(error), error);
    this.#unlisten();
    this.#wake?.();
  }

  #why(error: Error): string {
    const { code, message } = reasonOf(error);
    return code === "ECONNRESET" || message === "aborted" ? "the connection was closed" : message;
  }

  #unlisten(): void {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  #silent(): EngineTimeoutError {
    const { address, idleTimeoutMs } = this.#options;
    return silentError(address, idleTimeoutMs ?? 0);
  }
}

export function silentError(address: string, timeoutMs: number): EngineTimeoutError {
  return new EngineTimeoutError(`${address} was silent for ${timeoutMs / 1000} s.`, {
    remedy: "Allow it more time, or choose a smaller model or a shorter prompt.",
  });
}
