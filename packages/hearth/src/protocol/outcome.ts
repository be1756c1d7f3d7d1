import type { Message } from "./messages.ts";
import type { Taint } from "./tools.ts";
import type { Usage } from "./usage.ts";

export const STOP_REASONS = [
  "answer",
  "max_steps",
  "loop",
  "budget",
  "denied",
  "handoff",
  "waiting",
  "approval_refused",
  "context",
  "timeout",
  "cancelled",
  "engine_error",
] as const;

/** Why a run ended. */
export type StopReason = (typeof STOP_REASONS)[number];

/** Exit code of the command for each end (interface.md). */
export function exitCodeOf(reason: StopReason): number {
  if (reason === "answer") return 0;
  if (reason === "engine_error") return 4;
  if (reason === "cancelled") return 130;
  return 3;
}

/** An error as it stands in an event: no stack, no object. */
export interface ErrorInfo {
  /** Name of the error class, for example `ModelNotFoundError`. */
  class: string;
  message: string;
  remedy?: string;
  /** Messages of the causes, nearest first. */
  causes?: string[];
}

/** What is left to do where a run waits or was handed off. */
export interface Pending {
  callId: string;
  name: string;
  why: string;
}

/** How a run ended. `text` is never empty: for any reason but `answer` it says what was reached and what is missing. */
export interface Outcome {
  runId: string;
  text: string;
  stopReason: StopReason;
  steps: number;
  usage: Usage;
  messages: Message[];
  error?: ErrorInfo;
  pending?: Pending[];
  /** What the messages hold that counts for what may be done next; to be handed on with them. Absent: nothing. */
  taint?: Taint;
}
