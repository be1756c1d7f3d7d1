import {
  callsOf,
  type ImageBlock,
  type JsonObject,
  type JsonValue,
  type Message,
  type ToolSchema,
  textOf,
  thinkingOf,
} from "../../protocol/index.ts";
import { defined } from "../read-json.ts";
import type { ChatRequest, CompletionRequest } from "../types.ts";
import type { ThinkingField } from "./answer.ts";

/** What was learnt of a server: it is told only what it takes. */
export interface OpenAISettings {
  /** Fields that this server refused by name; they are left out from then on. */
  refused: ReadonlySet<string>;
  thinkingField: ThinkingField;
  parallelToolCalls: boolean | undefined;
}

/** Fields without which the same question can still be asked. */
export const OPTIONAL_FIELDS = [
  "stream_options",
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "seed",
  "max_tokens",
  "chat_template_kwargs",
  "reasoning_effort",
  "reasoning_content",
  "parallel_tool_calls",
] as const;

/** Body of `POST /v1/chat/completions`. */
export function chatBody(request: ChatRequest, settings: OpenAISettings): JsonObject {
  const { sampling, responseSchema, tools } = request;
  const acts = tools.length > 0;
  const thinkingField = settings.refused.has("reasoning_content") ? undefined : settings.thinkingField;
  const body = defined<JsonObject>({
    model: request.model,
    messages: wireMessages(request.messages, thinkingField),
    tools: acts ? tools.map(wireTool) : undefined,
    tool_choice: acts ? toolChoice(request.toolChoice) : undefined,
    parallel_tool_calls: acts ? settings.parallelToolCalls : undefined,
    stream: true,
    stream_options: { include_usage: true },
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    seed: sampling.seed,
    max_tokens: sampling.maxTokens,
    stop: sampling.stop,
    // A format beside tools keeps llama-server and others from ever calling one.
    response_format:
      responseSchema === undefined || acts
        ? undefined
        : { type: "json_schema", json_schema: { name: "answer", schema: responseSchema } },
    ...thinking(request.think),
  });
  return without(body, settings.refused);
}

/** Body of `POST /v1/completions`. */
export function completionBody(request: CompletionRequest, settings: OpenAISettings): JsonObject {
  const { sampling } = request;
  const body = defined<JsonObject>({
    model: request.model,
    prompt: request.prompt,
    stream: true,
    stream_options: { include_usage: true },
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    seed: sampling.seed,
    max_tokens: sampling.maxTokens,
    stop: sampling.stop,
  });
  return without(body, settings.refused);
}

/** OpenAI's newer models know `max_tokens` under another name only. */
function without(body: JsonObject, refused: ReadonlySet<string>): JsonObject {
  for (const field of refused) {
    if (field === "max_tokens" && body[field] !== undefined) body["max_completion_tokens"] = body[field];
    delete body[field];
  }
  return body;
}

/** Strings only: LM Studio refuses the object form, llama-server reads it as `auto`. */
function toolChoice(choice: ChatRequest["toolChoice"]): string | undefined {
  if (choice === undefined || choice === "auto") return undefined;
  return choice === "none" ? "none" : "required";
}

/** A switch is the template's matter, a level the server's. */
function thinking(think: ChatRequest["think"]): JsonObject {
  if (think === undefined) return {};
  if (typeof think === "boolean") return { chat_template_kwargs: { enable_thinking: think } };
  return { reasoning_effort: think };
}

function wireTool({ name, description, parameters }: ToolSchema): JsonObject {
  return { type: "function", function: { name, description, parameters } };
}

/** The history as `/v1/chat/completions` wants it: arguments as JSON text, ids with calls and results, images as data URLs. */
export function wireMessages(
  messages: readonly Message[],
  thinkingField: ThinkingField | undefined,
): JsonObject[] {
  const out: JsonObject[] = [];
  let shown: ImageBlock[] = [];
  for (const message of messages) {
    if (message.role !== "tool" && shown.length > 0) {
      out.push(imagesMessage(shown));
      shown = [];
    }
    if (message.role === "tool") shown.push(...message.content.filter((block) => block.type === "image"));
    out.push(wireMessage(message, thinkingField));
  }
  if (shown.length > 0) out.push(imagesMessage(shown));
  return out;
}

function wireMessage(message: Message, thinkingField: ThinkingField | undefined): JsonObject {
  const content = textOf(message);
  switch (message.role) {
    case "system":
      return { role: "system", content };
    case "tool":
      return { role: "tool", tool_call_id: message.callId, name: message.name, content };
    case "user": {
      const images = message.content.filter((block) => block.type === "image");
      if (images.length === 0) return { role: "user", content };
      return { role: "user", content: [{ type: "text", text: content }, ...images.map(imagePart)] };
    }
    case "assistant": {
      const thoughts = thinkingOf(message);
      const calls = callsOf(message);
      return {
        role: "assistant",
        // Never null: Ollama refuses it, and templates join it to text.
        content,
        ...(thoughts === "" || thinkingField === undefined ? {} : { [thinkingField]: thoughts }),
        ...(calls.length === 0
          ? {}
          : {
              tool_calls: calls.map(({ id, name, arguments: args }) => ({
                id,
                type: "function",
                function: { name, arguments: JSON.stringify(args) },
              })),
            }),
      };
    }
  }
}

/** Tool messages carry text only on this wire, so their images follow as the user's. */
function imagesMessage(images: readonly ImageBlock[]): JsonObject {
  const said: JsonValue = { type: "text", text: "Images from the tool results above:" };
  return { role: "user", content: [said, ...images.map(imagePart)] };
}

function imagePart({ mediaType, data }: ImageBlock): JsonObject {
  return { type: "image_url", image_url: { url: `data:${mediaType};base64,${data}` } };
}
