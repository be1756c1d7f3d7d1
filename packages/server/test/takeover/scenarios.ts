/** Kills, freezes and restarts at random moments, as the proof and the test tell them to. */
import { setTimeout as sleep } from "node:timers/promises";
import type { PostgresJournal } from "../../src/postgres/index.ts";
import { end } from "../process/support.ts";
import { resumedAfter } from "./toll.ts";
import { isOver, logOf, type Worker, type World } from "./world.ts";

export type Run = Awaited<ReturnType<World["begin"]>>;

/** What came of it; times in ms, from the moment somebody could have gone on to `run.resumed`. */
export interface Account {
  runs: Run[];
  kills: number;
  resumes: number[];
  /** The same of restarts, with the CPU time of the start in place of its time on the clock: what it takes where nothing else runs. */
  lean?: number[];
}

/** Runs kept in flight. */
const CROWD = 4;
/** A little more than a run takes, so that its last moments are met too. */
const RUN_MS = 900;
/** A takeover is given up after this. */
const PATIENCE_MS = 40_000;

/** Park and Miller's generator: the same moments for the same seed. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** One service is killed and started again, so many times; now and then while it has hardly begun again. */
export async function restarts(world: World, kills: number, random: () => number): Promise<Account> {
  const account = { runs: [] as Run[], kills: 0, resumes: [] as number[], lean: [] as number[] };
  let worker = await world.launch();
  let hasty = false;
  while (account.kills < kills) {
    await crowd(world, account, [worker]);
    await sleep(random() * RUN_MS);
    const open = await openOf(world, account);
    await end(worker.child, "SIGKILL");
    account.kills++;
    worker = await world.launch();
    hasty = !hasty && random() < 0.25;
    if (hasty) await sleep(random() * 300);
    else {
      const { startedAtMs, listenedAtMs, startCpuMs } = worker;
      const times = await awaitResumed(world, open, startedAtMs);
      account.resumes.push(...times);
      const startMs = listenedAtMs - startedAtMs;
      account.lean.push(...times.map((time) => Math.max(0, time - startMs) + startCpuMs));
      // A run that gets nowhere three times in a row is left for a person: on a slow machine kills alone must not bring that about.
      await awaitStep(world, open);
    }
  }
  return account;
}

/** Of two services one is killed, the other takes over; at every third the database is restarted in the middle of that. */
export async function takeovers(world: World, kills: number, random: () => number): Promise<Account> {
  const account: Account = { runs: [], kills: 0, resumes: [] };
  const workers = [await world.launch(), await world.launch()];
  while (account.kills < kills) {
    await crowd(world, account, workers);
    await sleep(random() * RUN_MS);
    const which = random() < 0.5 ? 0 : 1;
    const victims = await drivenBy(world, workers[which]!, workers);
    await end(workers[which]!.child, "SIGKILL");
    const killedAt = Date.now();
    account.kills++;
    if (account.kills % 3 === 0) {
      await sleep(random() * 1500);
      await world.cluster?.restart(random() * 500);
    }
    account.resumes.push(...(await awaitResumed(world, victims, killedAt)));
    await awaitStep(world, victims);
    workers[which] = await world.launch();
  }
  return account;
}

export interface Frozen extends Account {
  /** Batches that a service wrote into a run after another one had taken it. */
  written: number;
  /** Logs that were other after it had woken than before, of runs that were over. */
  changed: number;
  /** Whether it works again. */
  well: boolean;
}

/** A service is frozen, its runs are taken over, it goes on: every other time while they are still driven elsewhere. */
export async function zombies(world: World, times: number, random: () => number): Promise<Frozen> {
  const account: Frozen = { runs: [], kills: 0, resumes: [], written: 0, changed: 0, well: true };
  const workers = [await world.launch(), await world.launch()];
  for (let i = 0; i < times; i++) {
    await crowd(world, account, workers);
    await sleep(random() * RUN_MS);
    const zombie = workers[i % 2]!;
    const victims = await drivenBy(world, zombie, workers);
    zombie.child.kill("SIGSTOP");
    const frozenAt = Date.now();
    account.kills++;
    account.resumes.push(...(await awaitResumed(world, victims, frozenAt)));
    const late = i % 2 === 1;
    if (late) await over(world, victims);
    const before = late ? await Promise.all(victims.map((run) => logOf(world.journal, run))) : [];
    zombie.child.kill("SIGCONT");
    await sleep(1500);
    const after = late ? await Promise.all(victims.map((run) => logOf(world.journal, run))) : [];
    account.changed += before.filter((log, k) => JSON.stringify(log) !== JSON.stringify(after[k])).length;
    const run = await world.begin(zombie);
    account.runs.push(run);
    await over(world, [run.runId]);
    account.well &&= isOver(await logOf(world.journal, run.runId));
  }
  account.written = await writtenLate(world);
  return account;
}

/** The database is restarted in the middle of runs. */
export async function outages(world: World, times: number, random: () => number): Promise<Account> {
  const account: Account = { runs: [], kills: 0, resumes: [] };
  const workers = [await world.launch(), await world.launch()];
  for (let i = 0; i < times; i++) {
    await crowd(world, account, workers);
    await sleep(random() * RUN_MS);
    await world.cluster?.restart(random() * 3000);
    account.kills++;
  }
  return account;
}

/** Begins runs until there are enough in flight. */
async function crowd(world: World, account: Account, workers: readonly Worker[]): Promise<void> {
  const open = await openOf(world, account);
  for (let i = open.length; i < CROWD; i++)
    account.runs.push(await world.begin(workers[i % workers.length]!));
}

async function openOf(world: World, { runs }: Account): Promise<string[]> {
  const open: string[] = [];
  // Those of long ago have ended, or are found at the end.
  for (const { runId } of runs.slice(-4 * CROWD)) {
    const log = await logOf(world.journal, runId);
    if (log.length > 0 && !isOver(log)) open.push(runId);
  }
  return open;
}

/** The runs that a service drives now; told by the number of its process in the owner's name. */
async function drivenBy(world: World, worker: Worker, workers: readonly Worker[]): Promise<string[]> {
  const journal = databaseOf(world);
  const text = "SELECT run_id, owner FROM hearth.runs WHERE stop_reason IS NULL AND owner IS NOT NULL";
  const { rows } = await journal.query("read", text);
  const mine = rows.filter(({ owner }) => String(owner).split("/")[1] === String(worker.child.pid));
  if (workers.length < 2) throw new Error("Nobody is there to take over.");
  return mine.map((row) => String(row["run_id"]));
}

/** How long it took until each of these went on; those that had ended just before count for nothing. */
async function awaitResumed(world: World, runIds: readonly string[], fromMs: number): Promise<number[]> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const times: number[] = [];
    let waits = false;
    for (const runId of runIds) {
      const [time = Number.POSITIVE_INFINITY] = await resumedAfter(world, [runId], fromMs);
      const ended = isOver(await logOf(world.journal, runId));
      if (Number.isFinite(time)) times.push(time);
      else waits ||= !ended;
    }
    if (!waits) return times;
    if (Date.now() > until) return [...times, Number.POSITIVE_INFINITY];
    await sleep(20);
  }
}

/** Waits until each of these has come a step further since it was last taken up, or has ended. */
async function awaitStep(world: World, runIds: readonly string[]): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (const runId of runIds)
    for (;;) {
      const log = await logOf(world.journal, runId);
      const resumed = log.findLastIndex(({ type }) => type === "run.resumed");
      if (isOver(log) || log.findLastIndex(({ type }) => type === "step.finished") > resumed) break;
      if (Date.now() > until) return;
      await sleep(20);
    }
}

async function over(world: World, runIds: readonly string[]): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (const runId of runIds)
    while (!isOver(await logOf(world.journal, runId)) && Date.now() < until) await sleep(20);
}

/** Each batch bears the epoch of its writer: one that is older than the batch before was written by somebody who had lost the run. */
async function writtenLate(world: World): Promise<number> {
  const text = `SELECT count(*) AS late FROM (
    SELECT epoch < max(epoch) OVER (PARTITION BY run_id ORDER BY last_seq) AS late FROM hearth.batches) AS b WHERE late`;
  return Number((await databaseOf(world).query("read", text)).rows[0]?.["late"]);
}

function databaseOf({ journal }: World): PostgresJournal {
  if (!("database" in journal)) throw new Error("This takes a database.");
  return journal as PostgresJournal;
}
