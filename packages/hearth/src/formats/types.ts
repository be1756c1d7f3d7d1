import type { JsonObject, Message, OutputGrammar, ToolChoice, ToolSchema } from "../protocol/index.ts";

/** What reading a model's text yields, in the order of the text. The same for any split into chunks. */
export type FormatEvent =
  | { type: "text"; text: string }
  | { type: "thinking"; text: string }
  /** A call begins; its name is known. `index` counts calls from 0. */
  | { type: "call.start"; index: number; name: string; id?: string }
  /** A piece of the arguments as canonical JSON text. */
  | { type: "call.delta"; index: number; text: string }
  /** The call is whole and its arguments were read. `repairs` names what was mended. */
  | { type: "call.end"; index: number; name: string; id?: string; arguments: JsonObject; repairs?: string[] }
  /** The call can't be used: cut off, or its arguments can't be read surely. `raw` is the text as written. */
  | { type: "call.broken"; index: number; name: string; why: "truncated" | "malformed"; raw: string }
  | { type: "diagnostic"; code: string; message: string; at: number };

export interface ParseOptions {
  /** Tools known to the model; a marker without a known name in prose stays prose. */
  tools?: readonly ToolSchema[];
  /**
   * Tail of the generation prompt: it may already open thinking, or a call. What follows the header of the assistant's
   * turn is the beginning of the answer. Or the assistant message that the engine was asked to continue (its text is not
   * output again), or the tool message that the answer follows.
   */
  prefill?: string | JsonObject;
  /** Whether reasoning was asked for. */
  thinking?: boolean;
  /**
   * Where the answer begins, where neither `thinking` nor `prefill` says it. Default: as the family does it. `auto` holds
   * text back until the end of thinking, a call or the end tells what it was: nothing is wrong, but nothing streams.
   */
  start?: "text" | "thinking" | "auto";
  /** False: calls are not read but left in the text. Default true. */
  calls?: boolean;
  /** What becomes of calls of tools that are not known: `text` leaves them in the text. Default: by the family's markers. */
  unknown?: "text";
  /** Only calls of known tools count; everything else stays text. For the text of servers that parse by themselves. */
  rescue?: boolean;
}

/** Reads one answer. Never throws on a text. */
export interface FormatParser {
  push(chunk: string): FormatEvent[];
  /** The text is over; whatever is held back comes out. */
  end(): FormatEvent[];
}

export interface RenderInput {
  messages: readonly Message[];
  tools: readonly ToolSchema[];
  thinking?: boolean;
}

export interface RenderedPrompt {
  prompt: string;
  /** Tail of the prompt that belongs to the answer's state; handed to the parser. */
  prefill: string;
  /** Characters at the head that stay the same over runs with the same instructions and tools. */
  stablePrefixChars: number;
  /** Texts that end the answer. */
  stop: string[];
}

/** What a grammar is made from. */
export interface GrammarInput {
  messages: readonly Message[];
  tools: readonly ToolSchema[];
  toolChoice: ToolChoice;
  /** Names that exist in the workspace: candidates for arguments that point at files. */
  workspaceNames?: readonly string[];
}

/** A model family whose prompts Hearth writes itself, for engines that take raw text. */
export interface PromptFormat {
  readonly id: string;
  render(input: RenderInput): RenderedPrompt;
  parser(options: ParseOptions): FormatParser;
  /** GBNF that makes a wrong call impossible. */
  grammar?(input: GrammarInput): OutputGrammar | undefined;
  /**
   * The answer where the runtime can give it better than the model: a count, a list, a figure taken from the
   * results of tools. `undefined` leaves it to the model.
   */
  answer?(messages: readonly Message[], tools?: readonly ToolSchema[]): string | undefined;
}
