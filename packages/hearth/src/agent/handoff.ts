import { callsOf, type Message, type StopReason, textOf } from "../protocol/index.ts";

const WHY: Record<StopReason, string> = {
  answer: "answered",
  max_steps: "the limit of steps was reached",
  loop: "the model repeated itself without progress",
  budget: "the budget of tokens or calls is used up",
  denied: "too many calls were refused",
  handoff: "the model gave no answer",
  waiting: "it waits for an approval",
  approval_refused: "an approval was refused",
  context: "the conversation no longer fits the model's window",
  timeout: "the time limit was reached",
  cancelled: "it was cancelled",
  engine_error: "the engine failed",
};

/** What to do beside resuming, for each end. */
const NEXT: Partial<Record<StopReason, string>> = {
  max_steps: "more steps are allowed with --max-steps",
  loop: "say it another way, or give a more capable model",
  budget: "a larger budget lets it go on",
  denied: "allow the calls, or say what to do without them",
  approval_refused: "allow the call, or say what to do without it",
  context: "start anew with less, or with a larger --context",
  timeout: "more time is given with --timeout",
  handoff: "say it another way, or give another model",
};

export interface HandOff {
  reason: StopReason;
  messages: readonly Message[];
  task: string;
  /** Id by which the run can be resumed; left out where its journal dies with the process. */
  resumable: string | undefined;
  detail?: string | undefined;
}

/**
 * What a run that did not end with an answer leaves behind: why it stopped, what was reached, what is missing, how to go on.
 * Made from the log alone, so that it is there whatever failed.
 */
export function handOffText({ reason, messages, task, resumable, detail }: HandOff): string {
  const lines = [`Not finished: ${detail ?? WHY[reason]}.`.replace(/([.!?])\.$/, "$1")];
  const said = lastText(messages);
  if (said !== "") lines.push(`The model's last words: ${said}`);
  const results = lastResults(messages);
  if (results.length > 0) lines.push("Reached:", ...results);
  else if (said === "") lines.push("Nothing was reached before that.");
  lines.push(...missing(messages, task), goOn(reason, resumable));
  return lines.join("\n");
}

/** Calls without a result, and the answer itself. */
function missing(messages: readonly Message[], task: string): string[] {
  const done = new Set(messages.flatMap((message) => (message.role === "tool" ? [message.callId] : [])));
  const last = messages.findLast((message) => message.role === "assistant");
  const open = last === undefined ? [] : callsOf(last).filter((call) => !done.has(call.id));
  const lines = open.map(
    (call) => `- the result of ${call.name}(${shorten(JSON.stringify(call.arguments), 80)})`,
  );
  const asked = shorten(task.trim().replace(/\s+/g, " "), 160);
  lines.push(asked === "" ? "- an answer" : `- an answer to: ${asked}`);
  return ["Missing:", ...lines];
}

/** How to go on after an end. */
export function goOn(reason: StopReason, resumable: string | undefined): string {
  const hint = NEXT[reason] === undefined ? "" : ` (${NEXT[reason]})`;
  if (resumable === undefined)
    return `To go on: ask again${hint}; without a journal this run can't be resumed.`;
  return `To go on: hearth runs resume ${resumable}${hint}.`;
}

function lastText(messages: readonly Message[]): string {
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i]!;
    if (message.role === "user") return "";
    if (message.role === "assistant" && textOf(message).trim() !== "")
      return shorten(textOf(message).trim(), 500);
  }
  return "";
}

/** The last three results that worked, one line each. */
function lastResults(messages: readonly Message[]): string[] {
  const lines: string[] = [];
  for (let i = messages.length - 1; i >= 0 && lines.length < 3; i--) {
    const message = messages[i]!;
    if (message.role !== "tool" || !message.ok) continue;
    const made = callOf(messages, message.callId);
    lines.unshift(`- ${message.name}(${made}): ${shorten(textOf(message).replace(/\s+/g, " "), 160)}`);
  }
  return lines;
}

function callOf(messages: readonly Message[], callId: string): string {
  for (const message of messages) {
    if (message.role !== "assistant") continue;
    const call = callsOf(message).find((block) => block.id === callId);
    if (call !== undefined) return shorten(JSON.stringify(call.arguments), 80);
  }
  return "";
}

function shorten(value: string, most: number): string {
  return value.length <= most ? value : `${value.slice(0, most - 1).toWellFormed()}…`;
}
