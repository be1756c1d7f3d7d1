/**
 * Kills real `hearth serve` processes at random moments, on both journals, and looks at the world afterwards: what was repeated, lost or
 * done twice, and how soon a restart or another service went on. Then services that are frozen and go on, and a database that restarts.
 * `[KILLS [SEED]] [--backend sqlite|postgres]`; KILLS (100) is for each backend.
 */
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { skip as noPostgres } from "../packages/server/test/postgres/cluster.ts";
import { skip } from "../packages/server/test/process/support.ts";
import { delays } from "../packages/server/test/takeover/latency.ts";
import {
  type Account,
  generator,
  outages,
  restarts,
  takeovers,
  zombies,
} from "../packages/server/test/takeover/scenarios.ts";
import { tollOf } from "../packages/server/test/takeover/toll.ts";
import { makeWorld, settled, type World } from "../packages/server/test/takeover/world.ts";

/** Times the issue allows, in ms. */
const RESTART_MS = 3000;
const TAKEOVER_MS = 15_000;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { backend: { type: "string" } },
});
const [kills = 100, seed = 20261121] = positionals.map(Number);
const random = generator(seed);
let failed = 0;
function said(ok: boolean, line: string): void {
  if (!ok) failed++;
  console.log(`${ok ? "ok  " : "FAIL"} ${line}`);
}

if (skip !== false || noPostgres !== false) {
  console.log(`skipped: ${skip || noPostgres}`);
  process.exit(1);
}
if (values.backend !== "postgres")
  await inWorld("sqlite", async (world) => {
    const account = await restarts(world, kills, random);
    await report(world, "SQLite, restarted", account, RESTART_MS);
  });
if (values.backend !== "sqlite") {
  const half = Math.ceil(kills / 2);
  await inWorld("postgres", async (world) => {
    const account = await restarts(world, half, random);
    await report(world, "PostgreSQL, restarted", account, RESTART_MS);
  });
  await inWorld("postgres", async (world) => {
    const account = await takeovers(world, kills - half, random);
    await report(world, "PostgreSQL, taken over by another", account, TAKEOVER_MS);
  });
  await inWorld("postgres", async (world) => {
    const account = await zombies(world, Math.max(2, Math.round(kills / 20)), random);
    await report(world, "PostgreSQL, frozen and taken over", account, TAKEOVER_MS, true);
    said(
      account.written + account.changed === 0 && account.well,
      `woken again, they wrote ${account.written} batches into runs of others and changed ${account.changed} logs; ${account.well ? "all" : "not all"} drive new runs`,
    );
  });
  await inWorld("postgres", async (world) => {
    const account = await outages(world, Math.max(2, Math.round(kills / 20)), random);
    await report(world, "PostgreSQL, the database restarted", account, Number.POSITIVE_INFINITY);
  });
  await inWorld("postgres", async (world) => {
    const [driver, other] = [await world.launch(), await world.launch()];
    const { neighbour, tables } = await delays(world, driver, other, 2);
    for (const [how, { p50, p99, count }] of Object.entries({
      "from the service that drives": neighbour,
      "from the tables": tables,
    }))
      said(count > 100, `events of another service, ${how}: p50 ${p50} ms, p99 ${p99} ms (${count} events)`);
  });
}
if (busy())
  console.log(
    `this machine is busy (load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores): a new process waits for its turn several times`,
  );
process.exitCode = failed === 0 ? 0 : 1;

function busy(): boolean {
  return (loadavg()[0] ?? 0) > availableParallelism();
}

async function inWorld(backend: "sqlite" | "postgres", body: (world: World) => Promise<void>): Promise<void> {
  await using world = await makeWorld(backend);
  await body(world);
}

async function report(
  world: World,
  name: string,
  account: Account,
  boundMs: number,
  frozen = false,
): Promise<void> {
  await settled(
    world.journal,
    account.runs.map(({ runId }) => runId),
  );
  const toll = await tollOf(world, account.runs, frozen);
  const times = account.resumes.sort((a, b) => a - b);
  const most = times.at(-1) ?? 0;
  const { lost, repeatedSteps, twice, forgotten, faults } = toll;
  said(
    faults.length === 0,
    `${name} ${account.kills} times, ${toll.runs} runs: ${repeatedSteps} finished steps repeated, ${lost} runs lost, ${twice} \`once\` calls run twice, ${forgotten} forgotten`,
  );
  if (frozen) console.log(`     ${toll.strays} questions to the model by services that had lost their run`);
  for (const fault of faults.slice(0, 10)) console.log(`     ${fault}`);
  if (times.length === 0) return;
  const took = `${times.length} runs went on after ${times[times.length >> 1]} ms in the middle, ${most} ms at most (allowed: ${boundMs})`;
  if (account.lean === undefined || most <= boundMs || !busy()) return said(most <= boundMs, took);
  // Where each core is wanted by several, the clock tells of them.
  const lean = Math.max(...account.lean);
  said(lean <= boundMs, `${took}; on this busy machine: with the CPU time of the start, ${lean} ms at most`);
}
