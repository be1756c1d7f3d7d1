import {
  callsOf,
  type JsonObject,
  type Message,
  type ToolSchema,
  textOf,
  thinkingOf,
} from "../../protocol/index.ts";
import { defined } from "../read-json.ts";
import type { ChatRequest, CompletionRequest, Sampling } from "../types.ts";

/** What is sent with every request, the same each time. */
export interface OllamaSettings {
  /** How long the model stays loaded: `"5m"`, seconds, -1 for ever. Default: the server's own. */
  keepAlive: string | number | undefined;
  /** `num_ctx`: always sent, and always the same, because a change makes Ollama load the model anew. */
  contextTokens: number;
}

/**
 * Neither cut the prompt nor let the window slide: by default Ollama drops the oldest messages, the task first, and
 * answers 200. With these it answers 400 with the figures.
 */
const WHOLE = { truncate: false, shift: false } as const;

/** Body of `POST /api/chat`. */
export function chatBody(request: ChatRequest, settings: OllamaSettings): JsonObject {
  const tools = request.toolChoice === "none" ? [] : request.tools;
  // With a format Ollama never reports a call, so tools go before it.
  const format = tools.length === 0 ? request.responseSchema : undefined;
  return defined<JsonObject>({
    model: request.model,
    messages: request.messages.map(wireMessage),
    tools: tools.length === 0 ? undefined : tools.map(wireTool),
    stream: true,
    ...WHOLE,
    think: request.think,
    format,
    keep_alive: settings.keepAlive,
    options: options(request.sampling, settings.contextTokens),
  });
}

/** Body of `POST /api/generate` with a prompt that is already rendered. */
export function generateBody(request: CompletionRequest, settings: OllamaSettings): JsonObject {
  return defined<JsonObject>({
    model: request.model,
    prompt: request.prompt,
    raw: true,
    stream: true,
    ...WHOLE,
    keep_alive: settings.keepAlive,
    options: options(request.sampling, settings.contextTokens),
  });
}

/** Only what is set: everything else is the model's own, as its Modelfile has it. */
function options(sampling: Sampling, contextTokens: number): JsonObject {
  return defined<JsonObject>({
    num_ctx: contextTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    seed: sampling.seed,
    num_predict: sampling.maxTokens,
    stop: sampling.stop,
  });
}

function wireTool({ name, description, parameters }: ToolSchema): JsonObject {
  return { type: "function", function: { name, description, parameters } };
}

/** A message as `/api/chat` wants it: text as a string, images apart, arguments as an object. */
export function wireMessage(message: Message): JsonObject {
  const content = textOf(message);
  if (message.role === "system") return { role: "system", content };
  if (message.role === "assistant") {
    const wire: JsonObject = { role: "assistant", content };
    const thinking = thinkingOf(message);
    if (thinking !== "") wire["thinking"] = thinking;
    const calls = callsOf(message);
    if (calls.length > 0) {
      wire["tool_calls"] = calls.map(({ id, name, arguments: args }, index) => ({
        id,
        function: { index, name, arguments: args },
      }));
    }
    return wire;
  }
  const wire: JsonObject = { role: message.role, content };
  if (message.role === "tool") {
    wire["tool_name"] = message.name;
    wire["tool_call_id"] = message.callId;
  }
  const images = message.content.filter((block) => block.type === "image");
  if (images.length > 0) wire["images"] = images.map(({ data }) => data);
  return wire;
}
