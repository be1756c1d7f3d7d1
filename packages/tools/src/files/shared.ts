import type { Dirent, Stats } from "node:fs";
import { type JsonObject, type Tool, ToolError, type ToolResult } from "hearth";
import { explainWalk, teach, type Workspace } from "../confine/index.ts";

/** What every tool that only looks at files has in common: no effect, private, its content written by anybody. */
export const LOOKS = {
  effect: "none",
  reads: "private",
  source: "untrusted",
  egress: false,
} as const satisfies Partial<Tool>;

/** Results of one search at most. */
export const MOST = 500;

export type EntryType = "file" | "folder" | "link" | "other";

export function typeOf(entry: Dirent | Stats): EntryType {
  if (entry.isDirectory()) return "folder";
  if (entry.isFile()) return "file";
  return entry.isSymbolicLink() ? "link" : "other";
}

/** The folder of a call, "." where the model left it out, gave null or nothing. */
export function pathOf(args: JsonObject, key = "path"): string {
  const value = args[key];
  if (value === undefined || value === null || value === "") return ".";
  if (typeof value !== "string")
    throw new ToolError(`"${key}" must be a text.`, { remedy: 'Such as "src".' });
  return value;
}

/** A count of a call, held between 1 and `most`. */
export function countOf(args: JsonObject, key: string, standard: number, most: number): number {
  const value = args[key];
  if (value === undefined || value === null) return standard;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new ToolError(`"${key}" must be a number.`, { remedy: `Such as ${standard}.` });
  }
  return Math.min(most, Math.max(1, Math.trunc(value)));
}

/** Runs a tool's body; failures of paths come back as failed results that teach, all else is thrown on. */
export async function answering(
  workspace: Workspace,
  wanted: "file" | "folder",
  body: () => Promise<ToolResult> | ToolResult,
): Promise<ToolResult> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof DOMException || (error instanceof Error && error.name === "AbortError")) throw error;
    const told = explainWalk(error, workspace, wanted);
    if (!(told instanceof ToolError)) throw told;
    return { ok: false, content: teach(told), details: { error: told.name } };
  }
}
