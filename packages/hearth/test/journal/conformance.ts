/** What every journal must do: the same cases for memory, a file and a database. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Journal,
  JournalError,
  type JsonObject,
  LOCAL_TENANT,
  letGo,
  newOwner,
  type RunEvent,
  type RunFilter,
  StaleWriterError,
} from "hearth";

type Make = (now: () => number) => Journal | Promise<Journal>;

export const delta = (seq: number): RunEvent => ({
  seq,
  runId: "r",
  time: "2026-01-01T00:00:00.000Z",
  type: "text.delta",
  text: `${seq}`,
});
export const started = {
  ...{ seq: 1, runId: "r", time: "2026-01-01T00:00:00.000Z", type: "run.started" as const },
  ...{ task: "t", model: "m", engine: "e", tools: [], toolSchemas: [], settings: {} },
} satisfies RunEvent;
const finished = (seq: number, stopReason: "answer" | "waiting" = "answer", day = 1): RunEvent => ({
  ...{ seq, runId: "r", time: `2026-01-0${day}T00:00:01.000Z`, type: "run.finished" },
  ...{ stopReason, text: "x", steps: 1, usage: { input: 1, output: 1 } },
});
const DAY = 86_400_000;

/** `make` gives an empty journal whose time is what `now` says. */
export function conformance(name: string, make: Make, options: { skip?: string | false } = {}): void {
  describe(`journal in ${name}`, options, () => {
    let time = 0;
    const open = async (): Promise<Journal> => {
      time = 0;
      return make(() => time);
    };
    test("gives back what was appended, from any place on", async () => {
      const journal = await open();
      const lease = await journal.acquire("r", "a", 1000);
      await journal.append(lease, 0, [started, delta(2), delta(3)]);
      await journal.append(lease, 3, [delta(4)]);
      assert.deepEqual(await journal.read("r"), [started, delta(2), delta(3), delta(4)]);
      assert.deepEqual(
        (await journal.read("r", 2)).map((event) => event.seq),
        [3, 4],
      );
      assert.deepEqual(await journal.read("r", 9), []);
    });

    test("lists the newest runs of one tenant; runs that name none are the local one's", async () => {
      const journal = await open();
      const begin = async (runId: string, at: number, settings: JsonObject): Promise<void> => {
        const time = new Date(at).toISOString();
        const lease = await journal.acquire(runId, "a", 1000);
        await journal.append(lease, 0, [{ ...started, runId, time, settings }]);
      };
      await begin("r1", 1000, {});
      await begin("r2", 2000, { tenant: "blue" });
      await begin("r3", 3000, { tenant: LOCAL_TENANT });
      await begin("r4", 4000, { tenant: "blue" });
      await begin("r5", 5000, { tenant: 7 });
      const cases: [RunFilter | undefined, string[]][] = [
        [undefined, ["r5", "r4", "r3", "r2", "r1"]],
        [{ tenant: "blue" }, ["r4", "r2"]],
        [{ tenant: LOCAL_TENANT }, ["r5", "r3", "r1"]],
        [{ tenant: "red" }, []],
        [{ tenant: "" }, []],
        [{ limit: 2 }, ["r5", "r4"]],
        [{ tenant: LOCAL_TENANT, limit: 2 }, ["r5", "r3"]],
        [{ runId: "r2", tenant: "blue" }, ["r2"]],
        [{ runId: "r2", tenant: LOCAL_TENANT }, []],
        [{ runId: "r9" }, []],
      ];
      for (const [which, wanted] of cases)
        assert.deepEqual(
          (await journal.list(which)).map((run) => run.runId),
          wanted,
          JSON.stringify(which),
        );
      assert.deepEqual(
        (await journal.list()).map((run) => run.tenant),
        [undefined, "blue", undefined, "blue", undefined],
      );
    });

    test("refuses a gap, and keeps nothing of it", async () => {
      const journal = await open();
      const lease = await journal.acquire("r", "a", 1000);
      await assert.rejects(async () => journal.append(lease, 1, [delta(2)]), StaleWriterError);
      await assert.rejects(async () => journal.append(lease, 0, [delta(2)]), StaleWriterError);
      assert.deepEqual(await journal.read("r"), []);
    });

    test("a living owner keeps the run, a dead one loses it, and then writes no more", async () => {
      const journal = await open();
      const first = await journal.acquire("r", "a", 1000);
      await journal.append(first, 0, [started]);
      await assert.rejects(async () => journal.acquire("r", "b", 1000), JournalError);
      time = 1001;
      const second = await journal.acquire("r", "b", 1000);
      await assert.rejects(async () => journal.append(first, 1, [delta(2)]), StaleWriterError);
      await assert.rejects(async () => journal.renew(first, 1000), StaleWriterError);
      await journal.append(second, 1, [delta(2)]);
      assert.equal((await journal.read("r")).length, 2);
    });

    test("a run let go is free at once", async () => {
      const journal = await open();
      await journal.release(await journal.acquire("r", "a", 1_000_000));
      assert.equal((await journal.acquire("r", "b", 1000)).owner, "b");
    });

    test("signals come to the driver once, in order", async () => {
      const journal = await open();
      const lease = await journal.acquire("r", "a", 1000);
      await journal.send("r", { kind: "cancel", by: "x" });
      await journal.send("r", { kind: "approval", callId: "c", decision: "approve", by: "y" });
      assert.deepEqual(
        (await journal.receive(lease)).map((signal) => signal.kind),
        ["cancel", "approval"],
      );
      assert.deepEqual(await journal.receive(lease), []);
    });

    test("artifacts are kept", async () => {
      const journal = await open();
      await journal.acquire("r", "a", 1000);
      await journal.putArtifact("r", "big", "x".repeat(100_000));
      assert.equal((await journal.getArtifact("r", "big"))?.length, 100_000);
      assert.equal(await journal.getArtifact("r", "none"), undefined);
    });

    test("the list tells what ran and how it ended, newest first", async () => {
      const journal = await open();
      const lease = await journal.acquire("r", "a", 1000);
      await journal.append(lease, 0, [started, finished(2)]);
      assert.deepEqual(await journal.list(), [
        { runId: "r", task: "t", model: "m", startedAt: started.time, lastSeq: 2, stopReason: "answer" },
      ]);
      const later = { ...started, runId: "s", time: "2026-01-02T00:00:00.000Z" };
      await journal.append(await journal.acquire("s", "a", 1000), 0, [later]);
      assert.deepEqual(
        (await journal.list()).map(({ runId, stopReason }) => [runId, stopReason]),
        [
          ["s", undefined],
          ["r", "answer"],
        ],
      );
    });

    test("a run that goes on has no end any more", async () => {
      const journal = await open();
      const lease = await journal.acquire("r", "a", 1000);
      await journal.append(lease, 0, [started, finished(2, "waiting")]);
      const { time: at } = started;
      await journal.append(lease, 2, [{ seq: 3, runId: "r", time: at, type: "run.resumed" }]);
      assert.equal((await journal.list())[0]?.stopReason, undefined);
    });

    test("texts come back as they were, with NUL and half a character", async () => {
      const journal = await open();
      const lease = await journal.acquire("r", "a", 1000);
      const text = "a\0b \ud83d c 漢字 🔥";
      const events: RunEvent[] = [{ ...started, task: text } as RunEvent, { ...delta(2), text } as RunEvent];
      await journal.append(lease, 0, events);
      assert.deepEqual(await journal.read("r"), events);
      await journal.putArtifact("r", "x", text.toWellFormed());
      assert.equal(await journal.getArtifact("r", "x"), text.toWellFormed());
      await journal.send("r", { kind: "steer", text, by: "x" });
      assert.deepEqual(await journal.receive(lease), [{ kind: "steer", text, by: "x" }]);
      assert.equal((await journal.list()).length, 1);
    });

    test("a driver of this process that has let go loses the run at once, one that has not keeps it", async () => {
      const journal = await open();
      const first = newOwner();
      await journal.acquire("r", first, DAY);
      await assert.rejects(async () => journal.acquire("r", newOwner(), DAY), JournalError);
      letGo(first);
      assert.equal((await journal.acquire("r", newOwner(), DAY)).epoch, 2);
    });

    test("only the newest driver hears signals and lets go", async () => {
      const journal = await open();
      const first = await journal.acquire("r", "a", 1000);
      time = 1001;
      const second = await journal.acquire("r", "b", 1000);
      await journal.send("r", { kind: "cancel", by: "x" });
      await assert.rejects(async () => journal.receive(first), StaleWriterError);
      await assert.rejects(async () => journal.release(first), StaleWriterError);
      assert.equal((await journal.receive(second)).length, 1);
    });

    test("of many writers at once one goes on, and the log has no gap", async () => {
      const journal = await open();
      const lease = await journal.acquire("r", "a", 1000);
      await journal.append(lease, 0, [started]);
      const tries = Array.from({ length: 8 }, async () => journal.append(lease, 1, [delta(2), delta(3)]));
      const results = await Promise.allSettled(tries);
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
      for (const result of results)
        if (result.status === "rejected") assert.ok(result.reason instanceof StaleWriterError);
      assert.deepEqual(await journal.read("r"), [started, delta(2), delta(3)]);
    });

    test("of many that want a run at once one gets it", async () => {
      const journal = await open();
      const owners = Array.from({ length: 8 }, (_, i) => `owner ${i}`);
      const results = await Promise.allSettled(
        owners.map(async (owner) => journal.acquire("r", owner, 1000)),
      );
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    });

    test("what is over is removed by age, what waits or is driven stays", async () => {
      const journal = await open();
      time = Date.parse("2026-01-01T00:00:00.000Z");
      for (const [runId, stop] of [
        ["over", "answer"],
        ["waits", "waiting"],
        ["driven", "answer"],
      ] as const) {
        const lease = await journal.acquire(runId, "a", DAY);
        await journal.append(lease, 0, [
          { ...started, runId },
          { ...finished(2, stop), runId },
        ]);
        await journal.putArtifact(runId, "x", "kept");
        if (runId !== "driven") await journal.release(lease);
      }
      assert.deepEqual(await journal.listArtifacts("over"), ["x"]);
      time += 2 * DAY;
      assert.equal(await journal.prune({ maxAgeMs: 3 * DAY }), 0);
      assert.equal(await journal.prune({ maxAgeMs: DAY }), 1);
      assert.deepEqual((await journal.list()).map(({ runId }) => runId).sort(), ["driven", "waits"]);
      assert.equal(await journal.remove(["waits", "driven", "nobody"]), 1);
      await assert.rejects(async () => journal.read("waits"), JournalError);
      assert.equal(await journal.getArtifact("waits", "x"), undefined);
    });

    test("an unknown run is an error", async () => {
      await assert.rejects(async () => (await open()).read("nobody"), JournalError);
    });
  });
}
