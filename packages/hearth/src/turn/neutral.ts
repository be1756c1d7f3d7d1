import { neutralise } from "../formats/neutralise.ts";
import type { Message, ToolMessage } from "../protocol/index.ts";

const cleaned = new WeakMap<ToolMessage, ToolMessage>();

/**
 * The messages with template tokens in tool results made harmless: servers read special tokens in them as their own.
 * A message is cleaned once, so the prompt prefix stays the same bytes from step to step.
 */
export function neutralResults(messages: readonly Message[]): Message[] {
  return messages.map((message) => {
    if (message.role !== "tool") return message;
    const known = cleaned.get(message);
    if (known !== undefined) return known;
    const content = message.content.map((block) =>
      block.type === "text" ? { ...block, text: neutralise(block.text) } : block,
    );
    const neutral: ToolMessage = { ...message, content };
    cleaned.set(message, neutral);
    return neutral;
  });
}
