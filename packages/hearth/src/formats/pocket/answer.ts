import { type Message, type ToolMessage, type ToolSchema, textOf } from "../../protocol/index.ts";
import { looksAtFiles, looksIn } from "./fit.ts";
import { followed, openers, unfound } from "./follow.ts";
import { partsOf, since } from "./parts.ts";
import { words } from "./spans.ts";

/** Lines of one result that an answer repeats; what is beyond is counted. */
const MAX_LINES = 60;

/**
 * The answer that the runtime can give better than a small model: where the results of tools hold a list, a figure or
 * a failure, their own sorted and counted text is the answer, with the line first that the request asks for.
 * `undefined` where there is no result yet, where a part of the request or a file that was found is still to be looked at,
 * and where a result is a single line without a figure and not of a file, which the model may phrase.
 */
export function pocketAnswer(
  messages: readonly Message[],
  tools: readonly ToolSchema[] = [],
): string | undefined {
  const { request, calls, results } = since(messages);
  if (results.length === 0 || messages.at(-1)?.role !== "tool") return undefined;
  if (calls < partsOf(request).length && results.every((result) => result.ok)) return undefined;
  if (openers(tools).length > 0 && followed(messages) !== undefined) return undefined;
  if (tools.some(looksIn) && unfound(messages) !== undefined) return undefined;
  const files = new Set(tools.filter(looksAtFiles).map(({ name }) => name));
  if (!results.some((result) => weighty(result) || files.has(result.name))) return undefined;
  return results.map((result) => leadWith(textOf(result), request, result.ok)).join("\n\n");
}

/** Whether a model would have to count, copy a list, or explain a failure. */
function weighty(result: ToolMessage): boolean {
  const text = textOf(result).trim();
  return !result.ok || text.includes("\n") || /\d/.test(text);
}

/** A result with the line in front that answers the request, where that is not its first. */
function leadWith(text: string, request: string, ok: boolean): string {
  const lines = text.trimEnd().split("\n");
  if (!ok) return lines.join("\n");
  const asked = new Set(words(request.toLowerCase()).map((word) => stem(word.text)));
  const scores = lines.map((line) => score(line, asked));
  const best = Math.max(...scores);
  const at = scores.indexOf(best);
  const lead = best > (scores[0] ?? 0) && /: .*\d/.test(lines[at] ?? "") ? lines.splice(at, 1) : [];
  const shown = lines.slice(0, MAX_LINES);
  const left = lines.length - shown.length;
  if (left > 0) shown.push(`(${left} more lines of this result are not shown here.)`);
  return [...lead, ...shown].join("\n");
}

/** How many different words of the request a line has, leaving out those that any line has. */
function score(line: string, asked: ReadonlySet<string>): number {
  const own = new Set(words(line.toLowerCase()).map((word) => stem(word.text)));
  return [...own].filter((word) => asked.has(word) && TELLING.has(word)).length;
}

const stem = (word: string): string => word.slice(0, 5);

/** Words that tell which figure is meant; in a list of names every other word may be a name. */
const TELLING: ReadonlySet<string> = new Set(
  "free used total left room drive disk available full large biggest".split(" ").map(stem),
);
