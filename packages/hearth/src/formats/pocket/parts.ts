import { callsOf, type Message, type ToolMessage, textOf } from "../../protocol/index.ts";

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
    request: user === undefined ? "" : textOf(user),
    calls: after.filter((message) => message.role === "assistant" && callsOf(message).length > 0).length,
    results: after.filter((message) => message.role === "tool"),
    after,
  };
}

const THEN = /(?:\s*[,;.]\s*|\s+)(?:and\s+)?(?:then|after that|afterwards)(?:\s*,)?\s+/giu;

/**
 * A request as the steps it names: "find all logs, then check disk usage" is two. Only words of sequence divide, for
 * "open the folder and tell me what is in it" is one step; nothing inside quotes divides.
 */
export function partsOf(request: string): string[] {
  const held = [...request.matchAll(/"[^"\n]*"|`[^`\n]*`|“[^”\n]*”/gu)];
  const parts: string[] = [];
  let from = 0;
  for (const found of request.matchAll(THEN)) {
    const inQuotes = held.some((q) => q.index < found.index && found.index < q.index + q[0].length);
    const before = request.slice(from, found.index).trim();
    if (inQuotes || before.split(/\s+/).length < 2) continue;
    parts.push(before);
    from = found.index + found[0].length;
  }
  const rest = request.slice(from).trim();
  if (rest.split(/\s+/).length >= 2 || parts.length === 0) parts.push(rest);
  return parts;
}

/** The part that is to be done now. */
export function currentPart(messages: readonly Message[]): string {
  const { request, calls } = since(messages);
  const parts = partsOf(request);
  return parts[Math.min(calls, parts.length - 1)] ?? request;
}
