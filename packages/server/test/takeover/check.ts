import assert from "node:assert/strict";
import type { Account } from "./scenarios.ts";
import { tollOf } from "./toll.ts";
import { settled, type World } from "./world.ts";

/** Nothing lost, repeated, doubled or forgotten, and everything went on. */
export async function check(world: World, account: Account, frozen = false): Promise<void> {
  const runIds = account.runs.map(({ runId }) => runId);
  assert.deepEqual(await settled(world.journal, runIds, 40_000), []);
  assert.deepEqual((await tollOf(world, account.runs, frozen)).faults, []);
  assert.ok(account.resumes.every(Number.isFinite), "not all went on");
}
