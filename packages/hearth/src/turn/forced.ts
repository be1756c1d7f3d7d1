import type { ChatRequest, Engine } from "../engines/types.ts";
import {
  isObject,
  type JsonSchema,
  type JsonValue,
  type ToolChoice,
  type ToolSchema,
  userMessage,
} from "../protocol/index.ts";
import { neutralResults } from "./neutral.ts";
import type { AskInput, RawCall, TurnEvent } from "./types.ts";

/**
 * Makes a model call a tool whatever it would rather do. Servers ignore or soften `tool_choice` (Ollama drops it, llama-server lets
 * prose go first, LM Studio refuses the object form), so the call is asked for as JSON of a schema, which they do enforce.
 */
export async function* askForced(
  chat: NonNullable<Engine["chat"]>,
  input: AskInput,
  signal: AbortSignal,
): AsyncGenerator<TurnEvent> {
  const offered = offeredTools(input.tools, input.toolChoice);
  const request: ChatRequest = {
    model: input.info.name,
    messages: [...neutralResults(input.messages), userMessage(instruction(offered))],
    tools: [],
    sampling: input.sampling,
    contextTokens: input.contextTokens,
    responseSchema: callSchema(offered),
  };
  let text = "";
  let finish: Extract<TurnEvent, { type: "finish" }> | undefined;
  for await (const event of chat.call(input.engine, request, signal)) {
    if (event.type === "text") text += event.text;
    else if (event.type === "finish") finish = event;
    else if (event.type !== "call.start" && event.type !== "call.delta" && event.type !== "call.end")
      yield event;
  }
  if (finish === undefined) return;
  const call = readCall(text, offered, finish.reason === "length");
  yield { type: "call.start", index: 0, name: call.name };
  yield { type: "call.delta", index: 0, text: call.text };
  yield call;
  yield { ...finish, reason: finish.reason === "length" ? "length" : "calls" };
}

export function offeredTools(tools: readonly ToolSchema[], choice: ToolChoice): readonly ToolSchema[] {
  return typeof choice === "object" ? tools.filter((tool) => tool.name === choice.name) : tools;
}

/** One call of one of these tools, exactly. */
export function callSchema(tools: readonly ToolSchema[]): JsonSchema {
  const one = (tool: ToolSchema): JsonSchema => ({
    type: "object",
    properties: { name: { type: "string", const: tool.name }, arguments: tool.parameters },
    required: ["name", "arguments"],
    additionalProperties: false,
  });
  const only = tools[0];
  return tools.length === 1 && only !== undefined ? one(only) : { anyOf: tools.map(one) };
}

function instruction(tools: readonly ToolSchema[]): string {
  const lines = tools.map((tool) =>
    JSON.stringify({ name: tool.name, description: tool.description, parameters: tool.parameters }),
  );
  return `Call one of these tools now. Write only {"name": …, "arguments": {…}}.\n${lines.join("\n")}`;
}

function readCall(text: string, tools: readonly ToolSchema[], truncated: boolean): RawCall {
  const call: RawCall = { type: "call", index: 0, name: tools[0]?.name ?? "", text, repairs: [] };
  if (truncated) call.truncated = true;
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return call;
  }
  if (!isObject(value) || typeof value["name"] !== "string" || !isObject(value["arguments"])) return call;
  call.name = value["name"];
  call.arguments = value["arguments"];
  call.text = JSON.stringify(value["arguments"]);
  return call;
}
