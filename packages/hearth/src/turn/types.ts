import type { ChatRequest, Engine, EngineEvent, ModelInfo, Sampling } from "../engines/types.ts";
import type { JsonObject, JsonSchema, Message, ToolChoice, ToolSchema, Usage } from "../protocol/index.ts";

/**
 * How tools reach a model. `native`: by the engine's own tool format; a model that is known to have none is a `CapabilityError`.
 * `injected`: written into the prompt in the Hermes way and read out of the text. `choose`: the model is asked in plain words which
 * tool it needs, then for that tool's arguments by their schema; for small models that keep to no format.
 * `auto`: native where the model can, else injected.
 */
export type Protocol = "auto" | "native" | "injected" | "choose";

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
  /** Default `native`. */
  protocol?: Protocol;
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
