import { callsOf, type JsonObject, type Message } from "../protocol/index.ts";

/** Asked at the end of the same prompt, so that its prefix and with it the KV cache stay. */
export const SUMMARY_REQUEST = `The conversation is about to be shortened. Write down what is needed to go on, under these headings, each short and exact:
Constraints: rules and wishes the user stated
Facts: names, numbers, ids and results found so far
Done: steps taken and their outcome
Failed: what was tried and did not work
Next: what is still to be done
Write only this. Do not call a tool.`;

/** Share of the window that the lists kept by rule may take together. */
const LIST_SHARE = 0.1;
/** A result up to this many characters stands in the list itself. */
const SHORT_RESULT_CHARS = 100;

/** Argument names that hold a path. */
const PATH_NAME =
  /^(?:path|paths|file|files|filename|file_?path|dir|directory|folder|source|destination|src|dst|from|to|target)$/i;
const CONSTRAINT =
  /\b(?:must|never|always|only|don't|do not|without|at most|at least|exactly|no more than|not allowed|avoid)\b/i;

/** Files that a call names: models lose these in summaries, so they are kept by rule. */
export function filesIn(args: JsonObject): string[] {
  const files: string[] = [];
  for (const [name, value] of Object.entries(args)) {
    if (!PATH_NAME.test(name)) continue;
    for (const one of Array.isArray(value) ? value : [value])
      if (typeof one === "string" && one !== "" && one.length < 300) files.push(one);
  }
  return files;
}

/** Sentences that set a rule; kept word for word. */
export function rulesIn(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => CONSTRAINT.test(sentence) && sentence.length < 400);
}

/** A call that is over, as the list of a summary shows it. */
export interface PastCall {
  callId: string;
  name: string;
  arguments: JsonObject;
  ok: boolean;
  /** The result, where it is short. */
  result?: string;
}

export function pastCall(
  callId: string,
  name: string,
  args: JsonObject,
  ok: boolean,
  result: string,
): PastCall {
  const short = result.length <= SHORT_RESULT_CHARS ? { result: result.replace(/\s+/g, " ") } : {};
  return { callId, name, arguments: args, ok, ...short };
}

/** What a summary keeps by rule, whatever the model wrote. */
export interface Kept {
  /** The task, where it is not part of the head that stays. */
  task: string | undefined;
  rules: readonly string[];
  files: readonly string[];
  calls: readonly PastCall[];
  /** Whether the model can read what is kept outside the prompt. */
  readable: boolean;
}

/** The message that stands for what was cut, and what of its lists did not fit into it. */
export interface SummaryMessage {
  text: string;
  /** Everything the lists hold, one entry a line, where some of it is left out. */
  overflow?: string;
}

/** Builds it from the model's summary and what is kept by rule; `overflowId` names the place of what does not fit. */
export function summaryMessage(
  summary: string,
  kept: Kept,
  windowChars: number,
  overflowId: string,
): SummaryMessage {
  const budget = windowChars * LIST_SHARE;
  const parts = [
    "[Summary of the conversation so far; older messages were removed to make room.]",
    summary.trim(),
  ];
  if (kept.task !== undefined) parts.push(`The task now: ${kept.task}`);
  if (kept.rules.length > 0)
    parts.push(`The user's own words on how to do it:\n${kept.rules.map((rule) => `- ${rule}`).join("\n")}`);
  const files = newest(kept.files, budget * 0.4);
  const lines = kept.calls.map((call) => callLine(call, kept.readable));
  const calls = newest(lines, budget * 0.6);
  if (files.shown.length > 0) parts.push(`Files seen so far: ${files.shown.join(", ")}`);
  if (calls.shown.length > 0) parts.push(`Calls made so far:\n${calls.shown.join("\n")}`);
  if (files.left + calls.left === 0) return { text: parts.filter(Boolean).join("\n\n") };
  const where = kept.readable ? `; read_result "${overflowId}" has all of them` : "";
  parts.push(`[${files.left} more files and ${calls.left} more calls${where}]`);
  const overflow = ["Files:", ...kept.files, "Calls:", ...lines].join("\n");
  return { text: parts.filter(Boolean).join("\n\n"), ...(kept.readable ? { overflow } : {}) };
}

function callLine({ callId, name, arguments: args, ok, result }: PastCall, readable: boolean): string {
  const made = JSON.stringify(args);
  const shown = made.length <= 60 ? made : `${made.slice(0, 59).toWellFormed()}…`;
  const outcome = result ?? (readable ? `read_result "${name}-${callId}"` : "done");
  return `- ${name}(${shown}) ${ok ? "→" : "failed:"} ${outcome}`;
}

/** The newest entries that fit, in their order. */
function newest(entries: readonly string[], chars: number): { shown: string[]; left: number } {
  let left = chars;
  let at = entries.length;
  while (at > 0 && left >= entries[at - 1]!.length + 2) left -= entries[--at]!.length + 2;
  return { shown: entries.slice(at), left: at };
}

/** Calls of messages, for lists of what is still in the prompt. */
export function callIdsIn(messages: readonly Message[]): Set<string> {
  return new Set(
    messages.flatMap((message) =>
      message.role === "assistant" ? callsOf(message).map((call) => call.id) : [],
    ),
  );
}
