/** Services are killed, frozen and cut from their database; `npm run prove:takeover` does it a hundred times. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { skip as noPostgres } from "../postgres/cluster.ts";
import { type Account, generator, outages, restarts, takeovers, zombies } from "../takeover/scenarios.ts";
import { tollOf } from "../takeover/toll.ts";
import { makeWorld, settled, type World } from "../takeover/world.ts";
import { skip } from "./support.ts";

async function check(world: World, account: Account, frozen = false): Promise<void> {
  const runIds = account.runs.map(({ runId }) => runId);
  assert.deepEqual(await settled(world.journal, runIds, 40_000), []);
  assert.deepEqual((await tollOf(world, account.runs, frozen)).faults, []);
  assert.ok(account.resumes.every(Number.isFinite), "not all went on");
}

test("a service that is killed goes on with its runs when it is started again", { skip }, async () => {
  await using world = await makeWorld("sqlite");
  await check(world, await restarts(world, 3, generator(1)));
});

describe("services that share a database", { skip: skip || noPostgres }, () => {
  test("go on with their runs when they are started again", async () => {
    await using world = await makeWorld("postgres");
    await check(world, await restarts(world, 2, generator(2)));
  });

  test("take over from each other, also while the database restarts", async () => {
    await using world = await makeWorld("postgres");
    await check(world, await takeovers(world, 5, generator(3)));
  });

  test("write nothing once their runs were taken over", async () => {
    await using world = await makeWorld("postgres");
    const account = await zombies(world, 2, generator(4));
    await check(world, account, true);
    assert.deepEqual([account.written, account.changed, account.well], [0, 0, true]);
  });

  test("outlive a restart of the database", async () => {
    await using world = await makeWorld("postgres");
    await check(world, await outages(world, 2, generator(5)));
  });
});
