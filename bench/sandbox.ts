/**
 * What confinement costs, in one run: a shell plain, in L1 and by sandbox-runtime's library (its start left out, as it happens once), the
 * interpreters warm, the judge of commands. The minimum of rounds of 20 that take turns, because what else the machine
 * does can only add: on a busy one, more rounds come nearer to the truth.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { interpret, type Language } from "../packages/tools/src/interpreters/index.ts";
import { judgeShell } from "../packages/tools/src/judge/index.ts";
import { findProgram, findSandbox } from "../packages/tools/src/sandbox/index.ts";

export interface Costs {
  /** Name → milliseconds at the minimum. */
  min: Record<string, number>;
  /** Name → milliseconds at the median. */
  median: Record<string, number>;
  /** Why something was not measured. */
  missing: string[];
}

const ROUNDS = 3;
/** Rounds at most, where the caller is not content with what was measured so far. */
const MOST_ROUNDS = 12;
const COUNT = 20;
const SHELL = ["sh", "-c", "true"] as const;

export async function measure(
  content: (costs: Costs) => boolean = () => true,
  workspace = process.cwd(),
): Promise<Costs> {
  const missing: string[] = [];
  const jobs: Record<string, () => Promise<unknown>> = { "sh, plain": plain };
  const sandbox = findSandbox(workspace, { level: "bubblewrap" });
  const confined = { workspace, pipeline: [{ argv: SHELL }] };
  if (sandbox === undefined) missing.push("L1: no bubblewrap here");
  else jobs["sh, L1"] = () => sandbox.run(confined);
  const lacking = ["bwrap", "socat", "rg"].filter((name) => findProgram(name, workspace) === undefined);
  if (lacking.length > 0) missing.push(`sandbox-runtime: it needs ${lacking.join(" and ")}`);
  else jobs["sh, sandbox-runtime"] = await runtime();
  jobs["Python, L0"] = () => code("python");
  jobs["JavaScript, L0"] = () => code("javascript");
  jobs["command judge"] = () => judgeShell("grep -rn TODO src | sort | uniq -c", { mode: "pipeline" });
  const times = new Map(Object.keys(jobs).map((name) => [name, [] as number[]]));
  // The first of each loads, probes and warms.
  for (const job of Object.values(jobs)) await job();
  for (let round = 1; ; round++) {
    for (const [name, job] of Object.entries(jobs)) {
      for (let at = 0; at < COUNT; at++) {
        const began = performance.now();
        await job();
        times.get(name)?.push(performance.now() - began);
      }
    }
    const costs = summary(times, missing);
    if (round >= MOST_ROUNDS || (round >= ROUNDS && content(costs))) return costs;
  }
}

function summary(times: ReadonlyMap<string, readonly number[]>, missing: string[]): Costs {
  const min: Record<string, number> = {};
  const median: Record<string, number> = {};
  for (const [name, all] of times) {
    const sorted = all.toSorted((a, b) => a - b);
    min[name] = sorted[0] ?? Number.NaN;
    median[name] = sorted[sorted.length >> 1] ?? Number.NaN;
  }
  return { min, median, missing };
}

/** The library as its own documentation uses it: nothing denied but the keys, no host allowed, initialised once. */
async function runtime(): Promise<() => Promise<void>> {
  const { SandboxManager } = await import("@anthropic-ai/sandbox-runtime");
  await SandboxManager.initialize({
    network: { allowedDomains: [], deniedDomains: [] },
    filesystem: { denyRead: ["~/.ssh"], allowWrite: [".", "/tmp"], denyWrite: [] },
  });
  return async () => {
    const { argv, env } = await SandboxManager.wrapWithSandboxArgv("true", "/bin/sh");
    const [file = "", ...args] = argv;
    await ended(spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], env }));
    SandboxManager.cleanupAfterCommand();
  };
}

/** A shell as any program starts one: the same pipes, the same waiting for its end. */
function plain(): Promise<void> {
  return ended(spawn("/bin/sh", SHELL.slice(1), { stdio: ["pipe", "pipe", "pipe"], env: {} }));
}

function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  child.stdin.end();
  child.stdout.resume();
  child.stderr.resume();
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
}

function code(language: Language): Promise<unknown> {
  return interpret({ language, code: "1+1", timeoutMs: 5000, memoryMb: 64, outputChars: 1000 });
}

if (import.meta.main) {
  const { min, median, missing } = await measure();
  for (const [name, ms] of Object.entries(min))
    console.log(`${name.padEnd(22)} min ${ms.toFixed(2)} ms, median ${median[name]?.toFixed(2)} ms`);
  for (const line of missing) console.log(`not measured: ${line}`);
  process.exit(0);
}
