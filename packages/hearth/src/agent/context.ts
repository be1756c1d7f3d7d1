import type { Calibration, CompactionName, Counted } from "../context/index.ts";
import type { ChatRequest, Clock, Engine, ModelInfo, Sampling } from "../engines/types.ts";
import type { Journal } from "../journal/index.ts";
import type { Approver, Auditor, Policy } from "../policy/index.ts";
import type { JsonSchema, Pending, Tool, ToolChoice, ToolSchema } from "../protocol/index.ts";
import type { Protocol } from "../turn/index.ts";
import type { Halt } from "./halt.ts";
import type { Hooks } from "./hooks.ts";
import type { Inbox } from "./inbox.ts";
import type { Recorder } from "./recorder.ts";
import type { RunState } from "./state.ts";

/** Bounds of a run. */
export interface Limits {
  /** Questions to the model; the last one must be answered without tools. Default 15. */
  maxSteps: number;
  /** Tools at once. Default 5. */
  maxParallel: number;
  /** Default 60,000. */
  toolTimeoutMs: number;
  /** For the whole run. Default none; the run ends as `timeout`. */
  timeoutMs?: number;
  /** Tokens of all questions and answers together, as the engine counts them. Default none; the run ends as `budget`. */
  maxTokens?: number;
  /** Tool calls in all. Default none; the run ends as `budget`, with an answer made without tools. */
  maxCalls?: number;
  /** Attempts at one question in all, the first included. Default 3. */
  attempts: number;
  /** Refused calls that end the run. Default 3. */
  maxDenied: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxSteps: 15,
  maxParallel: 5,
  toolTimeoutMs: 60_000,
  attempts: 3,
  maxDenied: 3,
};

/** What a run is driven with: decisions as data, effects as interfaces. */
export interface RunContext {
  readonly runId: string;
  readonly recorder: Recorder;
  readonly state: RunState;
  readonly engine: Engine;
  /** Filled when the engine has described the model. */
  info: ModelInfo;
  /** The window in tokens, as far as it is known to be in force: what must fit. */
  contextTokens: number;
  /** The window that is asked for: the same in each request, for engines reload the model on a change. */
  askedTokens: number;
  readonly wishedContextTokens: number | undefined;
  /** Tokens estimated from characters, corrected by what the engine counts. */
  readonly calibration: Calibration;
  readonly compaction: CompactionName;
  /** Share of the window at which the prompt is shortened; the policy's own where left out. */
  readonly threshold: number | undefined;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly schemas: readonly ToolSchema[];
  readonly limits: Limits;
  readonly sampling: Sampling;
  readonly think: "auto" | ChatRequest["think"];
  readonly output: JsonSchema | undefined;
  readonly hooks: Hooks;
  /** Whether results too long for the prompt come with the model's own summary of them. */
  readonly summariseResults: boolean;
  /** What the model is told at the first trip of a guard, in place of the short lesson. */
  readonly reflect: string | undefined;
  /** Whether a refused approval ends the run. */
  readonly stopOnRefusal: boolean;
  /** For the first step; later ones are `auto`. */
  readonly toolChoice: ToolChoice;
  readonly toolsAfterFirstRound: boolean;
  readonly policy: Policy;
  readonly approver: Approver;
  readonly auditor: Auditor | undefined;
  readonly halt: Halt | undefined;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly workspace: string;
  readonly workspaceNames: (() => Promise<readonly string[]>) | undefined;
  readonly signal: AbortSignal;
  /** Calls that wait for somebody. */
  readonly pending: Pending[];
  /** What others say to the run: words of the user, approvals, cancels. */
  readonly inbox: Inbox;
  /** Tokens of answers that the engine did not count, estimated. */
  uncountedTokens: number;
  /** Characters of the prompt whose text was counted last. */
  countedChars: number;
  /** What the engine counted for the prompt that the next one begins with. */
  counted: Counted | undefined;
  /** How much of added text the engine has counted, as shares of what was expected, the newest last. */
  readonly growths: number[];
  /** How a model without a tool format is asked. */
  readonly protocol: Protocol;
}
