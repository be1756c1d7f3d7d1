import { type JsonObject, type JsonSchema, type Tool, ToolError, type ToolResult } from "hearth";
import { teach, type Workspace } from "../confine/index.ts";
import type { EgressOptions } from "../egress/index.ts";
import { OPERATIONS } from "../interpreters/index.ts";
import type { ShellRules } from "../judge/index.ts";
import type { Packages } from "../packages/folder.ts";
import {
  LIMITS,
  type Limit,
  type Limits,
  MAX_TIMEOUT_MS,
  type RunResult,
  type Sandbox,
} from "../sandbox/index.ts";

export interface Setup {
  workspace: Workspace;
  sandbox: Sandbox | undefined;
  rules: ShellRules;
  limits: Partial<Limits>;
  /** Where installed packages lie, where there may be some. */
  packages?: Packages;
  /** The way out for run_command, where hosts are listed. */
  egress?: EgressOptions;
  /** Modules that Python code may import; left out: all. */
  imports?: readonly string[];
}

export interface SandboxedSetup extends Setup {
  sandbox: Sandbox;
}

/** A program that can't write the workspace and has no network leaves nothing behind. */
export const READS = {
  effect: "none",
  reads: "private",
  source: "untrusted",
  egress: false,
} as const satisfies Partial<Tool>;
/** It may change the workspace; running it twice may not be the same as once. */
export const CHANGES = { ...READS, effect: "once" } as const satisfies Partial<Tool>;

/** What is true of any program where the user chose to have no sandbox: it may do anything, and data may leave. */
export function unconfined({ sandbox }: Setup): Partial<Tool> {
  return sandbox?.name === "none" ? { effect: "once", egress: true } : {};
}

/** The tool's own limit ends the program; the loop's comes after it, for the case that this one fails. */
export const OUTER_TIMEOUT_MS = MAX_TIMEOUT_MS + 5000;

export const TIMEOUT: JsonSchema = {
  type: "integer",
  description: "Seconds it may take.",
  minimum: 1,
  maximum: MAX_TIMEOUT_MS / 1000,
};

export function timeoutOf(args: JsonObject, limits: Partial<Limits>): number {
  const value = args["timeout"];
  if (value === undefined || value === null) return limits.timeoutMs ?? LIMITS.timeoutMs;
  if (typeof value !== "number" || !(value > 0))
    throw new ToolError('"timeout" must be a number of seconds.');
  if (value * 1000 > MAX_TIMEOUT_MS)
    throw new ToolError(`"timeout" is ${MAX_TIMEOUT_MS / 1000} seconds at most.`);
  return Math.round(value * 1000);
}

export function textOf(args: JsonObject, key: string, most: number): string {
  const value = args[key];
  if (typeof value !== "string" || value.trim() === "") throw new ToolError(`"${key}" must be a text.`);
  if (value.length > most)
    throw new ToolError(`"${key}" is longer than ${most.toLocaleString("en-US")} characters.`);
  return value;
}

/** Failures that are meant for the model come back as failed results. */
export async function answering(body: () => Promise<ToolResult>): Promise<ToolResult> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { ok: false, content: teach(error), details: { error: error.name } };
  }
}

/** Why a limit ended the run, for the model. */
export function limitText(limit: Limit, timeoutMs: number, limits: Partial<Limits>): string {
  const all = { ...LIMITS, ...limits };
  switch (limit) {
    case "time":
      return `Stopped after ${timeoutMs / 1000} s.`;
    case "memory":
      return `Stopped: it took more than ${all.memoryMb} MB of memory.`;
    case "operations":
      return `Stopped: it reached the cap of ${OPERATIONS.toLocaleString("en-US")} operations.`;
    case "processes":
      return `Stopped: it started more than ${all.processes} processes.`;
    case "output":
      return "Stopped: it printed without end.";
    case "stop":
      return "Stopped by a person.";
  }
}

/** The outcome of programs: output first, then what went wrong, then how it ended. */
export function told(result: RunResult, timeoutMs: number, limits: Partial<Limits>): ToolResult {
  const parts: string[] = [];
  if (result.stdout.trim() !== "") parts.push(result.stdout.trimEnd());
  if (result.stderr.trim() !== "")
    parts.push(parts.length > 0 ? `[errors]\n${result.stderr.trimEnd()}` : result.stderr.trimEnd());
  if (result.limit !== undefined) parts.push(limitText(result.limit, timeoutMs, limits));
  else if (result.exitCode !== 0) parts.push(`[exit code ${result.exitCode}]`);
  else if (parts.length === 0) parts.push("Done, without output.");
  if (result.sandbox === "none") parts.push("[ran without a sandbox]");
  const { exitCode, ms, limit, sandbox, truncated, stdout, stderr } = result;
  const details: JsonObject = { exitCode, ms, sandbox, stdout, stderr };
  if (limit !== undefined) details["limit"] = limit;
  if (truncated) details["truncated"] = true;
  return { ok: exitCode === 0 && limit === undefined, content: parts.join("\n"), details };
}
