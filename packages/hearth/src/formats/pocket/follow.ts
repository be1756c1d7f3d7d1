import { callsOf, type Message, type ToolSchema, textOf } from "../../protocol/index.ts";
import { NOTHING_NAMED, partsOf, since } from "./parts.ts";
import { propertiesOf, requiredOf, roleOf } from "./roles.ts";
import { isFileName } from "./said.ts";
import { FUNCTION_WORDS, words } from "./spans.ts";

/** Files opened at most because a result named them. */
const MOST_FOLLOWED = 2;
const READ =
  /\b(read|open|print|display|show|tell|see|view|give|says?|said|written|inside|what|who|whose|when|which|how|why|where(?! (?:is|are|was) (?:it|they|that|this)\b\W*$))\b/iu;
/** Wants the text of a file from its first word on; a search for it was only the way there. */
const READ_FIRST = /^(please |kindly |could you |can you )*(read|open|print|display)\b/iu;
/** Wants more than one of what a listing names. */
const EACH = /\b(?:both|each|every one|either|compare\w*|difference)\b/iu;
/** Asks for something that a text says, not for the file that says it. */
const OF_TEXT =
  /^(?:\W|please |hey |hi |so )*(?:who|whose|when|why|how (?:much|many|long|old)|what|which (?!(?:of|files?|notes?|documents?|scripts?|lines?|places?|ones?|folders?|modules?|pages?|letters?|logs?)\b))/iu;
const SAYS_WHERE =
  /\b(?:says|tells|names|lists|mentions|points to|knows)\s+(?:us |me |you )?(?:where|which|what)\b|\b(?:it|that|which) (?:points to|names|mentions|refers to)\b/iu;
/** Points at what a file speaks of: "open that log", "look there". */
const THERE = /\b(?:that|this|the named|the mentioned)\s+\p{L}+|\bthere\b/iu;

/**
 * Files that are to be opened next: the request asks what is in them, and a result has named them. After a search or a listing those
 * are the files it names ("find the csv and show what is in it"), after reading a file the paths in its text, where the request points
 * there ("the readme names the price list, open that file"). `undefined`: nothing is left to do.
 */
export function followed(messages: readonly Message[]): string[] | undefined {
  const { request, calls, after } = since(messages);
  const said = partsOf(request).length;
  const last = messages.at(-1);
  if (last?.role !== "tool" || !last.ok || calls < said || calls >= said + MOST_FOLLOWED) return undefined;
  const given = after.flatMap((message) =>
    message.role === "assistant" ? callsOf(message).flatMap((call) => Object.entries(call.arguments)) : [],
  );
  const opened = new Set(
    given.flatMap(([name, value]) => (isFileArgument(name, value) ? [String(value)] : [])),
  );
  const call = after.findLast((message) => message.role === "assistant");
  const [args] = call?.role === "assistant" ? callsOf(call) : [];
  const readOne = Object.entries(args?.arguments ?? {}).some(([name, value]) => isFileArgument(name, value));
  const both =
    readOne && EACH.test(request)
      ? after.flatMap((message) => (message.role === "tool" ? namesIn(textOf(message)) : []))
      : [];
  const inside = Object.keys(args?.arguments ?? {}).includes("content");
  const wants = readOne
    ? THERE.test(rest(request)) || SAYS_WHERE.test(request)
    : READ.test(rest(request)) || READ_FIRST.test(request) || (inside && OF_TEXT.test(request));
  if (!wants && both.length === 0) return undefined;
  const named = readOne ? [...both, ...(wants ? pathsIn(textOf(last)) : [])] : namesIn(textOf(last));
  const found = [...new Set(named.filter((name) => !opened.has(name)))].slice(0, 40);
  const asked = new Set(words(request.toLowerCase()).map(({ text }) => text));
  const meant = found.filter((name) => namePartsOf(name).some((part) => asked.has(part)));
  return found.length === 0 ? undefined : meant.length > 0 ? meant : found;
}

/** Words of a file's own name, those that any may have left out. */
const namePartsOf = (name: string): string[] =>
  (name.split("/").at(-1) ?? "")
    .toLowerCase()
    .replace(/\.[^.]*$/, "")
    .split(/[^\p{L}\d]+/u)
    .filter((part) => part.length > 2 && !FUNCTION_WORDS.has(part));

const isFileArgument = (name: string, value: unknown): boolean =>
  typeof value === "string" && isFileName(value) && roleOf(name, { type: "string" }) === "path";

/** What a request says behind its first clause. */
const rest = (request: string): string =>
  request
    .split(/[,.;:?!]\s+|\s+(?:and|then|&)\s+/u)
    .slice(1)
    .join(" ");

/** Files in a listing or in the results of a search: the line above ends in a colon, each line begins with a name. */
function namesIn(result: string): string[] {
  const [head = "", ...lines] = result.split("\n");
  if (!head.endsWith(":")) return [];
  const folder = /^(.+)\/ has /u.exec(head)?.[1];
  return lines.flatMap((line) => {
    const name = /^(.+?)(?:\s{2,}\S.*|:\d+: .*)?$/u.exec(line)?.[1]?.trim() ?? "";
    if (name === "" || name.endsWith("/") || /^\d.* more\b|\.$/u.test(name)) return [];
    return [folder === undefined ? name : `${folder}/${name}`];
  });
}

const pathsIn = (content: string): string[] =>
  content
    .split("\n")
    .slice(0, 200)
    .flatMap((line) => words(line).map(({ text }) => text.replace(/^\.\//, "")))
    .filter((word) => isFileName(word) && !word.includes("@"));

/** Tools that open a file: their one required text is its path. */
export function openers(tools: readonly ToolSchema[]): ToolSchema[] {
  return tools.filter(({ parameters }) => {
    const required = requiredOf(parameters);
    const needed = propertiesOf(parameters).filter(([name]) => required.has(name));
    return (
      needed.length === 1 &&
      needed.every(([name, schema]) => schema["type"] === "string" && roleOf(name, schema) === "file")
    );
  });
}

/**
 * The bare word that was searched for by name and found nowhere, which may stand inside a file instead ("the note about plaster");
 * `undefined` where that is not how things stand.
 */
export function unfound(messages: readonly Message[]): string | undefined {
  const { after } = since(messages);
  const last = messages.at(-1);
  if (last?.role !== "tool" || !NOTHING_NAMED.test(textOf(last))) return undefined;
  const call = after.findLast((message) => message.role === "assistant");
  const [made] = call?.role === "assistant" ? callsOf(call) : [];
  const values = Object.entries(made?.arguments ?? {});
  const [, pattern] = values.find(([name]) => roleOf(name, { type: "string" }) === "glob") ?? [];
  return typeof pattern === "string" && /^[\p{L}][\p{L}\d-]{2,}$/u.test(pattern) ? pattern : undefined;
}
