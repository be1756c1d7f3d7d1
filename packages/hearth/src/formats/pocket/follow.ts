import { callsOf, type Message, type ToolSchema, textOf } from "../../protocol/index.ts";
import { partsOf, since } from "./parts.ts";
import { propertiesOf, requiredOf, roleOf } from "./roles.ts";
import { isFileName } from "./said.ts";
import { words } from "./spans.ts";

/** Files opened at most because a result named them. */
const MOST_FOLLOWED = 2;
const READ =
  /\b(read|open|print|display|show|tell|see|view|give|says?|said|written|inside|what|who|when|which|how)\b/iu;
/** Wants the text of a file from its first word on; a search for it was only the way there. */
const READ_FIRST = /^(please |kindly |could you |can you )*(read|open|print|display)\b/iu;
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
  const wants = readOne ? THERE.test(rest(request)) : READ.test(rest(request)) || READ_FIRST.test(request);
  if (!wants) return undefined;
  const found = (readOne ? pathsIn(textOf(last)) : namesIn(textOf(last))).filter((name) => !opened.has(name));
  return found.length === 0 ? undefined : [...new Set(found)].slice(0, 40);
}

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
