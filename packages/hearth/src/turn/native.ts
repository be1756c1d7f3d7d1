import { mapEvents } from "../engines/map-events.ts";
import type { ChatRequest, Engine, EngineEvent } from "../engines/types.ts";
import { createRescuer } from "../formats/rescue.ts";
import { mendArguments } from "./mend.ts";
import { neutralResults } from "./neutral.ts";
import { TextReader } from "./reading.ts";
import { type Piece, ThinkSplitter } from "./think.ts";
import type { AskInput, RawCall, TurnEvent } from "./types.ts";

/** Where rescued calls begin to count; no engine makes that many calls in one answer. */
const RESCUED_FROM = 1_000_000;

/**
 * Asks an engine that speaks in messages and parses calls by itself. Its text is watched all the same: calls that its parser
 * did not know leak there, and are read out of it; so is thinking that it left in its tags.
 */
export function askNative(
  chat: NonNullable<Engine["chat"]>,
  input: AskInput,
  signal: AbortSignal,
): AsyncIterable<TurnEvent> {
  const watch = new Watch(input);
  return mapEvents<EngineEvent, TurnEvent>(
    chat.call(input.engine, requestOf(input), signal),
    (event, out) => watch.take(event, out),
    (out) => watch.end(out),
  );
}

/** Looks at one answer as it comes. */
class Watch {
  readonly #input: AskInput;
  readonly #reader: TextReader | undefined;
  readonly #splitter = new ThinkSplitter();
  #finish: Extract<TurnEvent, { type: "finish" }> | undefined;
  #thought = "";
  /** Whether something was said or called outside thinking. */
  #said = false;

  constructor(input: AskInput) {
    this.#input = input;
    this.#reader = readerOf(input);
  }

  take(event: EngineEvent, out: TurnEvent[]): void {
    if (event.type === "text") {
      if (this.#splitter.isPlain) this.#text(event.text, out);
      else for (const piece of this.#splitter.push(event.text)) this.#piece(piece, out);
    } else if (event.type === "thinking") {
      this.#piece(event, out);
    } else if (event.type === "finish") {
      this.#finish = event;
    } else {
      if (event.type === "call.start") this.#said = true;
      out.push(event.type === "call.end" ? rawCall(event, this.#input) : event);
    }
  }

  end(out: TurnEvent[]): void {
    for (const piece of this.#splitter.end()) this.#piece(piece, out);
    this.#reader?.end(out);
    if (this.#finish === undefined) return;
    const reader = this.#reader;
    const late = !this.#said && reader?.calls === 0 ? this.#callsInThinking(out) : 0;
    const rescued = (reader?.calls ?? 0) + late > 0 && this.#finish.reason === "stop";
    out.push(rescued ? { ...this.#finish, reason: "calls" } : this.#finish);
  }

  #piece(piece: Piece, out: TurnEvent[]): void {
    if (piece.type === "text") {
      this.#text(piece.text, out);
      return;
    }
    if (this.#reader !== undefined) this.#thought += piece.text;
    out.push(piece);
  }

  #text(text: string, out: TurnEvent[]): void {
    if (!this.#said && text.trim() !== "") this.#said = true;
    if (this.#reader === undefined) out.push({ type: "text", text });
    else this.#reader.push(text, out);
  }

  /** Some models call inside their thinking and say nothing else: only then such a call counts. */
  #callsInThinking(out: TurnEvent[]): number {
    if (this.#thought === "") return 0;
    const reader = readerOf(this.#input);
    const found: TurnEvent[] = [];
    reader?.push(this.#thought, found);
    reader?.end(found);
    for (const event of found)
      if (event.type === "call" && event.arguments !== undefined)
        out.push({ type: "call.start", index: event.index, name: event.name }, event);
    return reader?.calls ?? 0;
  }
}

function requestOf(input: AskInput): ChatRequest {
  const request: ChatRequest = {
    model: input.info.name,
    messages: neutralResults(input.messages),
    tools: input.toolChoice === "none" ? [] : input.tools,
    sampling: input.sampling,
    contextTokens: input.contextTokens,
  };
  if (input.think !== undefined) request.think = input.think;
  if (input.responseSchema !== undefined) request.responseSchema = input.responseSchema;
  return request;
}

/** Without tools there is nothing to rescue, and the text goes through untouched. */
function readerOf(input: AskInput): TextReader | undefined {
  if (input.tools.length === 0 || input.responseSchema !== undefined) return undefined;
  return new TextReader(createRescuer({ model: input.info, tools: input.tools }), RESCUED_FROM);
}

function rawCall(event: Extract<EngineEvent, { type: "call.end" }>, { tools }: AskInput): RawCall {
  const call: RawCall = {
    type: "call",
    index: event.index,
    name: event.name,
    text: event.argumentsText,
    repairs: [],
  };
  if (event.id !== undefined) call.id = event.id;
  if (event.arguments !== undefined) {
    call.arguments = event.arguments;
    return call;
  }
  const mended = mendArguments(event.name, event.argumentsText, tools);
  return mended === undefined ? call : { ...call, ...mended };
}
