import { basename } from "node:path";
import { type JsonObject, type Tool, ToolError } from "hearth";
import { byName, plural, showCount, showName, type Workspace } from "../confine/index.ts";
import { compileGlob, isGlob, type Matcher } from "./glob.ts";
import { answerLines, searchLines } from "./lines.ts";
import { answering, countOf, LOOKS, MOST, pathOf } from "./shared.ts";
import { skippedLine, walkTree } from "./tree.ts";

const STANDARD = 20;
const BUDGET_MS = 10_000;
/** Paths held in memory; beyond it they are counted only. */
const MAX_HELD = 100_000;
/** The insides of version control are no files of anybody's; searched only when named as `path`. */
const INTERNAL: ReadonlySet<string> = new Set([".git", ".hg", ".svn", ".jj"]);

interface Found {
  path: string;
  folder: boolean;
}

export function searchFiles(workspace: Workspace, options: { hardLinks: boolean; budgetMs?: number }): Tool {
  const budgetMs = options.budgetMs ?? BUDGET_MS;
  return {
    name: "search_files",
    description:
      "Find files and folders by name in a folder and everything below it, or find lines of text in files. A pattern without / matches names in every folder.",
    parameters: {
      type: "object",
      properties: {
        pattern: {
          type: "string",
          description:
            'A name, part of a name, or a pattern such as "*.py" or "src/**/*.ts". "*" for all files.',
          default: "*",
        },
        path: { type: "string", description: "The folder to search. Default: the workspace.", default: "." },
        content: {
          type: "string",
          description:
            "Text or regular expression to find in the files' lines. Leave out to search names only.",
        },
        limit: {
          type: "integer",
          description: "How many results at most.",
          minimum: 1,
          maximum: MOST,
          default: STANDARD,
        },
      },
      required: [],
      additionalProperties: false,
    },
    ...LOOKS,
    run: (args, context) =>
      answering(workspace, "folder", async () => {
        const limit = countOf(args, "limit", STANDARD, MOST);
        const content =
          typeof args["content"] === "string" && args["content"] !== "" ? args["content"] : undefined;
        const given =
          typeof args["pattern"] === "string" && args["pattern"].trim() !== "" ? args["pattern"].trim() : "*";
        const { base, pattern } = split(workspace, pathOf(args), given);
        const matcher = matcherOf(pattern);
        const deadline = performance.now() + budgetMs;
        using folder = workspace.openFolder(base);
        const found: Found[] = [];
        let uncounted = 0;
        const internal: string[] = [];
        const end = await walkTree(folder, {
          signal: context.signal,
          budgetMs,
          visit({ entry, path }) {
            const isFolder = entry.isDirectory();
            if (content !== undefined ? !entry.isFile() : isFolder && pattern === "*") return;
            if (!matcher(path)) return;
            if (found.length < MAX_HELD) found.push({ path: folder.pathOf(path), folder: isFolder });
            else uncounted++;
          },
          enter({ entry, path }) {
            if (!INTERNAL.has(entry.name)) return true;
            internal.push(folder.pathOf(path));
            return false;
          },
        });
        found.sort((a, b) => rank(a.path, pattern) - rank(b.path, pattern) || byPath(a.path, b.path));
        const notes: string[] = [];
        if (end.timedOut)
          notes.push(`Stopped after ${budgetMs / 1000} s: there may be more. Search a smaller folder.`);
        const skipped = skippedLine(end);
        if (skipped !== undefined) notes.push(skipped);
        if (internal.length > 0)
          notes.push(
            `Not searched: ${internal.slice(0, 3).map(showName).join(", ")}${internal.length > 3 ? " …" : ""}.`,
          );
        const where = folder.path === "." ? "the workspace" : `${showName(folder.path)}/`;
        if (content === undefined)
          return answerNames({ given, where, found, limit, notes, total: found.length + uncounted });
        const searched = await searchLines(workspace, found, content, {
          deadline,
          signal: context.signal,
          hardLinks: options.hardLinks,
        });
        return answerLines({
          ...searched,
          given,
          where,
          content,
          limit,
          notes: [...searched.notes, ...notes],
        });
      }),
  };
}

/** An absolute pattern, or one that begins with folders, is split into the folder to search and the rest. */
function split(workspace: Workspace, path: string, given: string): { base: string; pattern: string } {
  const pattern = given.replace(/^(?:\.\/)+/, "").replace(/\/+$/, "") || "*";
  if (!pattern.startsWith("/")) {
    if (pattern.split("/").includes(".."))
      throw new ToolError('".." is not allowed in a pattern.', { remedy: "Give the folder as path." });
    return { base: path, pattern };
  }
  const parts = pattern.split("/").slice(1);
  const first = parts.findIndex((part) => isGlob(part));
  const cut = first < 0 ? parts.length - 1 : first;
  const base = `/${parts.slice(0, cut).join("/")}`;
  workspace.parts(base);
  return { base, pattern: parts.slice(cut).join("/") || "*" };
}

function matcherOf(pattern: string): Matcher {
  if (!isGlob(pattern)) {
    const wanted = pattern.toLowerCase();
    return wanted.includes("/")
      ? (path) => `/${path.toLowerCase()}`.includes(`/${wanted}`)
      : (path) =>
          path
            .toLowerCase()
            .slice(path.lastIndexOf("/") + 1)
            .includes(wanted);
  }
  const matcher = compileGlob(pattern.includes("/") ? pattern : `**/${pattern}`);
  if (matcher === undefined)
    throw new ToolError("The pattern is too long or has too many alternatives.", {
      remedy: 'Such as "*.{ts,js}".',
    });
  return matcher;
}

/** The very name first, what others wrote (node_modules, hidden folders) last. */
function rank(path: string, pattern: string): number {
  const foreign = /(?:^|\/)(?:node_modules|\.[^/]+)\//.test(path) ? 4 : 0;
  return foreign + (basename(path).toLowerCase() === pattern.toLowerCase() ? 0 : 1);
}

function byPath(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  for (let at = 0; at < left.length && at < right.length; at++) {
    const order = byName(left[at]!, right[at]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function answerNames(input: {
  given: string;
  where: string;
  found: Found[];
  limit: number;
  notes: string[];
  total: number;
}) {
  const { found, limit, total } = input;
  const shown = found.slice(0, limit);
  const folders = found.filter(({ folder }) => folder).length;
  const what = [
    total - folders > 0 || folders === 0 ? plural(total - folders, "file") : "",
    folders > 0 ? plural(folders, "folder") : "",
  ].filter((text) => text !== "");
  const lines =
    total === 0
      ? [`No file or folder matches "${showName(input.given)}" in ${input.where}.`]
      : [
          `${what.join(" and ")} ${total === 1 ? "matches" : "match"} "${showName(input.given)}" in ${input.where}:`,
        ];
  for (const { path, folder } of shown) lines.push(`${showName(path)}${folder ? "/" : ""}`);
  const left = total - shown.length;
  if (left > 0)
    lines.push(
      `${showCount(left)} more not shown; ${limit < MOST ? `set limit to ${Math.min(MOST, total)}` : "search a smaller folder"}.`,
    );
  lines.push(...input.notes);
  const details: JsonObject = {
    pattern: input.given,
    matches: shown.map(({ path, folder }) => (folder ? { path, type: "folder" } : { path, type: "file" })),
    total,
    left,
  };
  if (input.notes.length > 0) details["notes"] = input.notes;
  return { content: lines.join("\n"), details };
}
