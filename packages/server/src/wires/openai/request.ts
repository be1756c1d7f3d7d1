import {
  type AssistantMessage,
  type ChatRequest,
  type ImageBlock,
  type Message,
  type Sampling,
  type TextBlock,
  type ToolChoice,
  type ToolSchema,
  text,
} from "hearth";
import { RequestError } from "../../problem.ts";
import { argumentsOf, imageOf, known, present, thinkOf, toolSchema } from "../model/read.ts";
import type { Question } from "../model/types.ts";
import type { ChatBody, ChatMessage } from "./schema.ts";

/** `legacy`: asked with `functions`, so answered with `function_call`. */
export interface ChatQuestion extends Question {
  legacy: boolean;
}

export function questionOf(body: ChatBody): ChatQuestion {
  const legacy = (body.functions ?? []).length > 0 && (body.tools ?? []).length === 0;
  const tools = toolsOf(body, legacy);
  const think = thinkFrom(body);
  const schema = schemaOf(body);
  return {
    model: body.model,
    messages: messagesOf(body.messages),
    tools,
    toolChoice: toolChoiceOf(body, tools, legacy),
    parallelCalls: !legacy && body.parallel_tool_calls !== false,
    sampling: samplingOf(body),
    legacy,
    ...(think === undefined ? {} : { think }),
    ...(schema === undefined ? {} : { responseSchema: schema }),
  };
}

function toolsOf(body: ChatBody, legacy: boolean): ToolSchema[] {
  const given = legacy ? (body.functions ?? []) : (body.tools ?? []).map((tool) => tool.function);
  return given.map(({ name, description, parameters }) => toolSchema(name, description, parameters));
}

function toolChoiceOf(body: ChatBody, tools: readonly ToolSchema[], legacy: boolean): ToolChoice {
  const param = legacy ? "function_call" : "tool_choice";
  const choice = legacy ? body.function_call : body.tool_choice;
  if (choice === null || choice === undefined) return "auto";
  if (typeof choice === "object")
    return known(tools, "function" in choice ? choice.function.name : choice.name, param);
  if (choice === "required" && tools.length === 0)
    throw new RequestError(400, "`tool_choice` is `required`, but there are no tools.", { param });
  return choice;
}

function samplingOf(body: ChatBody): Sampling {
  const stop = typeof body.stop === "string" ? [body.stop] : body.stop;
  return present<Sampling>({
    temperature: body.temperature,
    topP: body.top_p,
    topK: body.top_k,
    minP: body.min_p,
    seed: body.seed,
    maxTokens: body.max_completion_tokens ?? body.max_tokens,
    stop: stop === null || stop === undefined || stop.length === 0 ? undefined : stop,
  });
}

function thinkFrom(body: ChatBody): ChatRequest["think"] {
  const enabled = body.chat_template_kwargs?.["enable_thinking"];
  return typeof enabled === "boolean" ? enabled : thinkOf(body.reasoning_effort);
}

function schemaOf({ response_format: format }: ChatBody): Question["responseSchema"] {
  if (format === null || format === undefined || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "object" };
  const schema = format.json_schema?.schema;
  if (schema !== null && schema !== undefined) return schema;
  throw new RequestError(400, "`response_format` of the type `json_schema` needs a schema.", {
    param: "response_format.json_schema.schema",
  });
}

/** Messages in Hearth's form. Results find the name of their tool by the call's id. */
export function messagesOf(given: readonly ChatMessage[]): Message[] {
  const names = new Map<string, string>();
  let legacyCalls = 0;
  return given.map((message, i) => messageOf(message, `messages[${i}]`));

  function messageOf(message: ChatMessage, at: string): Message {
    switch (message.role) {
      case "system":
      case "developer":
        return { role: "system", content: textBlocks(message, at) };
      case "user":
        return { role: "user", content: blocks(message, at) };
      case "assistant": {
        const out = assistant(message, at, `call_function_${legacyCalls}`);
        if (message.function_call !== null && message.function_call !== undefined) legacyCalls++;
        for (const block of out.content) if (block.type === "call") names.set(block.id, block.name);
        return out;
      }
      case "tool": {
        const callId = message.tool_call_id ?? "";
        if (callId === "")
          throw new RequestError(400, `\`${at}.tool_call_id\` is missing.`, { param: `${at}.tool_call_id` });
        return result(callId, names.get(callId) ?? message.name ?? "", message, at);
      }
      case "function":
        return result(`call_function_${legacyCalls - 1}`, message.name ?? "", message, at);
    }
  }
}

function result(callId: string, name: string, message: ChatMessage, at: string): Message {
  return { role: "tool", callId, name, content: blocks(message, at), ok: true };
}

function assistant(message: ChatMessage, at: string, legacyId: string): AssistantMessage {
  const content: AssistantMessage["content"] = [];
  if (message.reasoning_content) content.push({ type: "thinking", text: message.reasoning_content });
  content.push(...textBlocks(message, at));
  for (const [i, call] of (message.tool_calls ?? []).entries()) {
    const { name, arguments: args } = call.function;
    content.push({ type: "call", id: call.id ?? `${at}.${i}`, name, arguments: argumentsOf(args) });
  }
  const old = message.function_call;
  if (old !== null && old !== undefined)
    content.push({ type: "call", id: legacyId, name: old.name, arguments: argumentsOf(old.arguments) });
  return { role: "assistant", content };
}

function textBlocks(message: ChatMessage, at: string): TextBlock[] {
  return blocks(message, at).map((block, i) => {
    if (block.type === "text") return block;
    const param = `${at}.content[${i}]`;
    throw new RequestError(400, `\`${param}\`: a ${message.role} message can't hold an image.`, { param });
  });
}

function blocks({ content }: ChatMessage, at: string): (TextBlock | ImageBlock)[] {
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return [text(content)];
  return content.map((part, i) => {
    const param = `${at}.content[${i}]`;
    if (part.type === "text" || part.type === "refusal") return text(part.text ?? part.refusal ?? "");
    const url = typeof part.image_url === "string" ? part.image_url : part.image_url?.url;
    if (part.type === "image_url" && url !== undefined) return imageOf(url, `${param}.image_url`);
    throw new RequestError(400, `\`${param}\`: content of the type "${part.type}" is not supported here.`, {
      param,
      remedy: "Send text, or images as data URLs.",
    });
  });
}
