import type { IncomingHttpHeaders } from "node:http";
import type { EngineError } from "../protocol/index.ts";
import { type EngineReply, failureOf } from "./failures.ts";
import type { HttpAnswer, HttpClient } from "./http/index.ts";
import { retryAfterMs } from "./http/index.ts";
import type { EngineEvent } from "./types.ts";

/** After this much silence a wait is announced, so that nobody looks at nothing: 2 s. */
export const WAIT_NOTICE_MS = 2000;
/** Once the end mark has come, what else belongs to the answer (usage) gets this long. */
const AFTER_END_MS = 2000;
const SILENCE: unique symbol = Symbol("silence");

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
  body: unknown;
  model: string;
  signal: AbortSignal;
  waitNoticeMs: number | undefined;
  /** Announced as the bound of waits. */
  idleTimeoutMs: number | undefined;
  reader: (headers: IncomingHttpHeaders) => AnswerReader;
  /** The first bytes came: the model is loaded now. */
  onFirstChunk?: () => void;
}

/** Asks, and hands on the events of the answer as they come. Leaving the iteration early closes the connection. */
export async function* streamAnswer(request: StreamRequest): AsyncGenerator<EngineEvent> {
  const { client, signal } = request;
  const what = `the first words of ${request.model}`;
  const sent = client.send(request.path, { method: "POST", json: request.body, signal });
  const answer = yield* announced(sent, request, what);
  if (answer.status !== 200) throw await replyError(answer, client, request.model);
  const reader = request.reader(answer.headers);
  let first = true;
  try {
    while (!reader.complete) {
      const chunk = yield* announced(
        nextChunk(answer, reader),
        request,
        first ? what : `more of ${request.model}`,
      );
      if (first && chunk !== undefined) request.onFirstChunk?.();
      first = false;
      yield* read(reader, chunk);
      if (chunk === undefined) break;
    }
  } finally {
    if (reader.ended) answer.release();
    else answer.close();
  }
}

/** Events of a piece; what came before an error in it is handed out first. */
function* read(reader: AnswerReader, chunk: Buffer | undefined): Generator<EngineEvent> {
  const events: EngineEvent[] = [];
  let failure: unknown;
  try {
    if (chunk === undefined) reader.end(events);
    else reader.push(chunk, events);
  } catch (error) {
    failure = error;
  }
  yield* events;
  if (failure !== undefined) throw failure;
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

/** Waits for a promise; a long wait becomes two events. */
async function* announced<T>(
  pending: Promise<T>,
  bounds: Pick<StreamRequest, "waitNoticeMs" | "idleTimeoutMs">,
  what: string,
): AsyncGenerator<EngineEvent, T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<typeof SILENCE>((resolve) => {
    timer = setTimeout(resolve, bounds.waitNoticeMs ?? WAIT_NOTICE_MS, SILENCE);
  });
  const first = await Promise.race([pending, silence]).finally(() => clearTimeout(timer));
  if (first !== SILENCE) return first;
  const bound = bounds.idleTimeoutMs === undefined ? {} : { boundMs: bounds.idleTimeoutMs };
  yield { type: "wait", for: what, ...bound };
  const value = await pending;
  yield { type: "wait.end", for: what };
  return value;
}
