import { mapEvents } from "../engines/map-events.ts";
import type { ChatRequest, Engine, EngineEvent } from "../engines/types.ts";
import { createParser } from "../formats/index.ts";
import { askForced } from "./forced.ts";
import { hermesWording, INJECTED, reworded } from "./inject.ts";
import { TextReader } from "./reading.ts";
import type { AskInput, TurnEvent } from "./types.ts";

/**
 * Asks a model without a tool format by messages: the tools stand in the instructions, calls and results in the text, and the answer
 * is read by the same parser as every other. A call that must be made is asked for by its schema, which engines enforce.
 */
export function askInjected(
  chat: NonNullable<Engine["chat"]>,
  input: AskInput,
  signal: AbortSignal,
): AsyncIterable<TurnEvent> {
  const messages = reworded(input.messages, hermesWording(input.tools));
  if (input.toolChoice === "required" || typeof input.toolChoice === "object")
    return askForced(chat, { ...input, messages }, signal);
  const reader = new TextReader(createParser("hermes", { tools: input.tools }));
  let raw = "";
  let finish: Extract<TurnEvent, { type: "finish" }> | undefined;
  return mapEvents<EngineEvent, TurnEvent>(
    chat.call(input.engine, requestOf(input, messages), signal),
    (event, out) => {
      if (event.type === "text") {
        raw += event.text;
        reader.push(event.text, out);
      } else if (event.type === "finish") finish = event;
      // A model that is not known to have a tool format makes no calls of its own.
      else if (event.type !== "call.start" && event.type !== "call.delta" && event.type !== "call.end")
        out.push(event);
    },
    (out) => {
      reader.end(out);
      if (finish === undefined) return;
      const reason = finish.reason === "stop" && reader.calls > 0 ? "calls" : finish.reason;
      out.push({ ...finish, reason, raw: { format: INJECTED, text: raw } });
    },
  );
}

export function requestOf(input: AskInput, messages: ChatRequest["messages"]): ChatRequest {
  return {
    model: input.info.name,
    messages,
    tools: [],
    sampling: input.sampling,
    ...(input.contextTokens === undefined ? {} : { contextTokens: input.contextTokens }),
    ...(input.think === undefined ? {} : { think: input.think }),
    ...(input.responseSchema === undefined ? {} : { responseSchema: input.responseSchema }),
  };
}
