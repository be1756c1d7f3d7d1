/** Services are killed and cut from their database; `npm run prove:takeover` does it a hundred times. */
import { describe, test } from "node:test";
import { skip as noPostgres } from "../postgres/cluster.ts";
import { check } from "../takeover/check.ts";
import { generator, outages, restarts, takeovers } from "../takeover/scenarios.ts";
import { makeWorld } from "../takeover/world.ts";
import { skip } from "./support.ts";

test("a service that is killed goes on with its runs when it is started again", { skip }, async () => {
  await using world = await makeWorld("sqlite");
  await check(world, await restarts(world, 2, generator(1)));
});

describe("services that share a database", { skip: skip || noPostgres }, () => {
  test("go on with their runs when they are started again", async () => {
    await using world = await makeWorld("postgres");
    await check(world, await restarts(world, 2, generator(2)));
  });

  test("take over from each other, also while the database restarts", async () => {
    await using world = await makeWorld("postgres");
    await check(world, await takeovers(world, 3, generator(3)));
  });

  test("outlive a restart of the database", async () => {
    await using world = await makeWorld("postgres");
    await check(world, await outages(world, 2, generator(5)));
  });
});
