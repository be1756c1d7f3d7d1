import type { ChatRequest, Engine, EngineEvent, ModelInfo, Sampling } from "../engines/types.ts";
import type { JsonObject, JsonSchema, Message, ToolChoice, ToolSchema, Usage } from "../protocol/index.ts";

export interface AskInput {
  engine: Engine;
  info: ModelInfo;
  messages: readonly Message[];
  /** Every tool of the run: calls that leak as text are known by these names. */
  tools: readonly ToolSchema[];
  /** `none` where the model must answer. */
  toolChoice: ToolChoice;
  sampling: Sampling;
  contextTokens: number;
  think?: ChatRequest["think"];
  responseSchema?: JsonSchema;
  /** Names that exist in the workspace, for formats whose grammar points at them. */
  workspaceNames?: readonly string[];
}

/** One call as it came, before anybody looked at its tool or its schema. */
export interface RawCall {
  type: "call";
  index: number;
  id?: string;
  name: string;
  /** Absent where the text could not be read as an object. */
  arguments?: JsonObject;
  /** The arguments as written. */
  text: string;
  /** What was mended on the way. */
  repairs: string[];
  /** Read out of the text of an engine that hands calls over by itself. */
  rescued?: boolean;
  /** The text ended inside the call: its arguments are not what the model meant. */
  truncated?: boolean;
}

/** What one question to the model yields. Failures are thrown as an `EngineError`. */
export type TurnEvent =
  | Extract<EngineEvent, { type: "wait" | "wait.end" | "text" | "thinking" }>
  | { type: "call.start"; index: number; id?: string; name: string }
  | { type: "call.delta"; index: number; text: string }
  | RawCall
  | { type: "diagnostic"; code: string; message: string }
  | ({ type: "usage" } & Usage)
  | {
      type: "finish";
      reason: "stop" | "length" | "calls";
      contextTokens?: number;
      /** The text as the model wrote it, where we read it ourselves. */
      raw?: { format: string; text: string };
    };
