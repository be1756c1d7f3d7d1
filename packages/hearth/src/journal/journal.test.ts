import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { JournalError, type JsonObject, type RunEvent, StaleWriterError } from "../protocol/index.ts";
import { memoryJournal, sqliteJournal } from "./index.ts";
import { type Journal, LOCAL_TENANT, type RunFilter } from "./types.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-journal-"));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newFile = (): string => join(folder, `j${files++}`, "runs.sqlite");
const backends: Record<string, (now: () => number) => Journal> = {
  memory: memoryJournal,
  sqlite: (now) => sqliteJournal(newFile(), { now }),
};

const delta = (seq: number): RunEvent => ({
  seq,
  runId: "r",
  time: "2026-01-01T00:00:00.000Z",
  type: "text.delta",
  text: `${seq}`,
});
const started: RunEvent = {
  ...{ seq: 1, runId: "r", time: "2026-01-01T00:00:00.000Z" },
  ...{ type: "run.started", task: "t", model: "m", engine: "e", tools: [], toolSchemas: [], settings: {} },
};

/** What every journal must do; each backend passes the same cases. */
for (const [name, make] of Object.entries(backends)) {
  describe(`journal in ${name}`, () => {
    let time = 0;
    const open = (): Journal => make(() => time);

    test("gives back what was appended, from any place on", async () => {
      const journal = open();
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
      const journal = open();
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
      const journal = open();
      const lease = await journal.acquire("r", "a", 1000);
      await assert.rejects(async () => journal.append(lease, 1, [delta(2)]), StaleWriterError);
      await assert.rejects(async () => journal.append(lease, 0, [delta(2)]), StaleWriterError);
      assert.deepEqual(await journal.read("r"), []);
    });

    test("a living owner keeps the run, a dead one loses it, and then writes no more", async () => {
      const journal = open();
      time = 0;
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
      const journal = open();
      await journal.release(await journal.acquire("r", "a", 1_000_000));
      assert.equal((await journal.acquire("r", "b", 1000)).owner, "b");
    });

    test("signals come to the driver once, in order", async () => {
      const journal = open();
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
      const journal = open();
      await journal.acquire("r", "a", 1000);
      await journal.putArtifact("r", "big", "x".repeat(100_000));
      assert.equal((await journal.getArtifact("r", "big"))?.length, 100_000);
      assert.equal(await journal.getArtifact("r", "none"), undefined);
    });

    test("the list tells what ran and how it ended", async () => {
      const journal = open();
      const lease = await journal.acquire("r", "a", 1000);
      const end: RunEvent = {
        ...{ seq: 2, runId: "r", time: "2026-01-01T00:00:01.000Z", type: "run.finished" },
        ...{ stopReason: "answer", text: "x", steps: 1, usage: { input: 1, output: 1 } },
      };
      await journal.append(lease, 0, [started, end]);
      assert.deepEqual(await journal.list(), [
        { runId: "r", task: "t", model: "m", startedAt: started.time, lastSeq: 2, stopReason: "answer" },
      ]);
    });

    test("an unknown run is an error", async () => {
      await assert.rejects(async () => open().read("nobody"), JournalError);
    });
  });
}

test("a second process sees what the first wrote, and the file is private", async () => {
  const file = newFile();
  const first = sqliteJournal(file);
  await first.append(await first.acquire("r", "a", 1000), 0, [started]);
  const second = sqliteJournal(file);
  assert.equal((await second.read("r")).length, 1);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await first.close();
  await second.close();
});

test("a file that is no journal is named with a remedy", () => {
  const file = join(folder, "junk.sqlite");
  writeFileSync(file, "not a database ".repeat(100));
  assert.throws(
    () => sqliteJournal(file),
    (error) =>
      error instanceof JournalError && error.message.includes(file) && /--journal/.test(error.remedy ?? ""),
  );
});
