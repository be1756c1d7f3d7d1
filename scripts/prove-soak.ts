/**
 * `npm run prove:soak`: clients of every kind at a real `hearth serve` whose engine is another process; nothing may grow, nothing may
 * fail. `[--minutes N] [--part N] [--clients N] [--state FILE] [--journal none]`. Default 2 minutes in one part.
 *
 * In parts: what is done stands in the state file, and the next call goes on with the rest. Each part is a service of its own on the
 * same journal; it is ended by SIGTERM with runs in the air, which the next one has to bring to their end.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findSandbox } from "@hearth/tools";
import { load } from "./soak/clients.ts";
import { type Sample, sample } from "./soak/sample.ts";
import { startEngine, startService } from "./soak/service.ts";
import { judge } from "./soak/verdict.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "2" },
    part: { type: "string" },
    clients: { type: "string", default: "12" },
    pause: { type: "string", default: "400" },
    state: { type: "string" },
    journal: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const part = Math.min(minutes, Number(values.part ?? minutes));

interface State {
  folder: string;
  minutes: number;
  parts: number;
  requests: number;
  left: number;
  failed: string[];
}

const state = restore();
let failed = state.failed.length > 0;
function said(ok: boolean, line: string): void {
  console.log(`${ok ? "ok  " : "FAIL"} ${line}`);
  if (ok) return;
  failed = true;
  state.failed.push(line);
}

while (state.minutes < minutes - 0.001) {
  const length = Math.min(part, minutes - state.minutes);
  await onePart(length, state.parts);
  state.minutes += length;
  state.parts++;
  keep();
}
console.log(
  `${state.minutes} minutes in ${state.parts} parts: ${state.requests} requests, ${state.left} clients left early, ${state.failed.length} findings`,
);
rmSync(state.folder, { recursive: true, force: true });
if (values.state !== undefined) rmSync(values.state, { force: true });
process.exit(failed ? 1 : 0);

function restore(): State {
  const { state: file } = values;
  if (file !== undefined && existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as State;
  const folder = mkdtempSync(join(tmpdir(), "hearth-soak-"));
  mkdirSync(folder, { recursive: true });
  return { folder, minutes: 0, parts: 0, requests: 0, left: 0, failed: [] };
}

function keep(): void {
  if (values.state !== undefined) writeFileSync(values.state, JSON.stringify(state));
}

async function onePart(length: number, number: number): Promise<void> {
  const engine = await startEngine();
  const journal = values.journal ?? join(state.folder, "journal.sqlite");
  const sandbox = findSandbox(state.folder) !== undefined;
  if (!sandbox) console.log("no sandbox here: no programs are run");
  const tools = sandbox ? "run_javascript,run_shell" : "none";
  const service = await startService(state.folder, engine.url, [
    "--journal",
    journal,
    "--tools",
    tools,
    "--parallel",
    "8",
    "--max-queue",
    "64",
    "--drain",
    "2",
  ]);
  const { url, pid } = service;
  const common = { count: Number(values.clients), pauseMs: Number(values.pause), sandbox };
  const atMs = performance.now();
  console.log(
    `part ${number + 1}: ${length} minutes, ${common.count} clients, journal ${values.journal ?? "SQLite"}`,
  );
  try {
    // A first load fills caches and compiles code; what is idle after it is what idle means.
    const warm = await load(url, {
      ...common,
      seed: number + 1,
      signal: AbortSignal.timeout(Math.round(Math.min(20_000, length * 15_000))),
    });
    const before = await idle(url, pid, atMs);
    const during: Sample[] = [];
    const every = Math.max(1000, Math.min(5000, length * 500));
    const look = setInterval(
      () =>
        void sample(url, pid, atMs).then(
          (one) => during.push(one),
          () => undefined,
        ),
      every,
    );
    const rest = Math.max(5000, length * 60_000 - (performance.now() - atMs));
    const tally = await load(url, {
      ...common,
      seed: number + 100,
      signal: AbortSignal.timeout(Math.round(rest)),
    });
    clearInterval(look);
    const after = await idle(url, pid, atMs);
    for (const { ok, line } of judge(before, during, after)) said(ok, line);
    const requests = warm.requests + tally.requests;
    const errors = [...warm.errors, ...tally.errors];
    const again = warm.again + tally.again;
    said(again <= requests / 200, `${again} kept connections were closed just as they were used`);
    state.requests += requests;
    state.left += warm.left + tally.left;
    said(
      errors.length === 0,
      `${requests} requests, ${errors.length} errors${errors
        .slice(0, 5)
        .map((one) => `\n       ${one}`)
        .join("")}`,
    );
    console.log(`     ${JSON.stringify(tally.byKind)}`);
    const begun = values.journal === "none" ? [] : await leaveRuns(url);
    const code = await service.stop();
    said(code === 0, `SIGTERM with ${begun.length} runs in the air: exit ${code}`);
    if (begun.length > 0) await goOn(engine.url, journal, tools, begun);
  } finally {
    await service.stop();
    engine.stop();
  }
  said(
    service.faults.length === 0,
    `${service.faults.length} faults in the log${service.faults
      .slice(0, 5)
      .map((one) => `\n       ${one}`)
      .join("")}`,
  );
}

/** Once nothing runs any more; a kept connection and a delayed timer have their time to go. */
async function idle(url: string, pid: number, atMs: number): Promise<Sample> {
  for (let i = 0; ; i++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const one = await sample(url, pid, atMs);
    if ((one.leases === 0 && one.running === 0 && one.sseClients === 0 && i >= 12) || i >= 60) return one;
  }
}

/** Runs that take longer than the service gives them when it is ended. */
async function leaveRuns(url: string): Promise<string[]> {
  const begin = async (): Promise<string> => {
    const body = JSON.stringify({ input: "Go on slowly.", background: true });
    const reply = await fetch(`${url}/agent`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    return ((await reply.json()) as { runId: string }).runId;
  };
  return Promise.all(Array.from({ length: 4 }, begin));
}

/** The next service on this journal brings them to their end by itself. */
async function goOn(engine: string, journal: string, tools: string, ids: readonly string[]): Promise<void> {
  const next = await startService(state.folder, engine, [
    "--journal",
    journal,
    "--tools",
    tools,
    "--parallel",
    "8",
    "--drain",
    "2",
  ]);
  const ended = new Set<string>();
  const atMs = performance.now();
  while (ended.size < ids.length && performance.now() - atMs < 30_000) {
    for (const id of ids) {
      const view = (await (await fetch(`${next.url}/agent/runs/${id}`)).json()) as { stopReason?: string };
      if (view.stopReason === "answer") ended.add(id);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await next.stop();
  said(
    ended.size === ids.length,
    `${ended.size} of ${ids.length} runs that were handed off came to their answer after the restart`,
  );
}
