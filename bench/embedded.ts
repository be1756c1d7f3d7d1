/**
 * The embedded engine's times on this machine: from the start of a process to the first token, with and without the state of
 * system and tools on disk; how much of a second turn is read; how long a cancel takes. Prints one JSON object.
 * `node --conditions=@hearth/source bench/embedded.ts [ROUNDS]`; the model must be in the user's cache.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUNDS = Number(process.argv[2] ?? 5);
const SYSTEM = [
  "<|im_start|>system\nTools:",
  "list_files(path: string folder, all: boolean hidden too) - List the files in a folder",
  "disk_usage(path: string folder) - Size of a folder and its largest entries",
  "search_files(pattern: string glob, path: string folder, content: string text) - Find files by name or content",
  "read_file(path: string file, start: integer first line) - Read a text file<|im_end|>\n",
].join("\n");
const ask = (text: string) => `<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`;

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const round = (value: number) => Math.round(value * 100) / 100;

/** Run in a process of its own: ms from its start to the first token. As a command does, it keeps its own compiled code too. */
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
    if (event.type === "text") console.log(performance.now());
  }
  await engine.close();
}

function startToFirstToken(cache: string): number {
  const self = fileURLToPath(import.meta.url);
  const { stdout } = spawnSync(process.execPath, ["--conditions=@hearth/source", self, "--first", cache]);
  return Number(stdout.toString());
}

async function measure(cache: string): Promise<object> {
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
    return performance.now() - at;
  };
  const ends = 'root ::= "ok"';
  await run(ask("Hello"));
  const long = `${SYSTEM}${ask("Look at the files with care. ".repeat(30))}`;
  const cold = await run(long, undefined, ends);
  const turn = await run(`${long}ok<|im_end|>\n${ask("And what is here?")}`, undefined, ends);
  const written = await run(ask("x"), undefined, 'root ::= "a"{200}');
  const reading = [];
  const writing = [];
  for (let i = 0; i < ROUNDS; i++) {
    reading.push(await cancelled(ask(`${i} ${"word ".repeat(3000)}`)));
    writing.push(await cancelled(ask("x"), 'root ::= "a"{500}'));
  }
  await engine.close();
  return {
    turn2TokensRead: round((turn.input - turn.cached) / cold.input),
    turn2Time: round(turn.ms / cold.ms),
    decodeMsPerToken: round(written.ms / written.output),
    cancelInPromptMs: { median: round(median(reading)), max: round(Math.max(...reading)) },
    cancelInAnswerMs: { median: round(median(writing)), max: round(Math.max(...writing)) },
  };
}

if (process.argv[2] === "--first") await first(process.argv[3] ?? "");
else {
  const { BASE, modelsFolder } = await import("@hearth/llama");
  const cache = mkdtempSync(join(tmpdir(), "hearth-bench-"));
  mkdirSync(join(cache, "models"));
  for (const name of [BASE.file, `${BASE.file}.checked`]) {
    symlinkSync(join(modelsFolder(), name), join(cache, "models", name));
  }
  try {
    const without = startToFirstToken(cache);
    const starts = Array.from({ length: ROUNDS }, () => startToFirstToken(cache));
    const withState = { median: round(median(starts)), max: round(Math.max(...starts)) };
    const start = { firstEverMs: round(without), withStateMs: withState };
    console.log(JSON.stringify({ processStartToFirstToken: start, ...(await measure(cache)) }, null, 2));
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
