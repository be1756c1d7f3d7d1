import {
  type AssistantMessage,
  type ChatRequest,
  type ImageBlock,
  type JsonSchema,
  type Message,
  type Sampling,
  systemMessage,
  type TextBlock,
  text,
} from "hearth";
import { RequestError } from "../../problem.ts";
import { present, toolSchema } from "../model/read.ts";
import type { Question } from "../model/types.ts";
import type { ChatBody, GenerateBody } from "./schema.ts";

type ChatMessage = NonNullable<ChatBody["messages"]>[number];
type Common = Pick<ChatBody, "model" | "options" | "format" | "think">;

export function chatQuestion(body: ChatBody): Question {
  return {
    ...common(body),
    messages: messagesOf(body.messages ?? []),
    tools: (body.tools ?? []).map(({ function: of }) => toolSchema(of.name, of.description, of.parameters)),
  };
}

export function generateQuestion(body: GenerateBody): Question {
  for (const field of ["suffix", "raw"] as const) {
    if (body[field] === undefined || body[field] === null || body[field] === false || body[field] === "")
      continue;
    throw new RequestError(400, `\`${field}\` is not supported: this service writes the prompt itself.`, {
      param: field,
    });
  }
  const system = body.system ? [systemMessage(body.system)] : [];
  const images = (body.images ?? []).map((data, i) => image(data, `images[${i}]`));
  return {
    ...common(body),
    messages: [...system, { role: "user", content: [text(body.prompt ?? ""), ...images] }],
    tools: [],
  };
}

function common({ model, options, format, think }: Common): Omit<Question, "messages" | "tools"> {
  const schema = schemaOf(format);
  return {
    model,
    toolChoice: "auto",
    parallelCalls: true,
    sampling: samplingOf(options ?? {}),
    ...(think === null || think === undefined ? {} : { think: think satisfies ChatRequest["think"] }),
    ...(schema === undefined ? {} : { responseSchema: schema }),
    ...(options?.num_ctx === null || options?.num_ctx === undefined
      ? {}
      : { contextTokens: options.num_ctx }),
  };
}

function schemaOf(format: Common["format"]): JsonSchema | undefined {
  if (format === null || format === undefined || format === "") return undefined;
  return format === "json" ? { type: "object" } : format;
}

function samplingOf(options: NonNullable<Common["options"]>): Sampling {
  const stop = typeof options.stop === "string" ? [options.stop] : options.stop;
  const most = options.num_predict ?? -1;
  return present<Sampling>({
    temperature: options.temperature,
    topP: options.top_p,
    topK: options.top_k,
    minP: options.min_p,
    seed: options.seed,
    // Ollama's -1 and -2 mean: as many as there is room for.
    maxTokens: most > 0 ? most : undefined,
    stop,
  });
}

/** Ollama's results name their tool and come in the order of the calls; ids are newer, and not always there. */
function messagesOf(given: NonNullable<ChatBody["messages"]>): Message[] {
  let open: { id: string; name: string }[] = [];
  return given.map((message, i) => messageOf(message, i));

  function messageOf(message: ChatMessage, i: number): Message {
    const content = message.content ? [text(message.content)] : [];
    switch (message.role) {
      case "system":
        return { role: "system", content };
      case "user":
        return { role: "user", content: [...content, ...imagesOf(message.images, i)] };
      case "tool": {
        const call = take(open, message.tool_call_id, message.tool_name);
        const name = message.tool_name ?? call?.name ?? "";
        const callId = message.tool_call_id ?? call?.id ?? `messages[${i}]`;
        return {
          role: "tool",
          callId,
          name,
          content: [...content, ...imagesOf(message.images, i)],
          ok: true,
        };
      }
      case "assistant": {
        const blocks: AssistantMessage["content"] = [];
        if (message.thinking) blocks.push({ type: "thinking", text: message.thinking });
        blocks.push(...content);
        open = (message.tool_calls ?? []).map((call, k) => ({
          id: call.id || `messages[${i}].${k}`,
          name: call.function.name,
        }));
        for (const [k, call] of (message.tool_calls ?? []).entries()) {
          blocks.push({ type: "call", ...open[k]!, arguments: call.function.arguments ?? {} });
        }
        return { role: "assistant", content: blocks };
      }
    }
  }
}

/** The call that a result belongs to: by id, else the first open one of the tool's name, else the first open one. */
function take(
  open: { id: string; name: string }[],
  id: string | null | undefined,
  name: string | null | undefined,
): { id: string; name: string } | undefined {
  const at = open.findIndex((call) => (id ? call.id === id : name ? call.name === name : true));
  return at < 0 ? undefined : open.splice(at, 1)[0];
}

function imagesOf(images: readonly string[] | null | undefined, i: number): (TextBlock | ImageBlock)[] {
  return (images ?? []).map((data, k) => image(data, `messages[${i}].images[${k}]`));
}

/** Ollama's images are bare base64; what they are stands in their first bytes. */
function image(data: string, param: string): ImageBlock {
  const kind = KINDS.find(([head]) => data.startsWith(head))?.[1];
  if (kind !== undefined && /^[A-Za-z0-9+/=\s]+$/.test(data)) return { type: "image", mediaType: kind, data };
  throw new RequestError(400, `\`${param}\` is no PNG, JPEG, GIF or WebP image in base64.`, { param });
}

const KINDS: readonly (readonly [head: string, mediaType: string])[] = [
  ["iVBOR", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
];
