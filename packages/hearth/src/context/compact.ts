import { type Message, type ToolMessage, textOf } from "../protocol/index.ts";
import { messageChars } from "./measure.ts";

/** A result replaced by one line. */
export interface ResultEdit {
  callId: string;
  content: string;
  /** What the line stands for and where it is to be kept, unless it is kept already. */
  store?: { id: string; content: string };
}

/** Results newer than this many stay whole as long as anything else helps: the model is working with them. */
const KEEP_NEWEST_RESULTS = 2;
/** Characters of its first line that a stub keeps. */
const STUB_HEAD_CHARS = 80;

/** The id under which the whole of a call's result is kept. */
export function artifactId(name: string, callId: string): string {
  return `${name}-${callId}`;
}

/**
 * The oldest results as one-line stubs, until the prompt is `freeChars` shorter or only the newest are left. One block edit:
 * the messages before the first edited one keep their bytes, and with them their place in the KV cache.
 */
export function stubResults(
  messages: readonly Message[],
  freeChars: number,
  readable: boolean,
  keepNewest = KEEP_NEWEST_RESULTS,
): ResultEdit[] {
  const results = messages.filter((message): message is ToolMessage => message.role === "tool");
  const edits: ResultEdit[] = [];
  let freed = 0;
  for (const result of results.slice(0, Math.max(0, results.length - keepNewest))) {
    if (freed >= freeChars) break;
    const edit = stub(result, readable);
    const gain = textOf(result).length - edit.content.length;
    if (gain <= 0) continue;
    freed += gain;
    edits.push(edit);
  }
  return edits;
}

/** What is left of a result: that it was there, how it began, how to have it again. */
function stub(result: ToolMessage, readable: boolean): ResultEdit {
  const { name, callId } = result;
  const whole = textOf(result);
  const kept = artifactOf(whole);
  const id = kept ?? artifactId(name, callId);
  const head = whole.split("\n", 1)[0]!.slice(0, STUB_HEAD_CHARS).toWellFormed();
  const again = readable ? `read_result "${id}" has the whole` : `call ${name} again for the rest`;
  const content = `[${result.ok ? "result" : "error"} of ${name}, ${whole.length} characters, shortened: "${head}" …; ${again}]`;
  return kept !== undefined || !readable
    ? { callId, content }
    : { callId, content, store: { id, content: whole } };
}

/** The id under which a capped result or a stub has its whole kept. */
export function artifactOf(content: string): string | undefined {
  return (
    /kept as "([^"]+)"(?:: read_result shows it)? …\]/.exec(content)?.[1] ??
    /; read_result "([^"]+)" has the whole\]$/.exec(content)?.[1]
  );
}

/** Applies edits; messages that are not edited stay the same objects. */
export function applyEdits(
  messages: Message[],
  edits: readonly Pick<ResultEdit, "callId" | "content">[],
): void {
  const byCall = new Map(edits.map((edit) => [edit.callId, edit.content]));
  for (const [i, message] of messages.entries()) {
    if (message.role !== "tool") continue;
    const content = byCall.get(message.callId);
    if (content !== undefined) messages[i] = { ...message, content: [{ type: "text", text: content }] };
  }
}

/**
 * Where the part begins that a summary leaves verbatim: the newest messages worth `keepChars`, moved so that no result
 * stands without its call, and never behind results that the model has not seen yet.
 */
export function keepFrom(messages: readonly Message[], keepChars: number): number {
  let chars = 0;
  let at = messages.length;
  while (at > 0 && chars + messageChars(messages[at - 1]!) <= keepChars)
    chars += messageChars(messages[--at]!);
  while (at < messages.length && messages[at]!.role === "tool") at++;
  const last = messages.findLastIndex((message) => message.role === "assistant");
  return last >= 0 && messages.slice(last + 1).some((message) => message.role === "tool")
    ? Math.min(at, last)
    : at;
}

/** The head that never goes: instructions and the first task. */
export function headLength(messages: readonly Message[]): number {
  const task = messages.findIndex((message) => message.role === "user");
  return task + 1;
}
