import { applyEdits, filesIn, type PastCall, pastCall, rulesIn } from "../context/index.ts";
import { type ApprovalAnswer, CLEAN, callKey, joinTaint } from "../policy/index.ts";
import {
  type AssistantMessage,
  addUsage,
  type CallBlock,
  callsOf,
  type JsonObject,
  type Message,
  type RunEvent,
  type StopReason,
  systemMessage,
  type Taint,
  type ToolMessage,
  text,
  textOf,
  type Usage,
  userMessage,
} from "../protocol/index.ts";
import { countsAsFault, type FaultRounds, faultKey, roundOf } from "./faults.ts";
import type { GuardEntry } from "./guard.ts";
import { isLesson } from "./lessons.ts";

/** The answer that is just coming in: what the events so far say of it. */
export interface Partial {
  /** Where its step began. */
  fromSeq: number;
  content: AssistantMessage["content"];
}

/** What a run is at a moment: folded from its facts, so that a crash loses nothing. */
export interface RunState {
  runId: string;
  task: string;
  /** The prompt, in order: instructions, history, task, steps. */
  messages: Message[];
  partial: Partial | undefined;
  /** Calls of the newest assistant message whose results are not all there yet. */
  open: CallBlock[];
  /** Results by call id, until their message is complete. */
  results: Map<string, { ok: boolean; content: string }>;
  /** Calls whose tool was started: what became of them is unknown until their result is there. */
  running: Set<string>;
  /** What somebody was asked about, as it was shown. */
  asked: Map<string, { name: string; arguments: JsonObject }>;
  /** What somebody decided about a call that needed asking; `for`: the key of what was shown. */
  approvals: Map<string, ApprovalAnswer & { for?: string }>;
  step: number;
  /** How the last drive ended, until the run goes on. */
  ended: StopReason | undefined;
  /** What was used when the last drive ended. Limits count from there: who resumes a run that reached them wants more. */
  since: { step: number; tokens: number; calls: number };
  /** Valid calls so far. */
  calls: number;
  /** Invalid calls in a row, by kind. */
  faults: Map<string, FaultRounds>;
  usage: Usage;
  /** Finished calls, for the loop guard. */
  finished: GuardEntry[];
  finishedNames: string[];
  /** What a summary keeps by rule: the user's rules, files that calls named, calls that are over. */
  rules: Set<string>;
  files: Set<string>;
  past: PastCall[];
  /** Arguments of calls that are not over. */
  made: Map<string, JsonObject>;
  /** Every call id so far. */
  usedIds: Set<string>;
  /** Calls refused by policy or person. */
  denied: number;
  /** What the prompt holds that counts for what may be done next. Never cleared: not by compaction, not by going on. */
  taint: Taint;
  /** The same of results that are not in the prompt yet. */
  coming: Taint;
}

export function emptyState(): RunState {
  return {
    runId: "",
    task: "",
    messages: [],
    partial: undefined,
    open: [],
    results: new Map(),
    running: new Set(),
    asked: new Map(),
    approvals: new Map(),
    step: 0,
    ended: undefined,
    since: { step: 0, tokens: 0, calls: 0 },
    calls: 0,
    faults: new Map(),
    usage: { input: 0, output: 0 },
    finished: [],
    finishedNames: [],
    rules: new Set(),
    files: new Set(),
    past: [],
    made: new Map(),
    usedIds: new Set(),
    denied: 0,
    taint: CLEAN,
    coming: CLEAN,
  };
}

/** Applies one event. The same function serves a run as it goes and one read from a journal. */
export function apply(state: RunState, event: RunEvent): void {
  switch (event.type) {
    case "run.started":
      state.runId = event.runId;
      state.task = event.task;
      if (event.instructions !== undefined) state.messages.push(systemMessage(event.instructions));
      if (event.history !== undefined) state.messages.push(...event.history);
      if (event.task !== "") state.messages.push(userMessage(event.task));
      state.taint = joinTaint(state.taint, event.taint ?? CLEAN);
      for (const message of state.messages) noteRules(state, message);
      return;
    case "message.added":
      state.messages.push(event.message);
      noteRules(state, event.message);
      return;
    case "step.started":
      state.step = event.step;
      state.ended = undefined;
      state.partial = { fromSeq: event.seq, content: [] };
      return;
    case "run.resumed":
      // A step that left nothing behind is asked again under its own number.
      if (state.partial?.content.every((block) => block.type !== "call")) {
        state.step--;
        state.partial = undefined;
      }
      return;
    case "step.discarded":
      // What a run that was interrupted had of a step is gone already: the next one begins anew.
      if (state.partial !== undefined) state.partial = { fromSeq: event.seq + 1, content: [] };
      return;
    case "text.delta":
      grow(state, "text", event.text);
      return;
    case "thinking.delta":
      grow(state, "thinking", event.text);
      return;
    case "call.ready":
      state.calls++;
      state.made.set(event.callId, event.arguments);
      for (const file of filesIn(event.arguments)) state.files.add(file);
      state.faults.delete(event.name);
      state.faults.delete("");
      state.partial?.content.push({
        type: "call",
        id: event.callId,
        name: event.name,
        arguments: event.arguments,
      });
      return;
    case "call.running":
      state.running.add(event.callId);
      // An approval is good for one start.
      state.approvals.delete(event.callId);
      state.asked.delete(event.callId);
      return;
    case "step.finished":
      state.messages.push(event.message);
      state.partial = undefined;
      state.open = callsOf(event.message);
      settle(state);
      return;
    case "call.started":
      state.usedIds.add(event.callId);
      return;
    case "call.invalid":
      countFault(state, event);
      state.partial?.content.push(invalidBlock(event));
      state.results.set(event.callId, { ok: false, content: event.message });
      settle(state);
      return;
    case "call.finished":
      state.running.delete(event.callId);
      state.past.push(
        pastCall(event.callId, event.name, state.made.get(event.callId) ?? {}, event.ok, event.content),
      );
      state.made.delete(event.callId);
      state.results.set(event.callId, { ok: event.ok, content: event.content });
      state.coming = joinTaint(state.coming, event.taint ?? CLEAN);
      settle(state);
      return;
    case "approval.requested":
      state.asked.set(event.callId, { name: event.name, arguments: event.arguments });
      return;
    case "approval.given":
      if (event.decision === "refuse") state.denied++;
      state.approvals.set(event.callId, approvalOf(state, event));
      return;
    case "run.finished":
      endDrive(state, event.stopReason);
      return;
    case "context.compacted":
      if (event.edits !== undefined) applyEdits(state.messages, event.edits);
      if (event.replaced !== undefined) {
        const { from, to, messages } = event.replaced;
        state.messages.splice(from, to - from, ...messages);
      }
      return;
    case "usage":
      state.usage = addUsage(state.usage, event);
      return;
    default:
  }
}

function noteRules(state: RunState, message: Message): void {
  if (message.role !== "user") return;
  const words = textOf(message);
  if (!isLesson(words)) for (const rule of rulesIn(words)) state.rules.add(rule);
}

/** An approval is good for what was shown, and for nothing else. */
function approvalOf(
  state: RunState,
  event: Extract<RunEvent, { type: "approval.given" }>,
): ApprovalAnswer & { for?: string } {
  const { decision, by, arguments: edited } = event;
  const shown = state.asked.get(event.callId);
  return {
    decision,
    by,
    ...(edited === undefined ? {} : { arguments: edited }),
    ...(shown === undefined ? {} : { for: callKey(shown.name, shown.arguments) }),
  };
}

/** A run that is gone on with gets its limits and its guards anew. */
function endDrive(state: RunState, reason: StopReason): void {
  const { step, usage, calls } = state;
  state.ended = reason;
  state.since = { step, tokens: usage.input + usage.output, calls };
  state.denied = 0;
  state.finished = [];
  state.finishedNames = [];
  state.faults.clear();
}

function countFault(state: RunState, event: Extract<RunEvent, { type: "call.invalid" }>): void {
  if (!countsAsFault(event.reason)) return;
  const key = faultKey(event.reason, event.name);
  state.faults.set(key, { rounds: roundOf(state.faults.get(key), state.step), step: state.step });
}

function grow(state: RunState, type: "text" | "thinking", text: string): void {
  const content = state.partial?.content;
  const last = content?.at(-1);
  if (last?.type === type) last.text += text;
  else content?.push({ type, text });
}

function invalidBlock(event: Extract<RunEvent, { type: "call.invalid" }>): CallBlock {
  const { callId, name, reason, message } = event;
  return { type: "call", id: callId, name, arguments: event.arguments ?? {}, fault: { reason, message } };
}

/** Once all results are there they follow their message in call order, whatever order they came in. */
function settle(state: RunState): void {
  if (state.open.length === 0 || !state.open.every((call) => state.results.has(call.id))) return;
  for (const call of state.open) {
    const result = state.results.get(call.id)!;
    state.messages.push(toolMessage(call, result));
    state.finished.push({ call: callKey(call.name, call.arguments), result: result.content });
    state.finishedNames.push(call.name);
  }
  state.open = [];
  state.results.clear();
  state.taint = joinTaint(state.taint, state.coming);
  state.coming = CLEAN;
}

function toolMessage(call: CallBlock, result: { ok: boolean; content: string }): ToolMessage {
  return { role: "tool", callId: call.id, name: call.name, content: [text(result.content)], ok: result.ok };
}
