/** Finding the place a model means, though it writes the spaces a little differently. Pure. */

export type Replaced =
  | { text: string; count: number; how: "exact" | "spaces" }
  | { fault: "none"; near?: { line: number; text: string } }
  | { fault: "many"; lines: number[] };

/** Replaces `old` by `now`. All places where `all`; else there must be exactly one. */
export function replaceText(text: string, old: string, now: string, all: boolean): Replaced {
  const places = indexesOf(text, old);
  if (places.length === 1 || (places.length > 1 && all)) {
    return { text: text.split(old).join(now), count: places.length, how: "exact" };
  }
  if (places.length > 1) return { fault: "many", lines: places.map((at) => lineOf(text, at)) };
  return replaceLines(text, old, now, all);
}

/** By whole lines, without regard to spaces at their ends; the new lines take over the indentation of the place. */
function replaceLines(text: string, old: string, now: string, all: boolean): Replaced {
  const lines = text.split("\n");
  const wanted = trimBlank(old.split("\n"));
  if (wanted.length === 0) return { fault: "none" };
  const goal = wanted.map((line) => line.trim());
  const starts: number[] = [];
  for (let at = 0; at + goal.length <= lines.length; at++) {
    if (!goal.every((line, index) => lines[at + index]!.trim() === line)) continue;
    starts.push(at);
    at += goal.length - 1;
  }
  if (starts.length === 0) return near(lines, goal);
  if (starts.length > 1 && !all) return { fault: "many", lines: starts.map((at) => at + 1) };
  for (const at of starts.reverse()) {
    const fresh = reindent(
      now === "" ? [] : trimBlank(now.split("\n")),
      indentOf(wanted),
      indentOf(lines.slice(at, at + goal.length)),
    );
    lines.splice(at, goal.length, ...fresh);
  }
  return { text: lines.join("\n"), count: starts.length, how: "spaces" };
}

function trimBlank(lines: string[]): string[] {
  const from = lines.findIndex((line) => line.trim() !== "");
  const to = lines.findLastIndex((line) => line.trim() !== "");
  return from < 0 ? [] : lines.slice(from, to + 1);
}

function indentOf(lines: readonly string[]): string {
  return /^[ \t]*/.exec(lines.find((line) => line.trim() !== "") ?? "")?.[0] ?? "";
}

/** Swaps the first line's indentation, as the model wrote it, for that of the place. */
function reindent(lines: string[], written: string, meant: string): string[] {
  if (written === meant) return lines;
  return lines.map((line) =>
    line.trim() === "" ? "" : line.startsWith(written) ? meant + line.slice(written.length) : line,
  );
}

/** The line most like the first wanted one, to show what is really there. */
function near(lines: readonly string[], goal: readonly string[]): Replaced {
  const first = goal.find((line) => line !== "") ?? "";
  const words = new Set(first.toLowerCase().match(/\w+/g));
  let best = { score: 0, line: 0 };
  for (const [index, line] of lines.entries()) {
    const own = line.toLowerCase().match(/\w+/g) ?? [];
    const score = own.filter((word) => words.has(word)).length / Math.max(own.length, words.size, 1);
    if (score > best.score) best = { score, line: index };
  }
  if (best.score < 0.4) return { fault: "none" };
  return {
    fault: "none",
    near: {
      line: best.line + 1,
      text: lines.slice(best.line, best.line + Math.min(goal.length, 8)).join("\n"),
    },
  };
}

function indexesOf(text: string, old: string): number[] {
  const out: number[] = [];
  for (let at = text.indexOf(old); at >= 0 && out.length < 1000; at = text.indexOf(old, at + old.length))
    out.push(at);
  return out;
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let index = text.indexOf("\n"); index >= 0 && index < at; index = text.indexOf("\n", index + 1))
    line++;
  return line;
}
