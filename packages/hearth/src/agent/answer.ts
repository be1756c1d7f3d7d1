import type { AssistantMessage, CallBlock, Usage } from "../protocol/index.ts";

/** Collects one answer of the model while it streams. */
export class Answer {
  readonly content: AssistantMessage["content"] = [];
  usage: Usage | undefined;
  finish: "stop" | "length" | "calls" | undefined;
  contextTokens: number | undefined;
  raw: AssistantMessage["raw"];
  calls = 0;

  text(text: string): void {
    this.#append("text", text);
  }

  thinking(text: string): void {
    this.#append("thinking", text);
  }

  #append(type: "text" | "thinking", text: string): void {
    const last = this.content.at(-1);
    if (last?.type === type) last.text += text;
    else this.content.push({ type, text });
  }

  call(block: CallBlock): void {
    this.content.push(block);
    this.calls++;
  }

  get hasText(): boolean {
    return this.content.some((block) => block.type === "text" && block.text.trim() !== "");
  }

  message(): AssistantMessage {
    const message: AssistantMessage = { role: "assistant", content: this.content };
    if (this.raw !== undefined) message.raw = this.raw;
    return message;
  }
}
