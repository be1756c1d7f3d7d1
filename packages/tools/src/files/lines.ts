import { setImmediate } from "node:timers/promises";
import { type JsonObject, ToolError } from "hearth";
import { type Folder, openIn, plural, showCount, showName, type Workspace } from "../confine/index.ts";
import { type LineMatch, lineFinder, SlowPattern, textOfFile } from "./grep.ts";
import { MOST } from "./shared.ts";

/** Files come folder by folder, so the folder of the last one is kept open: half of the time of a search is the walk to it. */
class LastFolder implements Disposable {
  readonly #workspace: Workspace;
  #path: string | undefined;
  #folder: Folder | undefined;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  open(path: string, options: { hardLinks: boolean }): { fd: number } {
    const slash = path.lastIndexOf("/");
    const folder = slash < 0 ? "." : path.slice(0, slash) || "/";
    if (this.#folder === undefined || this.#path !== folder) {
      this[Symbol.dispose]();
      this.#folder = this.#workspace.reopenFolder(folder);
      this.#path = folder;
    }
    return openIn(this.#folder, path.slice(slash + 1), options);
  }

  [Symbol.dispose](): void {
    this.#folder?.[Symbol.dispose]();
    this.#folder = undefined;
  }
}

/** What a search of contents came to. */
export interface Lines {
  matches: { path: string; line: number; text: string }[];
  total: number;
  files: number;
  notes: string[];
}

/** Searches the lines of files, in the given order, until the time is up. */
export async function searchLines(
  workspace: Workspace,
  found: readonly { path: string }[],
  content: string,
  options: { deadline: number; signal: AbortSignal; hardLinks: boolean },
): Promise<Lines> {
  const find = lineFinder(content);
  using folders = new LastFolder(workspace);
  const out: Lines = { matches: [], total: 0, files: 0, notes: [] };
  let unread = 0;
  let large = 0;
  let slice = performance.now();
  for (const [index, { path }] of found.entries()) {
    if (performance.now() - slice > 8) {
      await setImmediate();
      options.signal.throwIfAborted();
      slice = performance.now();
      if (slice > options.deadline) {
        out.notes.push(
          `Stopped when time was up: ${showCount(found.length - index)} of ${showCount(found.length)} files were not searched.`,
        );
        break;
      }
    }
    let text: string | undefined;
    try {
      text = textOfFile(folders.open(path, options).fd);
    } catch {
      unread++;
      continue;
    }
    if (text === "large") large++;
    if (text === undefined || text === "large") continue;
    let matches: LineMatch[];
    try {
      matches = find(text);
    } catch (error) {
      if (!(error instanceof SlowPattern)) throw error;
      throw new ToolError("This regular expression takes too long.", {
        remedy: "Use a plain text, or one without nested repeats.",
        cause: error,
      });
    }
    if (matches.length === 0) continue;
    out.files++;
    out.total += matches.length;
    for (const match of matches) if (out.matches.length < MOST) out.matches.push({ path, ...match });
  }
  if (unread > 0)
    out.notes.push(`${plural(unread, "file")} could not be read (no permission, a hard link, or gone).`);
  if (large > 0) out.notes.push(`${plural(large, "file")} over 16 MB not searched.`);
  return out;
}

/** The outcome as the model sees it, and in parts. */
export function answerLines(input: Lines & { given: string; where: string; content: string; limit: number }) {
  const shown = input.matches.slice(0, input.limit);
  const left = input.total - shown.length;
  const among = input.given === "*" ? input.where : `files "${showName(input.given)}" in ${input.where}`;
  const lines =
    input.total === 0
      ? [`No line contains "${showName(input.content)}" in ${among}.`]
      : [
          `${plural(input.total, "line")} in ${plural(input.files, "file")} ${input.total === 1 ? "contains" : "contain"} "${showName(input.content)}":`,
        ];
  for (const { path, line, text } of shown) lines.push(`${showName(path)}:${line}: ${showName(text)}`);
  if (left > 0)
    lines.push(
      `${showCount(left)} more not shown; ${input.limit < MOST ? `set limit to ${Math.min(MOST, input.total)}` : "search a smaller folder"}.`,
    );
  lines.push(...input.notes);
  const details: JsonObject = {
    pattern: input.given,
    content: input.content,
    matches: shown.map((match) => ({ ...match })),
    total: input.total,
    left,
  };
  if (input.notes.length > 0) details["notes"] = input.notes;
  return { content: lines.join("\n"), details };
}
