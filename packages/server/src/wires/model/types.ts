import type {
  ChatRequest,
  JsonObject,
  JsonSchema,
  Message,
  Sampling,
  ToolChoice,
  ToolSchema,
  Usage,
} from "hearth";

/** One question to a model, whatever wire it came over. */
export interface Question {
  /** A model of the engine, or `agent:NAME`. */
  model: string;
  messages: Message[];
  tools: ToolSchema[];
  toolChoice: ToolChoice;
  /** False: one call at most; further ones are left out. */
  parallelCalls: boolean;
  /** Over the service's own settings and the model's profile. */
  sampling: Sampling;
  think?: ChatRequest["think"];
  /** The answer must be JSON of this schema. */
  responseSchema?: JsonSchema;
  /** Tokens of the window; left out: as the service is set. */
  contextTokens?: number;
}

/** A call as a client gets it. */
export interface AnsweredCall {
  /** Unique in the conversation. */
  id: string;
  name: string;
  /** Absent where the text is no JSON object: malformed, or cut off. */
  arguments?: JsonObject;
  /** The arguments as JSON text; as the model wrote them where they can't be read. */
  text: string;
}

/** What an answer consists of, in the order in which it comes. Failures are thrown. */
export type AnswerEvent =
  | { type: "text"; text: string }
  | { type: "thinking"; text: string }
  | { type: "call"; call: AnsweredCall }
  | { type: "wait"; for: string; position?: number; boundMs?: number }
  /** Always last. */
  | { type: "end"; reason: EndReason; usage?: Usage };

/** `length`: cut off by a limit of tokens. */
export type EndReason = "stop" | "length" | "calls";

/** A whole answer. */
export interface Answer {
  text: string;
  thinking: string;
  calls: AnsweredCall[];
  reason: EndReason;
  usage?: Usage;
}
