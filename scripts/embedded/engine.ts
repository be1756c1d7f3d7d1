/** The engine's promises, each measured on this machine and held to its bound. */
import { rmSync } from "node:fs";
import { loadavg } from "node:os";
import { type EmbeddedEngine, POCKET } from "@hearth/llama";
import { selectTools } from "@hearth/tools";
import { agent, type RunEvent } from "hearth";
import { measureEngine } from "../../bench/embedded.ts";
import { openPocket } from "./pocket.ts";
import { makeFolder, timedCommand } from "./questions.ts";

export interface Line {
  ok: boolean;
  text: string;
}

/** Runs in which the engine's process is ended. */
const KILLS = 9;
const ROUNDS = 5;

export async function proveEngine(): Promise<Line[]> {
  return [await outlivesKills(), ...(await times())];
}

type Moment = (event: RunEvent) => boolean;
const MOMENTS: readonly Moment[] = [
  ({ type }) => type === "call.started" || type === "text.delta",
  ({ type }) => type === "call.delta" || type === "text.delta",
  ({ type }) => type === "call.running",
];

/** `kill -9` of the engine's process, once in each run: while a call is written, while its tool runs. */
async function outlivesKills(): Promise<Line> {
  const folder = makeFolder();
  const engine = openPocket();
  let finished = 0;
  let killed = 0;
  try {
    for (let i = 0; i < KILLS; i++) {
      const { right, died } = await runAndKill(engine, folder, MOMENTS[i % MOMENTS.length] ?? (() => false));
      if (right) finished++;
      if (died) killed++;
    }
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    ok: finished === KILLS && killed === KILLS,
    text: `kill -9 of the engine's process in mid-run: ${killed} of ${KILLS} runs hit, ${finished} of ${KILLS} finished with the right answer`,
  };
}

async function runAndKill(engine: EmbeddedEngine, workspace: string, at: Moment) {
  let died = false;
  const run = agent({
    model: { engine, model: POCKET },
    tools: selectTools("", { workspace }),
    workspace,
    artifacts: false,
  }).run("List the files in the folder reports");
  for await (const event of run) {
    if (died || engine.pid === undefined || !at(event)) continue;
    process.kill(engine.pid, "SIGKILL");
    died = true;
  }
  const { text, stopReason } = await run;
  return { died, right: stopReason === "answer" && /otter\.csv/.test(text) && /walrus\.csv/.test(text) };
}

/**
 * Bounds that mean a quiet machine are held by the median. Where others are at work here (load above one before the
 * start), the fastest counts, or the CPU time of all processes together, which is what a quiet machine takes at most.
 */
async function times(): Promise<Line[]> {
  const load = loadavg()[0] ?? 0;
  const busy = load > 1;
  const found = await measureEngine(ROUNDS);
  const answers = await answerTimes();
  const bounded = (what: string, wall: Times, cpu: Times, boundMs: number): Line => ({
    ok: wall.median <= boundMs || (busy && Math.min(wall.fastest, cpu.median) <= boundMs),
    text: `${what}: median ${seconds(wall.median)}, fastest ${seconds(wall.fastest)} of ${ROUNDS}, CPU time ${seconds(cpu.median)} (at most ${seconds(boundMs)}${busy ? `; load ${load.toFixed(1)} before the start, so the fastest or the CPU time counts` : ""})`,
  });
  const {
    eventLoopP99Ms: loop,
    cancelInPromptMs: reading,
    cancelInAnswerMs: writing,
    nextAnswerMs: next,
  } = found;
  const { decodeMsPerToken: token, shortAnswerMs, processStartToFirstToken: start } = found;
  return [
    bounded("process start to first token", start.withStateMs, start.withStateCpuMs, 1500),
    bounded("process start to a tool-based answer, all of `hearth run`", answers.wall, answers.cpu, 3000),
    {
      ok: found.turn2TokensRead <= 0.1,
      text: `turn 2 reads ${percent(found.turn2TokensRead)} of the tokens of a cold one, in ${percent(found.turn2Time)} of the time (at most 10 % read)`,
    },
    {
      ok: loop.reading < 50 && loop.writing < 50,
      text: `event loop p99: ${loop.reading} ms while a prompt is read, ${loop.writing} ms while an answer is written, ${loop.idle} ms idle (below 50)`,
    },
    {
      ok: reading.max <= 200 || (busy && reading.median <= 200),
      text: `abort in the prompt: the caller goes on after ${reading.median} ms, at most ${reading.max} ms (bound 200); the next short answer is whole after ${Math.round(next.afterPrompt)} ms`,
    },
    {
      ok: next.afterAnswer <= shortAnswerMs + 2 * token,
      text: `abort in the answer: the caller goes on after ${writing.median} ms; the next short answer is whole after ${Math.round(next.afterAnswer)} ms, undisturbed ${Math.round(shortAnswerMs)} ms (bound: two tokens of ${token} ms more)`,
    },
  ];
}

interface Times {
  fastest: number;
  median: number;
}

/** A question that needs a tool, through the command, from the start of its process to its end. */
async function answerTimes(): Promise<{ wall: Times; cpu: Times }> {
  const folder = makeFolder();
  const wall: number[] = [];
  const cpu: number[] = [];
  try {
    for (let i = 0; i <= ROUNDS; i++) {
      const start = performance.now();
      const { code, text, cpuMs } = await timedCommand(folder, "List the files in the folder reports");
      // The first one keeps compiled code and prefix state for the others.
      if (i > 0) wall.push(performance.now() - start);
      if (i > 0) cpu.push(cpuMs);
      if (code !== 0 || !/otter\.csv/.test(text)) throw new Error(`The command answered: ${text}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { wall: timesOf(wall), cpu: timesOf(cpu) };
}

function timesOf(all: number[]): Times {
  const sorted = all.toSorted((a, b) => a - b);
  return { fastest: sorted[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0 };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const percent = (part: number): string => `${Math.round(part * 1000) / 10} %`;
