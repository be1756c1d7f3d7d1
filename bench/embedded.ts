/**
 * The embedded engine's times on this machine: from the start of a process to the first token, with and without the state of
 * system and tools on disk; how much of a second turn is read; how long a cancel takes; how late this process' own timers come
 * while the engine works. Prints one JSON object.
 * `node --conditions=@hearth/source bench/embedded.ts [ROUNDS]`; the model must be in the user's cache.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const SYSTEM = [
  "<|im_start|>system\nTools:",
  "list_files(path: string folder, all: boolean hidden too) - List the files in a folder",
  "disk_usage(path: string folder) - Size of a folder and its largest entries",
  "search_files(pattern: string glob, path: string folder, content: string text) - Find files by name or content",
  "read_file(path: string file, start: integer first line) - Read a text file<|im_end|>\n",
].join("\n");
const ask = (text: string) => `<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`;

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const spread = (values: number[]) => ({ median: round(median(values)), max: round(Math.max(...values)) });
const round = (value: number) => Math.round(value * 100) / 100;

/** CPU time of a process so far, in ms, where the system tells; ticks are hundredths of a second. */
function cpuMsOf(pid: number | undefined): number {
  try {
    const after = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(after[11]) + Number(after[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

/** Run in a process of its own: ms from its start to the first token, and CPU ms of both processes till then. As a command does, it keeps its own compiled code too. */
async function first(cache: string): Promise<void> {
  enableCompileCache(join(cache, "compiled"));
  const { prewarm } = await import("@hearth/llama/prewarm");
  prewarm({ cache });
  const { createEmbedded } = await import("@hearth/llama");
  const engine = createEmbedded({ cache });
  const request = { model: "pocket", prompt: SYSTEM + ask("What takes the most space in this folder?") };
  const signal = new AbortController().signal;
  for await (const event of engine.complete(
    { ...request, sampling: { maxTokens: 1 }, stablePrefixChars: SYSTEM.length },
    signal,
  )) {
    if (event.type !== "text") continue;
    const { user, system } = process.cpuUsage();
    console.log(performance.now(), (user + system) / 1000 + cpuMsOf(engine.pid));
  }
  await engine.close();
}

function startToFirstToken(cache: string): { ms: number; cpuMs: number } {
  const self = fileURLToPath(import.meta.url);
  const { stdout } = spawnSync(process.execPath, ["--conditions=@hearth/source", self, "--first", cache]);
  const [ms = 0, cpuMs = 0] = stdout.toString().split(" ").map(Number);
  return { ms, cpuMs };
}

async function measure(cache: string, rounds: number) {
  const { createEmbedded } = await import("@hearth/llama");
  const engine = createEmbedded({ cache });
  const run = async (prompt: string, signal = new AbortController().signal, gbnf?: string) => {
    const grammar = gbnf === undefined ? {} : { grammar: { gbnf } };
    const start = performance.now();
    let usage = { input: 0, output: 0, cached: 0 };
    for await (const event of engine.complete(
      { model: "pocket", prompt, sampling: { maxTokens: 200 }, ...grammar },
      signal,
    )) {
      if (event.type === "usage") usage = { cached: 0, ...event };
    }
    return { ms: performance.now() - start, ...usage };
  };
  const cancelled = async (prompt: string, gbnf?: string) => {
    const cancel = new AbortController();
    let at = 0;
    setTimeout(() => {
      at = performance.now();
      cancel.abort(new Error("cancelled"));
    }, 300);
    await run(prompt, cancel.signal, gbnf).catch(() => {});
    const left = performance.now() - at;
    await run(ask("x"), undefined, 'root ::= "o"');
    return { left, next: performance.now() - at };
  };
  /** p99 of how late a timer of this process comes, in ms, while `work` goes on; the monitor looks every 2 ms. */
  const delay = async (work: () => Promise<unknown>) => {
    const monitor = monitorEventLoopDelay({ resolution: 2 });
    monitor.enable();
    await work();
    monitor.disable();
    return round(monitor.percentile(99) / 1e6);
  };
  const ends = 'root ::= "ok"';
  await run(ask("Hello"));
  const long = `${SYSTEM}${ask("Look at the files with care. ".repeat(30))}`;
  const cold = await run(long, undefined, ends);
  const turn = await run(`${long}ok<|im_end|>\n${ask("And what is here?")}`, undefined, ends);
  const written = await run(ask("x"), undefined, 'root ::= "a"{200}');
  /** What is read anew after another prompt was there: the same short answer, nobody having been cancelled. */
  const short: number[] = [];
  for (let i = 0; i < rounds; i++) {
    await run(ask(`y${i}`), undefined, ends);
    short.push((await run(ask("x"), undefined, 'root ::= "o"')).ms);
  }
  const reading: { left: number; next: number }[] = [];
  const writing: { left: number; next: number }[] = [];
  for (let i = 0; i < rounds; i++) {
    reading.push(await cancelled(ask(`${i} ${"word ".repeat(3000)}`)));
    writing.push(await cancelled(ask("x"), 'root ::= "a"{500}'));
  }
  const eventLoopP99Ms = {
    idle: await delay(() => sleep(3000)),
    reading: await delay(() => run(ask("word ".repeat(700)), undefined, ends)),
    writing: await delay(() => run(ask("x"), undefined, 'root ::= "a"{300}')),
  };
  await engine.close();
  return {
    eventLoopP99Ms,
    turn2TokensRead: round((turn.input - turn.cached) / cold.input),
    turn2Time: round(turn.ms / cold.ms),
    decodeMsPerToken: round(written.ms / written.output),
    cancelInPromptMs: spread(reading.map(({ left }) => left)),
    cancelInAnswerMs: spread(writing.map(({ left }) => left)),
    /** From the cancel to the whole answer of the next request, a short one. */
    shortAnswerMs: round(median(short)),
    nextAnswerMs: {
      afterPrompt: round(median(reading.map(({ next }) => next))),
      afterAnswer: round(median(writing.map(({ next }) => next))),
    },
  };
}

/** All of it; `rounds`: how often what varies is measured. */
export async function measureEngine(rounds: number) {
  const { BASE, modelsFolder } = await import("@hearth/llama");
  const cache = mkdtempSync(join(tmpdir(), "hearth-bench-"));
  mkdirSync(join(cache, "models"));
  for (const name of [BASE.file, `${BASE.file}.checked`]) {
    symlinkSync(join(modelsFolder(), name), join(cache, "models", name));
  }
  try {
    const without = startToFirstToken(cache);
    const starts = Array.from({ length: rounds }, () => startToFirstToken(cache));
    const times = (values: number[]) => ({
      fastest: round(Math.min(...values)),
      median: round(median(values)),
      max: round(Math.max(...values)),
    });
    const start = {
      firstEverMs: round(without.ms),
      withStateMs: times(starts.map(({ ms }) => ms)),
      withStateCpuMs: times(starts.map(({ cpuMs }) => cpuMs)),
    };
    return { processStartToFirstToken: start, ...(await measure(cache, rounds)) };
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  if (process.argv[2] === "--first") await first(process.argv[3] ?? "");
  else console.log(JSON.stringify(await measureEngine(Number(process.argv[2] ?? 5)), null, 2));
}
