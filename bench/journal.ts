/**
 * What the journal costs: CPU of a step of 200 pieces of text, by itself and inside the loop, with the journal in memory taken off, and
 * the reading of a run of 20,000 events. `node --conditions=@hearth/source bench/journal.ts [STEPS]` prints one JSON value.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  agent,
  type EventBody,
  type Journal,
  type Lease,
  memoryJournal,
  type RunEvent,
  scripted,
  sqliteJournal,
} from "../packages/hearth/src/index.ts";

const DELTAS = 200;
/** Pieces in one append: what comes in one turn of the event loop when an engine sends in bursts. */
const BATCH = 25;
const REPLAY_EVENTS = 20_000;

/** One step: 200 pieces of an answer, one call with its intent and its result. Batches as the recorder makes them. */
function stepBatches(runId: string, seq: number): RunEvent[][] {
  let next = seq;
  const made = (body: EventBody): RunEvent => ({
    seq: ++next,
    runId,
    time: "2026-01-01T00:00:00.000Z",
    ...body,
  });
  const batches: RunEvent[][] = [[made({ type: "step.started", step: 1 })]];
  for (let i = 0; i < DELTAS; i += BATCH)
    batches.push(
      Array.from({ length: Math.min(BATCH, DELTAS - i) }, (_, k) =>
        made({ type: "text.delta", text: ` word${i + k}` }),
      ),
    );
  batches.push([
    made({ type: "call.started", callId: "c", name: "read_file" }),
    made({ type: "call.ready", callId: "c", name: "read_file", arguments: { path: "a/b.txt" } }),
    made({ type: "call.running", callId: "c" }),
  ]);
  batches.push([
    made({ type: "usage", input: 2000, output: 200 }),
    made({
      type: "step.finished",
      step: 1,
      message: { role: "assistant", content: [{ type: "text", text: "word ".repeat(DELTAS) }] },
    }),
    made({
      type: "call.finished",
      callId: "c",
      name: "read_file",
      ok: true,
      content: "x".repeat(1500),
      ms: 3,
    }),
  ]);
  return batches;
}

function write(journal: Journal, lease: Lease, steps: number): number {
  let seq = 0;
  const all: RunEvent[][] = [];
  for (let step = 0; step < steps; step++) {
    for (const batch of stepBatches(lease.runId, seq)) {
      all.push(batch);
      seq += batch.length;
    }
  }
  const before = process.cpuUsage();
  let at = 0;
  for (const batch of all) {
    void journal.append(lease, at, batch);
    at += batch.length;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / steps;
}

/** CPU of a step of the whole loop over a scripted engine that answers at once. */
async function loopCost(journal: Journal, steps: number): Promise<number> {
  const model = scripted((request) => {
    const n = request.messages.filter((message) => message.role === "assistant").length;
    const text = "word".repeat(DELTAS);
    return n % 11 === 10 ? { text, chunk: 4 } : { text, chunk: 4, calls: [{ name: "look", args: { n } }] };
  });
  const look = {
    name: "look",
    description: "Look",
    effect: "none" as const,
    parameters: { type: "object", properties: { n: { type: "integer" } } },
    run: () => "x".repeat(200),
  };
  const before = process.cpuUsage();
  for (let done = 0; done < steps; done += 11) await agent({ model, tools: [look], journal }).run("Look.");
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / steps;
}

export interface JournalCost {
  /** Milliseconds of CPU that keeping it takes off the whole loop, a step; the least of the passes, compared in pairs. */
  loopCpuMsPerStep: number;
  /** Milliseconds of CPU a step, the journal in memory taken off: what keeping it costs. */
  cpuMsPerStep: number;
  replayEvents: number;
  /** Wall time of reading them all, the best of five. */
  replayMs: number;
}

/** Measures in a folder of its own; the least of three passes counts. */
export async function journalCost(steps: number): Promise<JournalCost> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-bench-"));
  try {
    const journal = sqliteJournal(join(folder, "runs.sqlite"));
    const memory = memoryJournal();
    let least = Number.POSITIVE_INFINITY;
    for (let pass = 0; pass < 3; pass++) {
      const kept = write(journal, await journal.acquire(`r${pass}`, "bench", 1e9), steps);
      const held = write(memory, await memory.acquire(`r${pass}`, "bench", 1e9), steps);
      least = Math.min(least, kept - held);
    }
    const perStep = DELTAS + 7;
    const enough = Math.ceil(REPLAY_EVENTS / perStep);
    write(journal, await journal.acquire("long", "bench", 1e9), enough);
    const loops: { kept: number; held: number }[] = [];
    for (let pass = 0; pass < 5; pass++)
      loops.push({ kept: await loopCost(journal, 55), held: await loopCost(memory, 55) });
    const best = (key: "kept" | "held"): number => Math.min(...loops.slice(1).map((one) => one[key]));
    let replayMs = Number.POSITIVE_INFINITY;
    let replayEvents = 0;
    for (let i = 0; i < 5; i++) {
      const startedAt = performance.now();
      replayEvents = (await journal.read("long")).length;
      replayMs = Math.min(replayMs, performance.now() - startedAt);
    }
    await journal.close();
    const loopCpuMsPerStep = round(best("kept") - best("held"));
    return { loopCpuMsPerStep, cpuMsPerStep: round(least), replayEvents, replayMs: round(replayMs) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

if (import.meta.main) console.log(JSON.stringify(await journalCost(Number(process.argv[2] ?? 200))));
