import type { ChatRequest, Engine, EngineEvent } from "../engines/types.ts";
import { createRescuer } from "../formats/index.ts";
import { mapEvents } from "./map-events.ts";
import { neutralResults } from "./neutral.ts";
import { TextReader } from "./reading.ts";
import type { AskInput, RawCall, TurnEvent } from "./types.ts";

/** Where rescued calls begin to count; no engine makes that many calls in one answer. */
const RESCUED_FROM = 1_000_000;

/**
 * Asks an engine that speaks in messages and parses calls by itself. Its text is watched all the same: calls that its parser
 * did not know leak there, and are read out of it.
 */
export function askNative(
  chat: NonNullable<Engine["chat"]>,
  input: AskInput,
  signal: AbortSignal,
): AsyncIterable<TurnEvent> {
  const reader = readerOf(input);
  let finish: Extract<TurnEvent, { type: "finish" }> | undefined;
  return mapEvents<EngineEvent, TurnEvent>(
    chat.call(input.engine, requestOf(input), signal),
    (event, out) => {
      if (event.type === "text" && reader !== undefined) reader.push(event.text, out);
      else if (event.type === "finish") finish = event;
      else out.push(event.type === "call.end" ? rawCall(event) : event);
    },
    (out) => {
      reader?.end(out);
      if (finish === undefined) return;
      const rescued = reader !== undefined && reader.calls > 0 && finish.reason === "stop";
      out.push(rescued ? { ...finish, reason: "calls" } : finish);
    },
  );
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

function rawCall(event: {
  index: number;
  id?: string;
  name: string;
  arguments?: RawCall["arguments"];
  argumentsText: string;
}): RawCall {
  const call: RawCall = {
    type: "call",
    index: event.index,
    name: event.name,
    text: event.argumentsText,
    repairs: [],
  };
  if (event.id !== undefined) call.id = event.id;
  if (event.arguments !== undefined) call.arguments = event.arguments;
  return call;
}
