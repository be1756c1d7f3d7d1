import type { JsonObject } from "./json.ts";
import type { AssistantMessage, CallFault, Message } from "./messages.ts";
import type { ErrorInfo, Pending, StopReason } from "./outcome.ts";
import type { Taint, ToolSchema } from "./tools.ts";
import type { Usage } from "./usage.ts";

/** What a run can say. Names and fields are promises (interface.md): extend, never change. */
export type EventBody =
  | {
      type: "run.started";
      task: string;
      model: string;
      engine: string;
      tools: string[];
      instructions?: string;
      toolSchemas: ToolSchema[];
      settings: JsonObject;
      /** Messages the run began with, before the task (a conversation that goes on). */
      history?: Message[];
      /** What the task and the history hold that counts for what may be done. */
      taint?: Taint;
    }
  | { type: "run.resumed" }
  | { type: "step.started"; step: number }
  | { type: "step.discarded"; fromSeq: number; why: string }
  | { type: "step.finished"; step: number; message: AssistantMessage }
  | { type: "message.added"; message: Message }
  | { type: "thinking.delta"; text: string }
  | { type: "text.delta"; text: string }
  | { type: "call.started"; callId: string; name: string }
  | { type: "call.delta"; callId: string; text: string }
  | { type: "call.ready"; callId: string; name: string; arguments: JsonObject; repairs?: string[] }
  | {
      type: "call.invalid";
      callId: string;
      name: string;
      reason: CallFault["reason"];
      message: string;
      /** As far as they could be read: they stay in the history. */
      arguments?: JsonObject;
    }
  | { type: "call.running"; callId: string }
  | { type: "call.output"; callId: string; text: string }
  | {
      type: "call.finished";
      callId: string;
      name: string;
      ok: boolean;
      content: string;
      details?: JsonObject;
      ms: number;
      truncated?: boolean;
      sandbox?: string;
      /** What the result brought that counts for what may be done next. */
      taint?: Taint;
    }
  | { type: "approval.requested"; callId: string; name: string; arguments: JsonObject; why: string }
  | {
      type: "approval.given";
      callId: string;
      decision: "approve" | "refuse";
      by: string;
      arguments?: JsonObject;
    }
  | { type: "wait.started"; for: string; boundMs?: number; position?: number }
  | { type: "wait.ended"; for: string; ms: number }
  | { type: "guard.tripped"; kind: "repeat" | "cycle" | "saturation"; action: string }
  | { type: "engine.retried"; attempt: number; class: string; waitMs: number; message: string }
  | { type: "context.measured"; used: number; window: number }
  | {
      type: "context.compacted";
      before: number;
      after: number;
      how: string;
      /** Results that became one line each. */
      edits?: { callId: string; content: string }[];
      /** Messages `from` (inclusive) to `to` (exclusive) of the prompt gave way to these. */
      replaced?: { from: number; to: number; messages: Message[] };
    }
  | { type: "context.truncated"; expected: number; actual: number }
  | { type: "artifact.stored"; id: string; bytes: number }
  | { type: "notice"; text: string }
  | ({ type: "usage" } & Usage)
  | {
      type: "run.finished";
      stopReason: StopReason;
      text: string;
      steps: number;
      usage: Usage;
      error?: ErrorInfo;
      pending?: Pending[];
    };

export type EventType = EventBody["type"];

/** An event in the log: its body, its place (`seq` from 1, without gaps), its run, its time (ISO 8601). */
export type RunEvent = { seq: number; runId: string; time: string } & EventBody;

/** Progress shows what goes on and may be dropped from a stored log; all else are facts, from which the state is rebuilt. */
const PROGRESS: ReadonlySet<EventType> = new Set<EventType>([
  "thinking.delta",
  "text.delta",
  "call.started",
  "call.delta",
  "call.output",
  "wait.started",
  "wait.ended",
  "notice",
]);

export function isFact(event: { type: EventType }): boolean {
  return !PROGRESS.has(event.type);
}
