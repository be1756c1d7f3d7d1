import { randomBytes } from "node:crypto";
import type { JsonObject, Usage } from "hearth";
import type { AnswerEvent, AnsweredCall, EndReason } from "../model/index.ts";
import { sseFrame } from "../stream.ts";

const frame = (type: string, body: JsonObject = {}): string => sseFrame(type, { type, ...body });

export const PING: string = frame("ping");

export const newMessageId = (): string => `msg_${randomBytes(12).toString("hex")}`;

/** A message with its content; without a reason it is only begun. */
export function messageOf(id: string, model: string, content: JsonObject[], end?: AnswerEnd): JsonObject {
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content,
    stop_reason: end === undefined ? null : stopReason(end.reason),
    stop_sequence: null,
    usage: usageOf(end?.usage),
  };
}

type AnswerEnd = Extract<AnswerEvent, { type: "end" }>;

/** One block of content, with the piece that a stream sends of it. */
interface Piece {
  block: JsonObject;
  empty: JsonObject;
  delta: JsonObject;
}

/** What an event adds to the content; nothing where it adds none. Neighbours of one kind are one block. */
function pieceOf(event: AnswerEvent, thinking: boolean): Piece | undefined {
  if (event.type === "text") return textPiece(event.text);
  if (event.type === "thinking" && thinking) {
    return {
      block: { type: "thinking", thinking: event.text, signature: "" },
      empty: { type: "thinking", thinking: "", signature: "" },
      delta: { type: "thinking_delta", thinking: event.text },
    };
  }
  return event.type === "call" ? callPiece(event.call) : undefined;
}

const textPiece = (text: string): Piece => ({
  block: { type: "text", text },
  empty: { type: "text", text: "" },
  delta: { type: "text_delta", text },
});

/** A call that is no object has no other place on this wire than the text, so that it is not lost. */
function callPiece({ id, name, arguments: input, text }: AnsweredCall): Piece {
  if (input === undefined) return textPiece(`\n[call of ${name} that can't be read] ${text}`);
  return {
    block: { type: "tool_use", id, name, input },
    empty: { type: "tool_use", id, name, input: {} },
    delta: { type: "input_json_delta", partial_json: text },
  };
}

/** The whole message. */
export async function wholeMessage(
  events: AsyncIterable<AnswerEvent>,
  model: string,
  thinking: boolean,
): Promise<JsonObject> {
  const content: JsonObject[] = [];
  let end: AnswerEnd | undefined;
  for await (const event of events) {
    if (event.type === "end") end = event;
    const piece = pieceOf(event, thinking);
    if (piece === undefined) continue;
    const last = content.at(-1);
    const key = piece.block["type"] === "text" ? "text" : "thinking";
    if (last?.["type"] === key && piece.block["type"] === key) last[key] = `${last[key]}${piece.block[key]}`;
    else content.push(piece.block);
  }
  return messageOf(newMessageId(), model, content, end);
}

/** The events of a streamed message. */
export async function* messageFrames(
  events: AsyncIterable<AnswerEvent>,
  model: string,
  thinking: boolean,
): AsyncGenerator<string> {
  yield frame("message_start", { message: messageOf(newMessageId(), model, []) }) + PING;
  let index = -1;
  let open: string | undefined;
  const close = (): string => {
    const stop = open === undefined ? "" : frame("content_block_stop", { index });
    open = undefined;
    return stop;
  };
  for await (const event of events) {
    if (event.type === "end") {
      const delta = { stop_reason: stopReason(event.reason), stop_sequence: null };
      yield close() + frame("message_delta", { delta, usage: usageOf(event.usage) }) + frame("message_stop");
      continue;
    }
    if (event.type === "wait") yield PING;
    const piece = pieceOf(event, thinking);
    if (piece === undefined) continue;
    const kind = String(piece.block["type"]);
    let out = "";
    if (kind !== open || kind === "tool_use") {
      out = close();
      index++;
      out += frame("content_block_start", { index, content_block: piece.empty });
      open = kind;
    }
    yield out + frame("content_block_delta", { index, delta: piece.delta });
  }
}

function stopReason(reason: EndReason): string {
  if (reason === "calls") return "tool_use";
  return reason === "length" ? "max_tokens" : "end_turn";
}

/** Cached tokens are counted apart on this wire. */
function usageOf(usage: Usage | undefined): JsonObject {
  const cached = usage?.cached ?? 0;
  return {
    input_tokens: (usage?.input ?? 0) - cached,
    output_tokens: usage?.output ?? 0,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
  };
}
