import type { CompactionName } from "../context/index.ts";
import type { ChatRequest, Clock, ModelRef, Sampling } from "../engines/types.ts";
import type { Journal } from "../journal/index.ts";
import type { Approver, Auditor, Policy, ToolRules } from "../policy/index.ts";
import type { JsonObject, JsonSchema, ToolChoice } from "../protocol/index.ts";
import type { ToolInput } from "../schema/index.ts";
import type { Protocol } from "../turn/index.ts";
import type { AskUser } from "./ask-user.ts";
import type { Limits } from "./context.ts";
import type { Halt } from "./halt.ts";
import type { Hooks } from "./hooks.ts";

export interface AgentOptions {
  model: ModelRef;
  instructions?: string;
  /** Plain functions, tools, or objects with a Standard JSON Schema. */
  tools?: readonly ToolInput[];
  /** JSON Schema of the answer. */
  output?: JsonSchema;
  limits?: Partial<Limits>;
  sampling?: Sampling;
  /** Tokens of the window; left out: the loaded one if it is 8,192 or more, else what fits, up to 16,384. */
  contextTokens?: number;
  /** How a prompt that outgrows the window is shortened. Default `default`: oldest results to stubs, then a summary. */
  compaction?: CompactionName;
  /** Share of the window at which that happens. Default: the policy's own (0.8 for `default`). */
  contextThreshold?: number;
  /** Default `auto`: what the model's profile says. */
  think?: "auto" | ChatRequest["think"];
  /** Whether the model gets the tool `read_result` for results too long for the prompt. Default true; models that do best with few tools go without. */
  artifacts?: boolean;
  /** Tools that the model is shown at most, chosen by the words of the task; it can find and call the others. Default 10. */
  maxTools?: number;
  /** Names of tools that are shown whatever the task says. */
  alwaysTools?: readonly string[];
  /** How a model without a tool format is asked; see `Protocol`. Default `native`: such a model is a `CapabilityError`. */
  protocol?: Protocol;
  /**
   * Whether a result too long for the prompt comes with the model's own summary of it, beside its head and tail. Default false: each
   * costs a question, and the engine's prefix cache.
   */
  summariseResults?: boolean;
  hooks?: Hooks;
  /** Somebody who can be asked: the model gets the tool `ask_user`. `undefined` means that nobody answered. */
  askUser?: AskUser;
  /** Must the first answer call a tool, or one tool, or none? Enforced on every engine. Default `auto`. */
  toolChoice?: ToolChoice;
  /** Another name for `limits.maxSteps`. */
  maxPredictionRounds?: number;
  /** False: one round of tools, then an answer without them. Default true. */
  toolsAfterFirstRound?: boolean;
  /** True: at the first trip of a guard the model is asked to think over what it does; a text: with these words. Default false. */
  reflect?: boolean | string;
  policy?: Policy;
  /**
   * Verdicts by tool, before the policy: `{ "read_*": "allow", delete_file: "ask" }`. They can't loosen what it denies. A tool that one
   * allows by name runs under the taint rule too.
   */
  rules?: ToolRules;
  /** Whether the first refused call ends the run as `approval_refused`. Default `continue`: the model is told and goes on without it. */
  onRefusal?: "continue" | "stop";
  /**
   * Who answers when the policy asks. Default `auto`: the tools were given by the program itself. What needs a person's word (the taint
   * rule) gets none from `auto`.
   */
  approve?: Approver;
  /** Is told of each call before it runs and after. Default: nobody. */
  auditor?: Auditor;
  /** The emergency stop that this agent heeds. Default: none. */
  halt?: Halt;
  /** Default: memory. */
  journal?: Journal;
  /** The folder tools work in. Default: the current one. */
  workspace?: string;
  /** Names in the workspace, for models whose grammar points at them. */
  workspaceNames?: () => Promise<readonly string[]>;
  /** Shown in `run.started`; must hold no secret. */
  settings?: JsonObject;
  clock?: Clock;
}
