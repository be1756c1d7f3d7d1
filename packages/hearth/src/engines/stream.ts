import type { IncomingHttpHeaders } from "node:http";
import type { EngineError } from "../protocol/index.ts";
import { type EngineReply, failureOf } from "./failures.ts";
import type { HttpAnswer, HttpClient, HttpRequest } from "./http/index.ts";
import { retryAfterMs } from "./http/index.ts";
import { mapEvents } from "./map-events.ts";
import type { EngineEvent } from "./types.ts";

/** After this much silence a wait is announced, so that nobody looks at nothing: 2 s. */
export const WAIT_NOTICE_MS = 2000;
/** Once the end mark has come, what else belongs to the answer (usage) gets this long. */
const AFTER_END_MS = 2000;
/** More events than these in one read are a burst; its pieces of text are put together up to a length. */
const BURST_EVENTS = 16;
const BURST_PIECE_CHARS = 64;
const SILENCE: unique symbol = Symbol("silence");

type FinishEvent = Extract<EngineEvent, { type: "finish" }>;

/** Turns the body of an answer into events. Raises the typed error of a broken one. */
export interface AnswerReader {
  /** Adds to `events`, which count even where it raises. */
  push(chunk: Buffer, events: EngineEvent[]): void;
  /** The body is over. Raises `StreamCutError` where the end mark is missing. */
  end(events: EngineEvent[]): void;
  /** The end mark has come: a connection that fails now takes nothing with it. */
  readonly ended: boolean;
  /** Nothing more belongs to the answer. */
  readonly complete: boolean;
}

export interface StreamRequest {
  client: HttpClient;
  path: string;
  /** Made anew for each time it is sent. */
  body: () => unknown;
  model: string;
  signal: AbortSignal;
  waitNoticeMs: number | undefined;
  /** Announced as the bound of waits. */
  idleTimeoutMs: number | undefined;
  reader: (headers: IncomingHttpHeaders) => AnswerReader;
  /** The first bytes came: the model is loaded now. */
  onFirstChunk?: () => void;
  /** The window in force, told with the finish. */
  contextTokens?: () => number | undefined | Promise<number | undefined>;
  /** What to throw for a refusal; `undefined` sends the body once more. */
  onRefusal?: (error: EngineError) => EngineError | undefined | Promise<EngineError>;
}

/** Asks, and hands on the events of the answer as they come. Leaving the iteration early closes the connection. */
export function streamAnswer(request: StreamRequest): AsyncIterableIterator<EngineEvent> {
  return mapEvents<EngineEvent[], EngineEvent>(
    readAnswer(request),
    (batch, out) => void out.push(...batch),
    () => undefined,
  );
}

/** The events of an answer, those together that came together. */
async function* readAnswer(request: StreamRequest): AsyncGenerator<EngineEvent[]> {
  const { idleTimeoutMs } = request;
  const noticeMs = request.waitNoticeMs ?? WAIT_NOTICE_MS;
  const bound = idleTimeoutMs === undefined ? {} : { boundMs: idleTimeoutMs };
  let awaited = `the first words of ${request.model}`;

  const handle: NonNullable<HttpRequest["handle"]> = {};
  const opening = open(request, handle);
  let answer: HttpAnswer | undefined;
  let reader: AnswerReader | undefined;
  try {
    const soon = await within(opening, noticeMs);
    if (soon === SILENCE) {
      yield [{ type: "wait", for: awaited, ...bound }];
      answer = await opening;
      yield [{ type: "wait.end", for: awaited }];
    } else {
      answer = soon;
    }
    reader = request.reader(answer.headers);
    for (let first = true, over = false; !over; first = false) {
      let chunk = answer.take();
      if (chunk === undefined) {
        const pending = nextChunk(answer, reader);
        const came = await within(pending, noticeMs);
        if (came === SILENCE) {
          yield [{ type: "wait", for: awaited, ...bound }];
          chunk = await pending;
          yield [{ type: "wait.end", for: awaited }];
        } else {
          chunk = came;
        }
      }
      if (first && chunk !== undefined) request.onFirstChunk?.();
      awaited = `more of ${request.model}`;
      const { events, failure } = read(reader, chunk);
      const last = events.at(-1);
      if (last?.type === "finish") events[events.length - 1] = await finished(last, request);
      if (events.length > 0) yield mergeBurst(events);
      if (failure !== undefined) throw failure;
      over = chunk === undefined || reader.complete;
    }
  } finally {
    // Whoever left at the first wait left before there was an answer: the engine must not go on for nobody.
    if (answer === undefined) handle.close?.();
    else if (reader?.ended) answer.release();
    else answer.close();
  }
}

/**
 * Pieces of text that came in a burst, put together: where the reader or the network is behind, a piece a token only costs time.
 * A few pieces stay as they are.
 */
function mergeBurst(events: EngineEvent[]): EngineEvent[] {
  if (events.length <= BURST_EVENTS) return events;
  const merged: EngineEvent[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    const isText = event.type === "text" || event.type === "thinking";
    if (isText && last?.type === event.type && last.text.length < BURST_PIECE_CHARS) last.text += event.text;
    else merged.push(event);
  }
  return merged;
}

/** Sends the body until it is answered or finally refused. */
async function open(request: StreamRequest, handle: NonNullable<HttpRequest["handle"]>): Promise<HttpAnswer> {
  const { client, signal, model } = request;
  for (;;) {
    const answer = await client.send(request.path, { method: "POST", json: request.body(), signal, handle });
    if (answer.status === 200) return answer;
    const refusal = await replyError(answer, client, model);
    const error = request.onRefusal === undefined ? refusal : await request.onRefusal(refusal);
    if (error !== undefined) throw error;
  }
}

/** Events of a piece; what came before an error in it counts. */
function read(reader: AnswerReader, chunk: Buffer | undefined): { events: EngineEvent[]; failure?: unknown } {
  const events: EngineEvent[] = [];
  try {
    if (chunk === undefined) reader.end(events);
    else reader.push(chunk, events);
  } catch (failure) {
    return { events, failure };
  }
  return { events };
}

async function finished(event: FinishEvent, request: StreamRequest): Promise<FinishEvent> {
  const contextTokens = await request.contextTokens?.();
  return contextTokens === undefined ? event : { ...event, contextTokens };
}

/** The error for an answer whose status is not 200. */
export async function replyError(
  answer: HttpAnswer,
  client: HttpClient,
  model?: string,
): Promise<EngineError> {
  const { location } = answer.headers;
  const waitMs = retryAfterMs(answer.headers, Date.now());
  const reply: EngineReply = {
    status: answer.status,
    text: await answer.text(),
    address: client.endpoint.address,
    ...(model === undefined ? {} : { model }),
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    ...(location === undefined || answer.status >= 400 ? {} : { location }),
  };
  return failureOf(reply);
}

async function nextChunk(answer: HttpAnswer, reader: AnswerReader): Promise<Buffer | undefined> {
  if (!reader.ended) return answer.read();
  try {
    return await answer.read(AFTER_END_MS);
  } catch {
    // The answer itself is whole.
    return undefined;
  }
}

/** The value, or `SILENCE` where it takes longer. */
function within<T>(pending: Promise<T>, ms: number): Promise<T | typeof SILENCE> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, SILENCE);
    pending.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
