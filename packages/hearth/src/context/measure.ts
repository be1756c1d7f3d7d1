import type { Message, ToolSchema } from "../protocol/index.ts";
import { CHARS_PER_TOKEN } from "./results.ts";

/** What a template puts round a message, in characters: role markers and line ends. */
const FRAME_CHARS = 20;
/** What a call takes beside its name and arguments. */
const CALL_FRAME_CHARS = 30;
/** An image in tokens, as a middle of what vision models spend. */
const IMAGE_TOKENS = 800;

const sizes = new WeakMap<Message, number>();

/** Characters that one message puts into the prompt; measured once, for a message never changes. */
export function messageChars(message: Message): number {
  const known = sizes.get(message);
  if (known !== undefined) return known;
  const chars = measure(message);
  sizes.set(message, chars);
  return chars;
}

function measure(message: Message): number {
  let chars = FRAME_CHARS;
  for (const block of message.content) {
    if (block.type === "text" || block.type === "thinking") chars += block.text.length;
    else if (block.type === "image") chars += IMAGE_TOKENS * CHARS_PER_TOKEN;
    else chars += CALL_FRAME_CHARS + block.name.length + JSON.stringify(block.arguments).length;
  }
  return chars;
}

/** Characters of a whole request, as near as one can come without the template. */
export function promptChars(messages: readonly Message[], tools: readonly ToolSchema[]): number {
  let chars = toolChars(tools);
  for (const message of messages) chars += messageChars(message);
  return chars;
}

/** The same as one text, for engines that count tokens: frames are left out, as no template is known here. */
export function promptText(messages: readonly Message[], tools: readonly ToolSchema[]): string {
  const parts: string[] = tools.length === 0 ? [] : [JSON.stringify(tools)];
  for (const message of messages) {
    // What a template puts round a message, as text of about the same length in tokens.
    parts.push(`\n<|${message.role}|>\n`);
    for (const block of message.content) {
      if (block.type === "text" || block.type === "thinking") parts.push(block.text);
      else if (block.type === "call")
        parts.push(
          `<tool_call>{"name": "${block.name}", "arguments": ${JSON.stringify(block.arguments)}}</tool_call>`,
        );
    }
  }
  return parts.join("");
}

const toolSizes = new WeakMap<readonly ToolSchema[], number>();

function toolChars(tools: readonly ToolSchema[]): number {
  const known = toolSizes.get(tools);
  if (known !== undefined) return known;
  const chars = tools.length === 0 ? 0 : JSON.stringify(tools).length;
  toolSizes.set(tools, chars);
  return chars;
}

/**
 * Tokens estimated from characters, calibrated on what the engine has counted for prompts of known length.
 * Non-Latin text takes far fewer characters a token, so the first count corrects the guess at once.
 */
export class Calibration {
  #charsPerToken = CHARS_PER_TOKEN;
  #counted = false;

  /** Whether an engine has counted a prompt yet. */
  get counted(): boolean {
    return this.#counted;
  }

  get charsPerToken(): number {
    return this.#charsPerToken;
  }

  tokens(chars: number): number {
    return Math.ceil(chars / this.#charsPerToken);
  }

  /** A count of the text alone, without the template's own tokens: it can show that a text is denser, not that it is thinner. */
  counts(chars: number, tokens: number): void {
    if (tokens <= 0 || chars <= 0) return;
    const ratio = chars / tokens;
    this.#charsPerToken = this.#counted ? Math.min(this.#charsPerToken, ratio) : ratio;
    this.#counted = true;
  }

  /** Learns from a prompt the engine counted in full. Counts that can't be of the whole prompt are not learned from. */
  learn(chars: number, tokens: number): void {
    if (tokens <= 0 || chars <= 0) return;
    const ratio = chars / tokens;
    if (ratio > 12) return;
    this.#charsPerToken = this.#counted ? this.#charsPerToken * 0.5 + ratio * 0.5 : ratio;
    this.#counted = true;
  }
}
