import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findProgram } from "./bwrap.ts";
import type { Launch } from "./run.ts";
import type { Limits, Probe } from "./types.ts";

/**
 * Memory and tasks of a whole run, counted by the kernel: a transient scope of systemd (cgroup v2). Bubblewrap and prlimit know processes
 * one by one only, and the watch looks every 100 ms.
 */
export interface Scope {
  /** Path of systemd-run. */
  file: string;
  /** Words before the properties: whose systemd. */
  words: readonly string[];
  /** What systemd-run needs to find it; the program does not get it. */
  env: Readonly<Record<string, string>>;
}

/** Bubblewrap's own two processes and the runtime's helpers are in the scope as well. */
const OWN_TASKS = 16;

/** systemd-run's words for a program within limits. Swap would make the limit of memory a limit of patience. */
export function scopeArgv(
  scope: Scope,
  limits: Pick<Limits, "memoryMb" | "processes">,
  file: string,
  args: readonly string[],
): string[] {
  return [
    ...scope.words,
    "--scope",
    "--quiet",
    "--collect",
    `--property=MemoryMax=${limits.memoryMb}M`,
    "--property=MemorySwapMax=0",
    `--property=TasksMax=${limits.processes + OWN_TASKS}`,
    "--",
    // Bubblewrap's own process is visible inside: it starts with nothing, as it does without a scope.
    "/usr/bin/env",
    "-i",
    file,
    ...args,
  ];
}

export function scoped(launch: Launch, limits: Limits, scope: Scope): Launch {
  return {
    ...launch,
    file: scope.file,
    args: scopeArgv(scope, limits, launch.file, launch.args),
    env: scope.env,
  };
}

let known: { scope: Scope | undefined } | undefined;

/** systemd's scope where it works here: asked once, by starting one and reading its limit and its descriptor from inside. */
export function findScope(workspace: string): Scope | undefined {
  known ??= { scope: process.platform === "linux" ? probe(workspace) : undefined };
  return known.scope;
}

/** Prints the limit that the kernel holds for the cgroup it runs in, the second time into the descriptor that carries the filter. */
const ASK =
  'limit=$(cat "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.max"); echo $limit; echo $limit >&3';

function probe(workspace: string): Scope | undefined {
  if (!existsSync("/run/systemd/system")) return undefined;
  const file = findProgram("systemd-run", workspace, "/usr/bin:/bin");
  if (file === undefined) return undefined;
  const root = process.getuid?.() === 0;
  const env: Record<string, string> = {};
  for (const key of ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"])
    if (process.env[key] !== undefined) env[key] = process.env[key];
  const scope: Scope = { file, words: root ? [] : ["--user"], env };
  return works(scope) ? scope : undefined;
}

/** Whether the scope's limit is in force, and descriptors reach the program. */
export function works(scope: Scope): boolean {
  const mb = 64;
  const args = scopeArgv(scope, { memoryMb: mb, processes: 8 }, "/bin/sh", ["-c", ASK]);
  const stdio = ["ignore", "pipe", "ignore", "pipe"] as const;
  const { status, output } = spawnSync(scope.file, args, {
    env: scope.env,
    encoding: "utf8",
    timeout: 3000,
    stdio: [...stdio],
  });
  const limit = `${mb * 1024 * 1024}\n`;
  return status === 0 && output[1] === limit && output[3] === limit;
}

/** How memory and processes of a whole run are limited, for the doctor. */
export function limitsNote(scope: Scope | undefined): Probe {
  const note =
    scope === undefined
      ? "by the kernel for each process, watched for all (no scope of systemd here)"
      : "by the kernel for each process and, in a scope of systemd, for all";
  return { name: "limits", held: true, note };
}
