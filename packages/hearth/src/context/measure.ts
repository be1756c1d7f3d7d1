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

/** Fewer characters a token than this in a first prompt: a dense script, or a template that says much of its own. */
const MIN_FIRST_RATIO = 2;
/** New text shorter than this says little of how dense it is. */
const MIN_LEARNED_CHARS = 200;
/** Beyond this a count can't be of the whole text. */
const MAX_RATIO = 12;

/**
 * Tokens estimated from characters: those the template adds of its own, and so many characters a token for the rest. Both are
 * corrected by what the engine counts; that they are kept apart matters, for a long preamble round a short task says nothing of
 * what follows.
 */
export class Calibration {
  #charsPerToken = CHARS_PER_TOKEN;
  #overheadTokens = 0;
  #counted = false;
  #last: { chars: number; tokens: number } | undefined;

  /** Whether an engine has counted a prompt yet. */
  get counted(): boolean {
    return this.#counted;
  }

  get charsPerToken(): number {
    return this.#charsPerToken;
  }

  /** Tokens that are there however long the text is. */
  get overheadTokens(): number {
    return this.#overheadTokens;
  }

  tokens(chars: number): number {
    return Math.ceil(this.#overheadTokens + chars / this.#charsPerToken);
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
    if (tokens <= 0 || chars <= 0 || chars / tokens > MAX_RATIO) return;
    const last = this.#last;
    if (last === undefined) {
      const ratio = chars / tokens;
      if (ratio >= MIN_FIRST_RATIO)
        this.#charsPerToken = this.#counted ? (this.#charsPerToken + ratio) / 2 : ratio;
    } else if (chars - last.chars >= MIN_LEARNED_CHARS && tokens > last.tokens) {
      const slope = Math.min(MAX_RATIO, (chars - last.chars) / (tokens - last.tokens));
      this.#charsPerToken = (this.#charsPerToken + slope) / 2;
    }
    this.#overheadTokens = Math.max(0, tokens - chars / this.#charsPerToken);
    this.#last = { chars, tokens };
    this.#counted = true;
  }
}
