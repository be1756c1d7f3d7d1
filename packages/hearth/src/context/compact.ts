import { type Message, type ToolMessage, textOf } from "../protocol/index.ts";
import { messageChars } from "./measure.ts";

/** A result replaced by one line. */
export interface ResultEdit {
  callId: string;
  content: string;
}

/** Results newer than this many stay whole whatever happens: the model is working with them. */
const KEEP_NEWEST_RESULTS = 2;

/**
 * The oldest results as one-line stubs, until the prompt is `freeChars` shorter or only the newest are left. One block edit:
 * the messages before the first edited one keep their bytes, and with them their place in the KV cache.
 */
export function stubResults(messages: readonly Message[], freeChars: number): ResultEdit[] {
  const results = messages.filter((message): message is ToolMessage => message.role === "tool");
  const edits: ResultEdit[] = [];
  let freed = 0;
  for (const result of results.slice(0, Math.max(0, results.length - KEEP_NEWEST_RESULTS))) {
    if (freed >= freeChars) break;
    const content = stub(result);
    const gain = textOf(result).length - content.length;
    if (gain <= 0) continue;
    freed += gain;
    edits.push({ callId: result.callId, content });
  }
  return edits;
}

/** What is left of a result: that it was there, how it began, how to have it again. */
function stub(result: ToolMessage): string {
  const whole = textOf(result);
  const id = artifactOf(whole);
  const head = whole.split("\n", 1)[0]!.slice(0, 80).toWellFormed();
  const again =
    id === undefined ? `call ${result.name} again for the rest` : `read_result "${id}" has the whole`;
  return `[${result.ok ? "result" : "error"} of ${result.name}, ${whole.length} characters, shortened: "${head}" …; ${again}]`;
}

/** The id under which a capped result is kept. */
function artifactOf(content: string): string | undefined {
  return /kept as "([^"]+)"(?:: read_result shows it)? …\]/.exec(content)?.[1];
}

/** Applies edits; messages that are not edited stay the same objects. */
export function applyEdits(messages: Message[], edits: readonly ResultEdit[]): void {
  const byCall = new Map(edits.map((edit) => [edit.callId, edit.content]));
  for (const [i, message] of messages.entries()) {
    if (message.role !== "tool") continue;
    const content = byCall.get(message.callId);
    if (content !== undefined) messages[i] = { ...message, content: [{ type: "text", text: content }] };
  }
}

/**
 * Where the part begins that a summary leaves verbatim: the newest messages worth `keepChars`, moved so that no result
 * stands without its call. Everything before it, but for instructions and the first task, is what gets summarised.
 */
export function keepFrom(messages: readonly Message[], keepChars: number): number {
  let chars = 0;
  let at = messages.length;
  while (at > 0 && chars + messageChars(messages[at - 1]!) <= keepChars)
    chars += messageChars(messages[--at]!);
  while (at < messages.length && messages[at]!.role === "tool") at++;
  return at;
}

/** The head that never goes: instructions and the first task. */
export function headLength(messages: readonly Message[]): number {
  const task = messages.findIndex((message) => message.role === "user");
  return task + 1;
}
