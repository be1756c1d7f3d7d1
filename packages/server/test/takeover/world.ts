/** Real `hearth serve` processes over one journal and one scripted engine, with tools that leave traces in the world. */
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Journal, type RunEvent, sqliteJournal } from "hearth";
import { postgresJournal } from "../../src/postgres/index.ts";
import { type Cluster, startCluster } from "../postgres/cluster.ts";
import {
  type Engine,
  type EngineRequest,
  end,
  type Server,
  startEngine,
  startServer,
  type Turn,
} from "../process/support.ts";

/** Steps of a run: each pays a bill and looks around, the last one answers. */
export const BILLS = 5;

const TOOLS = `import { appendFileSync, openSync, writeSync, fsyncSync, closeSync } from "node:fs";
import { join } from "node:path";
const PAID = join(import.meta.dirname, "paid");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Pay a bill. @param who whose @param bill which @effect once */
export async function pay(who: string, bill: number): Promise<string> {
  await sleep(15);
  const file = openSync(PAID, "a");
  writeSync(file, who + " " + bill + "\\n");
  fsyncSync(file);
  closeSync(file);
  await sleep(15);
  return "bill " + bill + " is paid";
}
/** Look at something. @param at what @effect none */
export async function look(at: number): Promise<string> {
  await sleep(30);
  return "saw " + at;
}
`;

interface Asked {
  who: string;
  /** Steps that the model was told of. */
  steps: number;
  atMs: number;
}

export interface World extends AsyncDisposable {
  journal: Journal;
  /** Of the database, where there is one. */
  cluster: Cluster | undefined;
  asked: readonly Asked[];
  /** Bills paid, a line each. */
  paid(): string[];
  /** Starts one more service; says when it was told to begin, and when it listened. */
  launch(): Promise<Worker>;
  /** Begins a run there; its name, and the run's id. */
  begin(worker: Worker, task?: string): Promise<{ who: string; runId: string }>;
}

export interface Worker extends Server {
  startedAtMs: number;
  listenedAtMs: number;
  /** CPU time of its start, until it listened: what the start takes where nothing else runs. */
  startCpuMs: number;
}

export interface WorldOptions {
  /** Between the pieces of an answer. Default 6. */
  gapMs?: number;
  /** Further arguments of each service. */
  args?: readonly string[];
}

export async function makeWorld(
  backend: "sqlite" | "postgres",
  { gapMs = 6, args: more = [] }: WorldOptions = {},
): Promise<World> {
  const asked: Asked[] = [];
  const engine: Engine = await startEngine((body) => turn(body, asked, gapMs));
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "hearth-takeover-")));
  const cluster = backend === "postgres" ? await startCluster() : undefined;
  const place = cluster?.database() ?? join(folder, "journal.sqlite");
  writeFileSync(join(folder, "tools.ts"), TOOLS);
  appendFileSync(join(folder, "paid"), "");
  const journal = cluster === undefined ? sqliteJournal(place) : await postgresJournal(place);
  const args = ["--engine", engine.url, "--wire", "ollama", "--model", "mock", "--workspace", folder];
  const own = ["--tool-module", join(folder, "tools.ts"), "--tools", "none", "--approve", "auto"];
  const room = ["--parallel", "16", "--max-queue", "64", "--max-steps", "12"];
  const workers = new Set<Worker>();
  let runs = 0;
  return {
    journal,
    cluster,
    asked,
    paid: () => readFileSync(join(folder, "paid"), "utf8").split("\n").filter(Boolean),
    async launch() {
      const startedAtMs = Date.now();
      // As on machines of their own: nothing but the journal and the files of the workspace is shared.
      const home = mkdtempSync(join(folder, "home-"));
      const server = await startServer([...args, ...own, ...room, "--journal", place, ...more], home);
      const worker = {
        ...server,
        ...{ startedAtMs, listenedAtMs: Date.now(), startCpuMs: cpuMsOf(server.child.pid) },
      };
      workers.add(worker);
      server.child.once("exit", () => workers.delete(worker));
      return worker;
    },
    async begin({ url }, task = "Pay all bills") {
      const who = `client-${++runs}`;
      const reply = await fetch(`${url}/agent`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ input: `${task} of ${who}.`, background: true }),
      });
      if (reply.status !== 202) throw new Error(`${reply.status} ${await reply.text()}`);
      return { who, runId: ((await reply.json()) as { runId: string }).runId };
    },
    async [Symbol.asyncDispose]() {
      for (const { child } of workers) child.kill("SIGCONT");
      await Promise.all([...workers].map(({ child }) => end(child, "SIGKILL")));
      await journal.close();
      await engine.close();
      await cluster?.[Symbol.asyncDispose]();
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** CPU time that a process has taken (/proc/PID/stat: user and system, in hundredths of a second). */
function cpuMsOf(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

function turn({ messages = [] }: EngineRequest, asked: Asked[], gapMs: number): Turn {
  const task = messages.findLast(({ role }) => role === "user")?.content;
  const who = /client-\d+/.exec(String(task))?.[0] ?? "nobody";
  const steps = messages.filter(({ role }) => role === "assistant").length;
  asked.push({ who, steps, atMs: Date.now() });
  const pace = { delayMs: 20, gapMs, textChunk: 4, callGapMs: 12 };
  if (/^Greet/.test(String(task))) return { text: `Hello, you said ${messages.length} things.` };
  if (/^Tell a story/.test(String(task))) return { text: "word ".repeat(400), gapMs, textChunk: 5 };
  if (steps >= BILLS) return { text: "All is paid.", ...pace };
  const calls = [
    { name: "pay", args: { who, bill: steps } },
    { name: "look", args: { at: steps } },
  ];
  return { text: `This is step ${steps} of some.`, calls, ...pace };
}

/** The log of a run, `[]` where there is none yet. */
export async function logOf(journal: Journal, runId: string): Promise<RunEvent[]> {
  try {
    return await journal.read(runId);
  } catch {
    return [];
  }
}

export const isOver = (log: readonly RunEvent[]): boolean => log.at(-1)?.type === "run.finished";

/** Waits until all these runs have ended; says which have not after `ms`. */
export async function settled(journal: Journal, runIds: readonly string[], ms = 60_000): Promise<string[]> {
  const until = Date.now() + ms;
  let open = [...runIds];
  while (open.length > 0 && Date.now() < until) {
    const still: string[] = [];
    for (const runId of open) if (!isOver(await logOf(journal, runId))) still.push(runId);
    open = still;
    if (open.length > 0) await sleep(50);
  }
  return open;
}
