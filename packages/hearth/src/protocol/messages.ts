import type { JsonObject } from "./json.ts";

export interface TextBlock {
  type: "text";
  text: string;
}

export interface ImageBlock {
  type: "image";
  /** For example `image/png`. */
  mediaType: string;
  /** The image, base64. */
  data: string;
}

/** What the model thought before it answered; kept apart from its text. */
export interface ThinkingBlock {
  type: "thinking";
  text: string;
}

/** A request of the model to run a tool. */
export interface ToolCall {
  /** Unique within a run. */
  id: string;
  name: string;
  arguments: JsonObject;
}

/** Why a call can't be run; the call itself stays in the history, so the loop goes on. */
export interface CallFault {
  reason:
    | "unknown_tool"
    | "invalid_arguments"
    | "malformed"
    | "truncated"
    | "forbidden"
    | "refused"
    | "repeated";
  /** One reason, one remedy, one example, written for the model. */
  message: string;
  /** The arguments as the model wrote them, where they could not be read. */
  text?: string;
}

export interface CallBlock extends ToolCall {
  type: "call";
  fault?: CallFault;
}

export interface SystemMessage {
  role: "system";
  content: TextBlock[];
}

export interface UserMessage {
  role: "user";
  content: (TextBlock | ImageBlock)[];
}

export interface AssistantMessage {
  role: "assistant";
  content: (TextBlock | ThinkingBlock | CallBlock)[];
  /**
   * The model's own text and the format it was written in, where known. For the same format it is put back verbatim:
   * calls rendered anew differ from what the model wrote, which confuses it and costs the KV cache.
   */
  raw?: { format: string; text: string };
}

/** The answer to one call. Results are always sent in call order: most chat templates never show the id. */
export interface ToolMessage {
  role: "tool";
  callId: string;
  name: string;
  content: (TextBlock | ImageBlock)[];
  ok: boolean;
}

export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** A text block. */
export const text = (value: string): TextBlock => ({ type: "text", text: value });

export const systemMessage = (value: string): SystemMessage => ({ role: "system", content: [text(value)] });

export const userMessage = (value: string): UserMessage => ({ role: "user", content: [text(value)] });

/** All text of a message, without thinking and calls. */
export function textOf(message: Message): string {
  let out = "";
  for (const block of message.content) if (block.type === "text") out += block.text;
  return out;
}

/** The thinking of an assistant message; empty where there is none. */
export function thinkingOf(message: AssistantMessage): string {
  let out = "";
  for (const block of message.content) if (block.type === "thinking") out += block.text;
  return out;
}

/** The calls of an assistant message, in the order in which the model made them. */
export function callsOf(message: AssistantMessage): CallBlock[] {
  return message.content.filter((block) => block.type === "call");
}
