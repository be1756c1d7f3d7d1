import { randomUUID } from "node:crypto";
import type { JsonObject, Usage } from "hearth";
import type { Answer, AnswerEvent, AnsweredCall, EndReason } from "../model/index.ts";
import { sseData } from "../stream.ts";

/** What all parts of one answer share. */
export interface ChatHead {
  id: string;
  created: number;
  model: string;
}

/** How the client asked to be answered. */
export interface ChatForm {
  /** The old `function_call` in place of `tool_calls`. */
  legacy: boolean;
  includeUsage: boolean;
}

export function chatHead(model: string): ChatHead {
  return {
    id: `chatcmpl-${randomUUID().replaceAll("-", "")}`,
    created: Math.floor(Date.now() / 1000),
    model,
  };
}

export function completion(answer: Answer, head: ChatHead, { legacy }: ChatForm): JsonObject {
  const { text, thinking, calls, reason, usage } = answer;
  const first = calls[0];
  const message: JsonObject = {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    refusal: null,
    ...(thinking === "" ? {} : { reasoning_content: thinking }),
    ...(first === undefined
      ? {}
      : legacy
        ? { function_call: functionOf(first) }
        : {
            tool_calls: calls.map((call) => ({ id: call.id, type: "function", function: functionOf(call) })),
          }),
  };
  return {
    ...head,
    object: "chat.completion",
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(reason, legacy) }],
    ...(usage === undefined ? {} : { usage: usageOf(usage) }),
  };
}

/** The chunks of a streamed answer. A call leaves whole: its arguments may have to be mended, and what is sent can't be taken back. */
export async function* chunks(
  events: AsyncIterable<AnswerEvent>,
  head: ChatHead,
  { legacy, includeUsage }: ChatForm,
): AsyncGenerator<string> {
  // With usage asked for, every chunk has the field, and only the last one a value.
  // What is the same in all chunks is written once.
  const before = JSON.stringify({ ...head, object: "chat.completion.chunk" }).slice(0, -1);
  const after = includeUsage ? ',"usage":null}\n\n' : "}\n\n";
  const chunk = (delta: JsonObject, finish_reason: string | null = null): string =>
    `data: ${before},"choices":${JSON.stringify([{ index: 0, delta, logprobs: null, finish_reason }])}${after}`;
  let role = chunk({ role: "assistant", content: "" });
  let index = 0;
  for await (const event of events) {
    if (event.type === "wait") {
      yield `: waiting for ${event.for}${event.position === undefined ? "" : `, place ${event.position}`}\n\n`;
      continue;
    }
    const head = role;
    role = "";
    if (event.type === "text") yield head + chunk({ content: event.text });
    else if (event.type === "thinking") yield head + chunk({ reasoning_content: event.text });
    else if (event.type === "call") yield head + chunk(callDelta(event.call, index++, legacy));
    else {
      yield head + chunk({}, finishReason(event.reason, legacy));
      if (includeUsage) yield usageChunk(event.usage);
      yield "data: [DONE]\n\n";
    }
  }

  function usageChunk(usage: Usage | undefined): string {
    const counted = usage === undefined ? null : usageOf(usage);
    return sseData({ ...head, object: "chat.completion.chunk", choices: [], usage: counted });
  }
}

function callDelta(call: AnsweredCall, index: number, legacy: boolean): JsonObject {
  if (legacy) return { function_call: functionOf(call) };
  return { tool_calls: [{ index, id: call.id, type: "function", function: functionOf(call) }] };
}

function functionOf({ name, text }: AnsweredCall): JsonObject {
  return { name, arguments: text };
}

function finishReason(reason: EndReason, legacy: boolean): string {
  if (reason !== "calls") return reason;
  return legacy ? "function_call" : "tool_calls";
}

export function usageOf({ input, output, cached }: Usage): JsonObject {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cached === undefined ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
  };
}
