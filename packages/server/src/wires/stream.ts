import { ServerResponse } from "node:http";
import { PassThrough, Readable } from "node:stream";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { CancelledError } from "hearth";
import type { Context } from "hono";
import { currentScope } from "../observe/index.ts";
import { errorBody, failureOf } from "../problem.ts";
import { type Frames, sendFrames } from "./send.ts";

/** What a wire's stream looks like. */
export interface StreamForm {
  contentType: string;
  /** Sent while nothing else comes. Left out: silence. */
  heartbeat?: string;
  /**
   * Read so far ahead of the client. An answer of a model is read to its end at the engine's pace: a client that stalls must not
   * hold the engine up. Left out: nothing, for what is in a log anyway.
   */
  aheadBytes?: number;
  /** An error in the middle; the stream ends after it. */
  error(body: object): string;
}

/** Longer than any answer: about 250,000 tokens. */
const ANSWER_BYTES = 1024 * 1024;

export const SSE: StreamForm = {
  contentType: "text/event-stream; charset=utf-8",
  heartbeat: ": still here\n\n",
  error: (body) => `data: ${JSON.stringify(body)}\n\n`,
};

/** Server-sent events of one answer of a model. */
export const ANSWER_SSE: StreamForm = { ...SSE, aheadBytes: ANSWER_BYTES };

/** One JSON value a line, of one answer of a model. */
export const NDJSON: StreamForm = {
  contentType: "application/x-ndjson",
  aheadBytes: ANSWER_BYTES,
  error: (body) => `${JSON.stringify(body)}\n`,
};

/** One server-sent event without a name. Data is one JSON value, so line breaks in texts stay inside it. */
export const sseData = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

/** One server-sent event. */
export function sseFrame(event: string, data: unknown, id?: number): string {
  const head = id === undefined ? "" : `id: ${id}\n`;
  return `${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

export const jsonLine = (data: unknown): string => `${JSON.stringify(data)}\n`;

/**
 * Frames as a response. They are read as fast as the client reads, or ahead of it as the form says; `left` is called once when it goes away early.
 * What the frames throw is said in the wire's own words, then the stream ends.
 */
export function streamed(
  c: Context,
  form: StreamForm,
  frames: Frames,
  left: (() => void) | undefined,
  headers: Record<string, string> = {},
): Response {
  const scope = currentScope();
  if (scope !== undefined) {
    scope.stream = form.contentType.startsWith("text/event-stream");
    const runId = headers["x-run-id"];
    if (runId !== undefined) scope.runId ??= runId;
  }
  const head = {
    "content-type": form.contentType,
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    ...headers,
  };
  const failed = (error: unknown): string => form.error(errorBody(c.req.path, failureOf(error)));
  const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
  // Straight to the socket where there is one: a web stream between takes a seventh of the CPU of a model's answer.
  if (outgoing instanceof ServerResponse && c.req.method !== "HEAD") {
    outgoing.setHeaders(c.body(null, 200, head).headers);
    sendFrames(outgoing, form, frames, failed, left);
    return RESPONSE_ALREADY_SENT;
  }
  const through = new PassThrough();
  sendFrames(through, form, frames, failed, left);
  return c.body(Readable.toWeb(through) as ReadableStream, 200, head);
}

/**
 * Fires when the client leaves before it has its answer. On a socket the response tells; the request's own signal is for apps
 * without one, for asking it there makes a whole second request object.
 */
export function leaving(c: Context): AbortController {
  const controller = new AbortController();
  const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
  if (outgoing !== undefined) {
    outgoing.once("close", () => {
      if (!outgoing.writableFinished) controller.abort(LEFT);
    });
    return controller;
  }
  const { signal } = c.req.raw;
  const follow = (): void => controller.abort(LEFT);
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  return controller;
}

/** One reason for all: without it each abort makes an exception with its stack. */
const LEFT = new CancelledError("The client left.");

/**
 * Waits for the first item, so that a request that fails at once gets its status; then gives all of them.
 */
export async function begun<T>(items: AsyncIterator<T>): Promise<AsyncIterableIterator<T>> {
  let first: IteratorResult<T> | undefined = await items.next();
  const again: AsyncIterableIterator<T> = {
    next() {
      if (first === undefined) return items.next();
      const result = first;
      first = undefined;
      return Promise.resolve(result);
    },
    return: async () => (await items.return?.()) ?? { value: undefined, done: true },
    [Symbol.asyncIterator]: () => again,
  };
  return again;
}
