import type {
  JsonObject,
  JsonSchema,
  Message,
  OutputGrammar,
  ToolChoice,
  ToolSchema,
  Usage,
} from "../protocol/index.ts";

/** What an engine knows of a model. Unknown is left out, never guessed. */
export interface ModelInfo {
  name: string;
  /** Tokens the model was made for. */
  maxContextTokens?: number;
  /** Tokens of the window as loaded now, where the engine tells. */
  loadedContextTokens?: number;
  /** The window the engine opens of its own accord; asking for this one costs no reload. */
  defaultContextTokens?: number;
  /** `tools`, `thinking`, `vision`, `completion`, `embedding`, … where the engine tells. */
  capabilities?: string[];
  /** The chat template: Jinja (`jinja`) or Ollama's Go form (`go`). */
  template?: { kind: "jinja" | "go"; text: string };
  /** `llama`, `qwen3`, … as in the GGUF header. */
  architecture?: string;
  /** Size of the weights. */
  bytes?: number;
  /** The format (id of a dialect) that this engine fixes for this model, where it does. */
  format?: string;
  details?: JsonObject;
}

export interface Sampling {
  temperature?: number;
  topP?: number;
  topK?: number;
  minP?: number;
  seed?: number;
  /** Tokens to generate at most. */
  maxTokens?: number;
  stop?: string[];
}

export interface ChatRequest {
  model: string;
  messages: readonly Message[];
  tools: readonly ToolSchema[];
  sampling: Sampling;
  /** Tokens of the window; constant for a run, for a change makes engines reload the model. */
  contextTokens?: number;
  /** Left out: the engine's default. Never sent to a model that can't think. */
  think?: boolean | "low" | "medium" | "high";
  toolChoice?: ToolChoice;
  /** The answer must be JSON of this schema. Never together with tools: engines then lose the calls. */
  responseSchema?: JsonSchema;
}

/** A prompt already rendered; only for engines that take raw text. */
export interface CompletionRequest {
  model: string;
  prompt: string;
  sampling: Sampling;
  contextTokens?: number;
  /** GBNF the output must follow. */
  grammar?: OutputGrammar;
  /** Characters at the head of the prompt that stay the same over runs (system and tools): worth keeping on disk. */
  stablePrefixChars?: number;
  /** Ranges `[start, end)` of the prompt's characters where text such as `<|im_end|>` is text, never a special token. */
  literal?: readonly (readonly [start: number, end: number])[];
}

export type FinishReason = "stop" | "length" | "calls";

/** What comes out of an engine while it answers. Failures are thrown as an `EngineError`. */
export type EngineEvent =
  | { type: "wait"; for: string; boundMs?: number; position?: number }
  | { type: "wait.end"; for: string }
  | { type: "text"; text: string }
  | { type: "thinking"; text: string }
  /** A call begins. `index` tells calls of one answer apart; ids from engines are kept where they are unique. */
  | { type: "call.start"; index: number; id?: string; name: string }
  /** A piece of the arguments as JSON text. */
  | { type: "call.delta"; index: number; text: string }
  /** The call is whole. `arguments` is absent where the engine's text is no JSON object. */
  | {
      type: "call.end";
      index: number;
      id?: string;
      name: string;
      arguments?: JsonObject;
      argumentsText: string;
    }
  | ({ type: "usage" } & Usage)
  /** Always last; a stream that ends without it was cut (`StreamCutError`). `contextTokens`: the window in force. */
  | { type: "finish"; reason: FinishReason; contextTokens?: number };

/**
 * A way to a model. Transport only: no loop, no repair, no parsing of calls out of text.
 * Optional methods are its capabilities; rooms above look at what is there, never at the brand.
 */
export interface Engine {
  /** `ollama`, `openai`, `embedded`, `scripted`; for people and events, never to decide by. */
  readonly id: string;
  /** Where it is, for messages: `http://127.0.0.1:11434`, or `this process`. */
  readonly address: string;
  /** Models there now, best known first. */
  models(signal?: AbortSignal): Promise<ModelInfo[]>;
  /** Raises `ModelNotFoundError`, `EngineUnreachableError`. */
  describe(model: string, signal?: AbortSignal): Promise<ModelInfo>;
  /** Closing the iterator early, or the signal, closes the connection at once. */
  chat?(request: ChatRequest, signal: AbortSignal): AsyncIterable<EngineEvent>;
  complete?(request: CompletionRequest, signal: AbortSignal): AsyncIterable<EngineEvent>;
  /** How many tokens this text is, exactly. Special tokens are read as such. */
  countTokens?(model: string, text: string, signal?: AbortSignal): Promise<number>;
  embed?(model: string, texts: readonly string[], signal?: AbortSignal): Promise<number[][]>;
  /** Loads a model before it is asked, with the window that it will be asked with: with another one it would be loaded twice. */
  load?(model: string, contextTokens: number | undefined, signal: AbortSignal): Promise<void>;
  /** An engine made of several: the one that answers for a model now. What is at its address shares one GPU. */
  partFor?(model: string): Engine;
  /** Lets go of connections and child processes. */
  close(): Promise<void>;
}

/** A model on an engine: what `agent({model})` takes. */
export interface ModelRef {
  engine: Engine;
  /** Left out: the first the engine names. */
  model?: string;
}

/** Time and chance, passed in so that tests need neither. */
export interface Clock {
  now(): number;
  /** Rejects with the signal's reason when it fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
