import { callsOf, type Message, type ToolMessage, textOf } from "../../protocol/index.ts";
import { kindsOf } from "./kinds.ts";
import { spreadObjects } from "./objects.ts";
import { MAX_READ_CHARS, pathLike, words } from "./spans.ts";
import { written } from "./spoken.ts";

/** What happened since the last request: its text, how many steps called tools, what these gave. */
export interface Since {
  request: string;
  /** Steps that called a tool. */
  calls: number;
  results: ToolMessage[];
  /** All that came after the request. */
  after: readonly Message[];
}

export function since(messages: readonly Message[]): Since {
  const at = messages.findLastIndex((message) => message.role === "user");
  const user = messages[at];
  const after = messages.slice(at + 1);
  return {
    request: user === undefined ? "" : spokenOf(textOf(user)),
    calls: after.filter(
      (message, i) =>
        message.role === "assistant" && callsOf(message).length > 0 && !looksAgain(after[i - 1]),
    ).length,
    results: after.filter((message) => message.role === "tool"),
    after,
  };
}

const spokenOf = (request: string): string => (request.length > MAX_READ_CHARS ? request : written(request));

/** What a search says that found nothing by name; the word is then looked for inside files, as part of the same step. */
export const NOTHING_NAMED = /^No file or folder matches /u;

const looksAgain = (before: Message | undefined): boolean =>
  before?.role === "tool" && NOTHING_NAMED.test(textOf(before));

/** Words of sequence: what stands on both sides is a step, whatever it says. */
const THEN =
  /(?:\s*[,;.?!]\s*|\s+)(?:and\s+)?(?:then|after that|afterwards|(?<=[,;.]\s*(?:and\s+)?)next)(?:\s*,)?\s+/giu;
const ASKS =
  "list|show|read|open|find|search|look|check|tell|print|cat|display|give|count|see|view|get|locate|grep|what|which|who|how|where|is|are|does|do";
/** Where one asking ends and another may begin. */
const JOINT = new RegExp(
  `\\s*;\\s+|[.?!]\\s+(?:and\\s+)?|(?:\\s*,)?\\s+(?:and|plus)\\s+(?:also\\s+|please\\s+)*(?=(?:${ASKS})\\b)`,
  "giu",
);
const BEGINS_ASKING = new RegExp(
  `^(?:\\W|please |also |and |could you |can you |first |now )*(?:${ASKS})\\b`,
  "iu",
);

/**
 * A request as the steps it says, in order: what words of sequence part ("find all logs, then check disk usage"), what asks twice
 * and says for both what it is about ("list docs and read a.md"; "open the folder and tell me what is in it" is one step), and what
 * asks one thing of several ("read a.md and b.md"). Nothing inside quotes divides, and no
 * text that was piped to a request.
 */
export function partsOf(request: string): string[] {
  if (request.length > MAX_READ_CHARS) return [request];
  return cut(request, THEN, (before) => before.split(/\s+/).length >= 2)
    .flatMap((part) => cut(part, JOINT, asksOfItself, asksOfItself))
    .flatMap(spreadObjects);
}

/** The text cut wherever the pattern is found outside quotes between two sides that will do. */
function cut(
  text: string,
  pattern: RegExp,
  left: (part: string) => boolean,
  right: (part: string) => boolean = () => true,
): string[] {
  const held = [...text.matchAll(/"[^"\n]*"|`[^`\n]*`|“[^”\n]*”/gu)];
  const parts: string[] = [];
  let from = 0;
  for (const found of text.matchAll(pattern)) {
    const inQuotes = held.some((q) => q.index < found.index && found.index < q.index + q[0].length);
    const before = text.slice(from, found.index).trim();
    const to = found.index + found[0].length;
    if (inQuotes || !left(before) || !right(text.slice(to))) continue;
    parts.push(before);
    from = to;
  }
  const rest = text.slice(from).trim();
  if (rest.split(/\s+/).length >= 2 || parts.length === 0) parts.push(rest);
  return parts;
}

/** Whether a clause asks, and says what of: a path, a quoted name, a kind of files, a folder, the disk. */
function asksOfItself(clause: string): boolean {
  const own = clause.split(/[.?!;]\s+|\s+and\s+/u, 1)[0] ?? "";
  return BEGINS_ASKING.test(own) && hasObject(own);
}

function hasObject(clause: string): boolean {
  if (/["`“]|\*|\b(folder|directory|disk|space)\b/iu.test(clause)) return true;
  const all = words(clause).map(({ text }) => text);
  return all.some(
    (word, i) => pathLike(word) || (kindsOf(word).length > 0 && /^files?$/i.test(all[i + 1] ?? "")),
  );
}

/** The part that is to be done now. */
export function currentPart(messages: readonly Message[]): string {
  const { request, calls } = since(messages);
  const parts = partsOf(request);
  return parts[Math.min(calls, parts.length - 1)] ?? request;
}
