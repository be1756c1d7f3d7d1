/**
 * `npm run prove:queue`: the scheduler's own decisions in simulated time beside first come first served and llama-swap's policy, its fairness
 * and its cap; then (unless --simulated) over HTTP, how soon a full line says no, and how soon who leaves is out of line or off the engine.
 */
import { boundsOf, DEFAULT_LIMITS, EMPTY, type Limits } from "../packages/server/src/scheduler/index.ts";
import { fixture, lightAndHeavy } from "../packages/server/test/queue/fixture.ts";
import { collate, fifo, hearth } from "../packages/server/test/queue/policies.ts";
import {
  type Job,
  type Machine,
  type Outcome,
  type Policy,
  percentile,
  simulate,
} from "../packages/server/test/queue/world.ts";
import { proveHttp } from "./queue/http.ts";

const SEEDS = [1, 2, 3, 4, 5];
const LOADS_MS = [3000, 8000, 20_000];
const CALLS = 1000;
const SPAN_MS = 1_180_000;
const FOREVER_MS = 1e9;

let failed = false;
const said = (ok: boolean, line: string): void => {
  failed ||= !ok;
  console.log(`${ok ? "ok  " : "FAIL"} ${line}`);
};
const s = (ms: number): string => (ms / 1000).toFixed(1);
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

const limits: Limits = {
  ...DEFAULT_LIMITS,
  parallel: 4,
  maxQueue: 100_000,
  queueTimeoutMs: FOREVER_MS,
  canLoad: false,
};
const machineFor = (loadMs: number): Machine => ({
  parallel: 4,
  maxLoaded: 1,
  loadMs,
  coldMs: 1200,
  warmMs: 100,
});
const jobsOf = (seed: number): Job[] =>
  fixture({ seed, calls: CALLS, models: ["A", "B", "C"], spanMs: SPAN_MS, runs: 0.3, cancelled: 0.05 });

/** What the scheduler allows itself once it knows what a load takes. */
function boundFor(loadMs: number): number {
  return boundsOf({ ...EMPTY, learned: new Map([["A", { loadMs }]]) }, 0, limits).maxWaitMs;
}

const longestWait = ({ served }: Outcome): number => Math.max(...served.map(({ waitMs }) => waitMs));

function row(name: string, outcomes: readonly Outcome[]): string {
  const waits = outcomes.flatMap(({ served }) => served.map(({ waitMs }) => waitMs));
  const cells = [
    mean(outcomes.map(({ swaps }) => swaps)).toFixed(1),
    s(mean(outcomes.map(({ makespanMs }) => makespanMs))),
    s(percentile(waits, 0.5)),
    s(percentile(waits, 0.95)),
    s(Math.max(...waits)),
    `${Math.round(100 * (1 - mean(outcomes.map(({ cold, served }) => cold / served.length))))} %`,
  ];
  return `| ${name} | ${cells.join(" | ")} |`;
}

function compare(): void {
  console.log(
    `\n${CALLS} calls over ${s(SPAN_MS)} s, ${SEEDS.length} seeds; seconds; warm: answers that found their prompt in the cache`,
  );
  console.log(
    "| load, policy | swaps | makespan | wait p50 | p95 | longest | warm |\n|---|---|---|---|---|---|---|",
  );
  const checks: (() => void)[] = [];
  for (const loadMs of LOADS_MS) {
    const machine = machineFor(loadMs);
    const all = (policy: () => Policy): Outcome[] =>
      SEEDS.map((seed) => simulate(jobsOf(seed), machine, policy));
    const [first, peer, ours] = [all(fifo(machine)), all(collate(machine)), all(hearth(limits))];
    console.log(row(`${s(loadMs)} s, first come first served`, first));
    console.log(row(`${s(loadMs)} s, collation (llama-swap)`, peer));
    console.log(row(`${s(loadMs)} s, Hearth`, ours));
    checks.push(() => judge(loadMs, first, peer, ours));
  }
  for (const check of checks) check();
}

function judge(loadMs: number, first: Outcome[], peer: Outcome[], ours: Outcome[]): void {
  const least = (ratio: (own: Outcome, i: number) => number): number => Math.min(...ours.map(ratio));
  const swaps = least((own, i) => first[i]!.swaps / own.swaps);
  const makespan = least((own, i) => first[i]!.makespanMs / own.makespanMs);
  const collated = least((own, i) => peer[i]!.swaps / own.swaps);
  const overCap = ours.reduce((sum, one) => sum + one.overCap, 0);
  const evicted = ours.reduce((sum, one) => sum + one.evictedActive, 0);
  const at = `load ${s(loadMs)} s, each of ${SEEDS.length} seeds`;
  said(
    overCap === 0 && evicted === 0,
    `${at}: ${overCap} times over a cap of slots or models, ${evicted} evictions of active or loading models`,
  );
  said(swaps >= 10, `${at}: ${swaps.toFixed(1)} times fewer swaps than first come first served, at least`);
  said(makespan >= 3, `${at}: makespan ${makespan.toFixed(2)} times shorter, at least`);
  said(collated >= 1, `${at}: ${collated.toFixed(2)} times fewer swaps than collation, at least`);
  const bound = boundFor(loadMs);
  const over = ours.filter((one) => longestWait(one) > bound + loadMs + one.longestCallMs).length;
  const worst = Math.max(...ours.map(longestWait));
  const refused = ours.reduce((sum, one) => sum + one.refused, 0);
  said(
    over === 0 && refused === 0,
    `${at}: longest wait ${s(worst)} s, bound ${s(bound)} s + one load + the longest call (${s(Math.max(...ours.map(({ longestCallMs }) => longestCallMs)))} s); ${refused} turned away`,
  );
}

/** How a run keeps its place at the model between two of its calls. */
function keeping(): void {
  console.log("\nWhat a run keeps between its calls (load 8 s)");
  console.log(
    "| it keeps | swaps | makespan | wait p50 | p95 | longest | warm |\n|---|---|---|---|---|---|---|",
  );
  const machine = machineFor(8000);
  const rows: [string, number][] = [
    ["its slot, to its end", FOREVER_MS],
    ["nothing", 0],
    ["its slot for 1 s", 1000],
    ["its slot for 2 s", 2000],
  ];
  for (const [name, lingerMs] of rows) {
    const policy = hearth({ ...limits, lingerMs });
    console.log(
      row(
        name,
        SEEDS.map((seed) => simulate(jobsOf(seed), machine, policy)),
      ),
    );
  }
}

function fairness(): void {
  console.log("\nA light key beside one that sends 20 times as much: p95 of its whole time in seconds");
  const cases: [name: string, models: string[], everyMs: (loadMs: number) => number, spanMs: number][] = [
    ["one model, the GPU 9/10 busy", ["A"], () => 19_000, 3_600_000],
    ["one model, more than the GPU can do", ["A"], () => 12_000, 1_200_000],
    ["three models", ["A", "B", "C"], (loadMs) => Math.max(40_000, 5 * loadMs), 3_600_000],
  ];
  for (const [name, models, everyMs, spanMs] of cases)
    for (const loadMs of LOADS_MS) {
      const machine = machineFor(loadMs);
      const pairs = SEEDS.map((seed) =>
        lightAndHeavy({ seed, models, everyMs: everyMs(loadMs), spanMs, times: 20 }),
      );
      const p95 = (which: "alone" | "both", policy: () => Policy): number => {
        const served = pairs.flatMap((pair) => simulate(pair[which], machine, policy).served);
        const own = served.filter(({ job }) => job.tenant === "light");
        return percentile(
          own.map(({ totalMs }) => totalMs),
          0.95,
        );
      };
      const by = p95("alone", hearth(limits, true));
      const beside = p95("both", hearth(limits, true));
      const others = [fifo(machine), collate(machine)].map((policy) => s(p95("both", policy)));
      said(
        beside <= 2 * by,
        `${name}, load ${s(loadMs)} s: ${s(by)} alone, ${s(beside)} beside (${(beside / by).toFixed(2)} ×); first come first served ${others[0]}, collation ${others[1]}`,
      );
    }
}

/** Everybody at once: what does not fit is told so, and the line never holds more. */
function cap(): void {
  const maxQueue = 32;
  const machine = machineFor(8000);
  const jobs = jobsOf(1).map((job) => ({ ...job, at: Math.floor(job.at / 50) }));
  const places = limits.parallel + maxQueue;
  let most = 0;
  const counting = (): Policy => {
    const policy = hearth({ ...limits, maxQueue })();
    const inside = new Set<number>();
    return {
      ...policy,
      ask(call, now) {
        const orders = policy.ask(call, now);
        if (!orders.some((order) => order.type === "refuse" && order.id === call.id)) inside.add(call.job.id);
        most = Math.max(most, inside.size);
        return orders;
      },
      end(call, ok, last, now) {
        if (last) inside.delete(call.job.id);
        return policy.end(call, ok, last, now);
      },
      drop(call, now) {
        inside.delete(call.job.id);
        return policy.drop(call, now);
      },
    };
  };
  const outcome = simulate(jobs, machine, counting);
  const { overCap, evictedActive, refused } = outcome;
  said(
    most <= places && refused > 0 && overCap === 0 && evictedActive === 0,
    `${jobs.length} questions and runs within ${s(SPAN_MS / 50)} s, cap ${places}: never more than ${most} in, ${refused} told to come back, ${overCap} over the slots, ${evictedActive} evictions of active or loading models`,
  );
}

compare();
keeping();
fairness();
cap();
if (!process.argv.includes("--simulated")) await proveHttp(said);
process.exitCode = failed ? 1 : 0;
