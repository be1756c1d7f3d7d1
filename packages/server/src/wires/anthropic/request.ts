import {
  type AssistantMessage,
  type ImageBlock,
  type Message,
  type Sampling,
  systemMessage,
  type TextBlock,
  type ToolChoice,
  type ToolSchema,
  text,
} from "hearth";
import { RequestError } from "../../problem.ts";
import { known, present, toolSchema } from "../model/read.ts";
import type { Question } from "../model/types.ts";
import type { Block, CountBody, MessagesBody } from "./schema.ts";

type Content = MessagesBody["messages"][number]["content"];

/** Whether the client asked to see thinking; otherwise it gets none, as the wire promises. */
export const wantsThinking = ({ thinking }: CountBody): boolean =>
  thinking?.type === "enabled" || thinking?.type === "adaptive";

export function questionOf(body: CountBody & Partial<MessagesBody>): Question {
  const tools = toolsOf(body);
  const schema = body.output_config?.format?.schema;
  return {
    model: body.model,
    messages: [...systemOf(body.system), ...messagesOf(body.messages)],
    tools,
    toolChoice: toolChoiceOf(body, tools),
    parallelCalls: body.tool_choice?.disable_parallel_tool_use !== true,
    sampling: present<Sampling>({
      maxTokens: body.max_tokens,
      stop: body.stop_sequences?.length ? body.stop_sequences : undefined,
      temperature: body.temperature,
      topP: body.top_p,
      topK: body.top_k,
    }),
    ...(body.thinking ? { think: wantsThinking(body) } : {}),
    ...(schema ? { responseSchema: schema } : {}),
  };
}

function systemOf(system: CountBody["system"]): Message[] {
  const said = typeof system === "string" ? system : (system ?? []).map((part) => part.text).join("\n\n");
  return said === "" ? [] : [systemMessage(said)];
}

function toolsOf({ tools }: CountBody): ToolSchema[] {
  return (tools ?? []).map(({ type, name, description, input_schema: schema }, i) => {
    if (schema || !type || type === "custom") return toolSchema(name, description, schema);
    throw new RequestError(400, `\`tools[${i}]\`: ${type} runs at Anthropic and is not here.`, {
      param: `tools[${i}].type`,
      remedy: "Send tools with an `input_schema`, which the client runs.",
    });
  });
}

function toolChoiceOf({ tool_choice: choice }: CountBody, tools: readonly ToolSchema[]): ToolChoice {
  switch (choice?.type ?? "auto") {
    case "any":
      if (tools.length > 0) return "required";
      throw new RequestError(400, "`tool_choice` is `any`, but there are no tools.", {
        param: "tool_choice",
      });
    case "tool":
      return known(tools, choice?.name ?? "", "tool_choice.name");
    case "none":
      return "none";
    case "auto":
      return "auto";
  }
}

/** Results stand inside the user's messages on this wire; here each is a message of its own, before what else the user says. */
function messagesOf(given: CountBody["messages"]): Message[] {
  const names = new Map<string, string>();
  const out: Message[] = [];
  for (const [i, { role, content }] of given.entries()) {
    const at = `messages[${i}].content`;
    if (role === "assistant") {
      const message = assistant(content, at);
      for (const block of message.content) if (block.type === "call") names.set(block.id, block.name);
      out.push(message);
    } else if (role === "system")
      out.push({ role, content: blocks(content, at).filter((block) => block.type === "text") });
    else out.push(...results(content, at, names), ...user(content, at));
  }
  return out;
}

function results(content: Content, at: string, names: ReadonlyMap<string, string>): Message[] {
  if (typeof content === "string") return [];
  return content.flatMap((block, i): Message[] => {
    if (block.type !== "tool_result") return [];
    const callId = block.tool_use_id ?? "";
    const result = blocks((block.content ?? "") as Content, `${at}[${i}].content`);
    return [
      { role: "tool", callId, name: names.get(callId) ?? "", content: result, ok: block.is_error !== true },
    ];
  });
}

function user(content: Content, at: string): Message[] {
  const said =
    typeof content === "string" ? content : content.filter((block) => block.type !== "tool_result");
  return said.length === 0 ? [] : [{ role: "user", content: blocks(said, at) }];
}

function assistant(content: Content, at: string): AssistantMessage {
  if (typeof content === "string")
    return { role: "assistant", content: content === "" ? [] : [text(content)] };
  return {
    role: "assistant",
    content: content.flatMap((block, i): AssistantMessage["content"] => {
      if (block.type === "thinking") return [{ type: "thinking", text: block.thinking ?? "" }];
      // Encrypted for Anthropic's own models: nobody here can read it.
      if (block.type === "redacted_thinking") return [];
      if (block.type === "text") return [text(block.text ?? "")];
      if (block.type === "tool_use" && block.id && block.name)
        return [{ type: "call", id: block.id, name: block.name, arguments: block.input ?? {} }];
      throw unfit(block, `${at}[${i}]`);
    }),
  };
}

function blocks(content: Content, at: string): (TextBlock | ImageBlock)[] {
  if (typeof content === "string") return content === "" ? [] : [text(content)];
  return content.map((block, i) => {
    const { source } = block;
    if (block.type === "text") return text(block.text ?? "");
    if (block.type === "image" && source?.type === "base64" && source.data)
      return { type: "image", mediaType: source.media_type ?? "image/png", data: source.data };
    if (block.type === "document" && source?.type === "text") return text(source.data ?? "");
    throw unfit(block, `${at}[${i}]`);
  });
}

function unfit(block: Block, param: string): RequestError {
  const kind = block.source ? `${block.type} by ${block.source.type}` : block.type;
  return new RequestError(400, `\`${param}\`: a block of the kind ${kind} can't stand here.`, {
    param,
    remedy: "Send text, images as base64, tool_use and tool_result.",
  });
}
