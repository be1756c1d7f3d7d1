import type { AssistantMessage, Usage } from "../protocol/index.ts";

/** How one answer of the model ended; what it says stands in the state, folded from its events. */
export interface Answer {
  content: AssistantMessage["content"];
  calls: number;
  finish?: "stop" | "length" | "calls";
  usage?: Usage;
  /** The window in force, where the engine told. */
  contextTokens?: number;
  raw?: AssistantMessage["raw"];
}

export function hasText(answer: Answer): boolean {
  return answer.content.some((block) => block.type === "text" && block.text.trim() !== "");
}

export function messageOf(answer: Answer): AssistantMessage {
  const message: AssistantMessage = { role: "assistant", content: answer.content };
  if (answer.raw !== undefined) message.raw = answer.raw;
  return message;
}
