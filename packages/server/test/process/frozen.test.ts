/** A service is frozen, loses its runs, and wakes up; `npm run prove:takeover` does it more often. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { skip as noPostgres } from "../postgres/cluster.ts";
import { check } from "../takeover/check.ts";
import { generator, zombies } from "../takeover/scenarios.ts";
import { makeWorld } from "../takeover/world.ts";
import { skip } from "./support.ts";

test("a frozen service writes nothing once its runs were taken over, and works when it wakes", {
  skip: skip || noPostgres,
}, async () => {
  await using world = await makeWorld("postgres");
  const account = await zombies(world, 2, generator(4));
  await check(world, account, true);
  assert.deepEqual([account.written, account.changed, account.well], [0, 0, true]);
});
