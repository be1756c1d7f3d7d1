/** The journal on a real PostgreSQL: the suite of all journals, then what only a database can meet. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { JournalDamagedError, JournalError, type RunEvent, StaleWriterError } from "hearth";
import { conformance, delta, started } from "../../../hearth/test/journal/conformance.ts";
import {
  DatabaseRefusedError,
  DatabaseUnreachableError,
  type PostgresJournal,
  type PostgresOptions,
  postgresJournal,
} from "../../src/postgres/index.ts";
import { type Cluster, PASSWORD, skip, startCluster } from "../postgres/cluster.ts";

let cluster: Cluster;
let url = "";
let schemas = 0;
const opened: PostgresJournal[] = [];

async function open(options: PostgresOptions = {}): Promise<PostgresJournal> {
  const journal = await postgresJournal(url, options);
  opened.push(journal);
  return journal;
}

before(async () => {
  if (skip !== false) return;
  cluster = await startCluster();
  url = cluster.database();
});
after(async () => {
  await Promise.all(opened.map((journal) => journal.close()));
  await cluster?.[Symbol.asyncDispose]();
});

conformance("PostgreSQL", (now) => open({ now, schema: `s${schemas++}` }), { skip });

describe("a journal in PostgreSQL", { skip }, () => {
  test("processes that open a new database at once make its tables once", async () => {
    const schema = `s${schemas++}`;
    const journals = await Promise.all(Array.from({ length: 6 }, () => open({ schema })));
    const lease = await journals[0]!.acquire("r", "a", 1000);
    await journals[0]!.append(lease, 0, [started]);
    assert.equal((await journals[5]!.read("r")).length, 1);
  });

  test("a database of a newer Hearth is refused by name", async () => {
    const schema = `s${schemas++}`;
    const journal = await open({ schema });
    await journal.query("write", `COMMENT ON SCHEMA ${schema} IS 'Hearth journal, schema 99'`);
    await assert.rejects(open({ schema }), /newer Hearth \(schema 99\)/);
  });

  test("what can't be opened is said with a remedy and without the password", async () => {
    const cases: [string, new (...args: never[]) => Error, RegExp][] = [
      [url.replace(PASSWORD, "wrong-one"), DatabaseRefusedError, /PGPASSWORD/],
      [url.replace(/\/d0$/, "/nowhere"), DatabaseRefusedError, /createdb/],
      [url.replace(/:\d+\//, ":9/"), DatabaseUnreachableError, /PostgreSQL runs/],
    ];
    for (const [wrong, kind, remedy] of cases) {
      await assert.rejects(postgresJournal(wrong), (error) => {
        assert.ok(error instanceof kind && error instanceof JournalError, String(error));
        assert.match(error.remedy ?? "", remedy);
        assert.doesNotMatch(`${error.message} ${error.remedy}`, /wrong-one|of-the-test/);
        return true;
      });
    }
  });

  test("a writer that lost the run while its statement waited writes nothing", async () => {
    const journal = await open({ schema: `s${schemas++}` });
    const lease = await journal.acquire("r", "a", 0);
    await journal.append(lease, 0, [started]);
    for (let seq = 1; seq < 40; seq++) {
      const current = await journal.acquire("r", `owner ${seq}`, 0);
      const [mine, next] = await Promise.allSettled([
        journal.append(current, seq, [delta(seq + 1)]),
        journal.acquire("r", `thief ${seq}`, 0),
      ]);
      assert.equal(next.status, "fulfilled");
      if (mine.status === "rejected") {
        assert.ok(mine.reason instanceof StaleWriterError);
        const after = await journal.acquire("r", "again", 0);
        await journal.append(after, seq, [delta(seq + 1)]);
      }
    }
    assert.deepEqual(
      (await journal.read("r")).map((event) => event.seq),
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
  });

  test("who follows is told of each event once, in order, until the end", async () => {
    const schema = `s${schemas++}`;
    const [writer, reader] = [await open({ schema }), await open({ schema })];
    const lease = await writer.acquire("r", "a", 60_000);
    await writer.append(lease, 0, [started]);
    const seen: number[] = [];
    const following = (async () => {
      for await (const event of reader.follow("r", 0, new AbortController().signal)) seen.push(event.seq);
    })();
    for (let seq = 1; seq < 60; seq++) {
      await writer.append(lease, seq, [delta(seq + 1)]);
      if (seq % 20 === 0) await sleep(5);
    }
    await writer.append(lease, 60, [finished(61)]);
    await following;
    assert.deepEqual(
      seen,
      Array.from({ length: 61 }, (_, i) => i + 1),
    );
    for await (const _ of reader.follow("r", 61, new AbortController().signal)) assert.fail("it is over");
  });

  test("a restart of the database is a pause: nothing is lost, nothing written twice", async () => {
    const journal = await open({ schema: `s${schemas++}` });
    const lease = await journal.acquire("r", "a", 60_000);
    await journal.append(lease, 0, [started]);
    const seen: number[] = [];
    const following = (async () => {
      for await (const event of journal.follow("r", 0, new AbortController().signal)) seen.push(event.seq);
    })();
    const restarting = sleep(20).then(() => cluster.restart(300));
    for (let seq = 1; seq < 300; seq++) await journal.append(lease, seq, [delta(seq + 1)]);
    await restarting;
    await journal.send("r", { kind: "cancel", by: "x" });
    assert.equal((await journal.receive(lease)).length, 1);
    await journal.renew(lease, 60_000);
    await journal.append(lease, 300, [finished(301)]);
    await journal.release(lease);
    await following;
    assert.deepEqual(
      seen,
      Array.from({ length: 301 }, (_, i) => i + 1),
    );
  });

  test("a database that stays away is given up after the time that was set", async () => {
    const journal = await open({ schema: `s${schemas++}`, patienceMs: 300 });
    const lease = await journal.acquire("r", "a", 60_000);
    await cluster.stop();
    try {
      await assert.rejects(journal.append(lease, 0, [started]), DatabaseUnreachableError);
    } finally {
      await cluster.start();
    }
    await journal.append(lease, 0, [started]);
  });

  test("damage is told with what stands before it", async () => {
    const journal = await open({ schema: `s${schemas++}` });
    const lease = await journal.acquire("r", "a", 60_000);
    await journal.append(lease, 0, [started]);
    await journal.append(lease, 1, [delta(2)]);
    await journal.query(
      "write",
      "UPDATE hearth.batches SET events = replace(events, '2', '3') WHERE last_seq = 2",
    );
    await assert.rejects(journal.read("r"), (error) => {
      assert.ok(error instanceof JournalDamagedError);
      assert.deepEqual(error.intact, [started]);
      return true;
    });
  });

  test("over the size limit the oldest go first", async () => {
    const journal = await open({ schema: `s${schemas++}`, retention: { maxBytes: 1 } });
    for (const runId of ["old", "new"]) {
      const lease = await journal.acquire(runId, "a", 60_000);
      await journal.append(lease, 0, [
        { ...started, runId },
        { ...finished(2), runId },
      ]);
      if (runId === "new") await journal.query("write", "UPDATE hearth.runs SET owner = NULL");
    }
    assert.equal(await journal.prune({ maxBytes: 2 ** 30 }), 0);
    assert.equal(await journal.prune(), 2);
    await journal.probe();
  });
});

function finished(seq: number): RunEvent {
  return {
    ...{ seq, runId: "r", time: "2026-01-01T00:00:01.000Z", type: "run.finished" },
    ...{ stopReason: "answer", text: "x", steps: 1, usage: { input: 1, output: 1 } },
  };
}
