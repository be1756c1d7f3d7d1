import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEvent } from "../protocol/index.ts";
import { memoryJournal, sqliteJournal } from "./index.ts";

const usage = { input: 1, output: 1 };
const event = (runId: string, seq: number, body: object): RunEvent =>
  ({ seq, runId, time: new Date(0).toISOString(), ...body }) as RunEvent;

/** A run of `events` events that ends so. */
async function write(
  journal: ReturnType<typeof memoryJournal>,
  runId: string,
  stopReason: string,
  events = 10,
) {
  const lease = await journal.acquire(runId, `owner of ${runId}`, 1000);
  const deltas = Array.from({ length: events - 1 }, (_, i) =>
    event(runId, i + 1, { type: "text.delta", text: "x" }),
  );
  const end = event(runId, events, { type: "run.finished", stopReason, text: "done", steps: 1, usage });
  await journal.append(lease, 0, [...deltas, end]);
  return lease;
}

test("memory forgets the oldest runs that are over, and only those", async () => {
  const journal = memoryJournal(Date.now, { maxEvents: 35 });
  await write(journal, "going", "answer");
  await journal.release(await write(journal, "waiting", "waiting"));
  await journal.release(await write(journal, "first", "answer"));
  await journal.release(await write(journal, "second", "answer"));
  const ids = async () => (await journal.list()).map(({ runId }) => runId);
  assert.deepEqual(await ids(), ["second", "waiting", "going"]);
  await journal.release(await write(journal, "large", "answer", 100));
  assert.deepEqual(await ids(), ["large", "waiting", "going"], "the newest stays, however large");
});

test("memory counts artifacts, and stays bounded over many runs", async () => {
  const journal = memoryJournal(Date.now, { maxEvents: 1000 });
  for (let i = 0; i < 500; i++) {
    const lease = await write(journal, `r${i}`, "answer");
    await journal.putArtifact(`r${i}`, "a", "x".repeat(25_000));
    await journal.release(lease);
  }
  const left = (await journal.list()).length;
  assert.ok(left >= 5 && left <= 10, `${left} runs of about 110 are left`);
});

test("a probe writes to the file, and says when that is not possible", async () => {
  const journal = sqliteJournal(":memory:");
  await journal.probe?.();
  await journal.probe?.();
  assert.deepEqual(await journal.list(), [], "it makes no run");
  await journal.close();
  assert.throws(() => journal.probe?.());
});
