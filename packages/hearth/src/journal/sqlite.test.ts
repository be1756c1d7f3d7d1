import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { JournalError, type RunEvent } from "../protocol/index.ts";
import { isGone, JournalDamagedError, letGo, newOwner, type SqliteOptions, sqliteJournal } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-sqlite-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => join(folder, `${files++}.sqlite`);
const DAY = 86_400_000;

const event = (runId: string, seq: number, last?: boolean): RunEvent => {
  const head = { seq, runId, time: "2026-01-01T00:00:00.000Z" };
  if (seq === 1)
    return {
      ...head,
      type: "run.started",
      task: "t",
      model: "m",
      engine: "e",
      tools: [],
      toolSchemas: [],
      settings: {},
    };
  if (last !== true) return { ...head, type: "text.delta", text: "x".repeat(2000) };
  return {
    ...head,
    type: "run.finished",
    stopReason: "answer",
    text: "x",
    steps: 1,
    usage: { input: 1, output: 1 },
  };
};

/** A journal with runs that ended `daysAgo[i]` days ago, `waiting` for those below zero. */
async function withRuns(daysAgo: readonly number[], options: SqliteOptions = {}) {
  let time = 0;
  const journal = sqliteJournal(newFile(), { ...options, now: () => time });
  for (const [i, days] of daysAgo.entries()) {
    time = 1000 * DAY - Math.abs(days) * DAY;
    const runId = `r${i}`;
    const lease = await journal.acquire(runId, "a", 1000);
    const end = event(runId, 3, true);
    if (end.type === "run.finished" && days < 0) end.stopReason = "waiting";
    await journal.append(lease, 0, [event(runId, 1), event(runId, 2), end]);
    await journal.putArtifact(runId, "a", "y".repeat(10_000));
    await journal.release(lease);
  }
  time = 1000 * DAY;
  const ids = async (): Promise<string[]> => (await journal.list()).map((run) => run.runId).sort();
  return { journal, ids };
}

test("runs that ended long ago are removed with all that belongs to them; waiting ones stay", async () => {
  const { journal, ids } = await withRuns([200, 100, -300, 10]);
  assert.equal(await journal.prune(), 2);
  assert.deepEqual(await ids(), ["r2", "r3"]);
  assert.equal(await journal.getArtifact("r0", "a"), undefined);
  assert.equal(await journal.prune(), 0);
});

test("over the size limit the oldest go first, and not those that wait", async () => {
  const { journal, ids } = await withRuns([9, -8, 7, 6, 5, 4, 3, 2], { retention: { maxBytes: 100_000 } });
  const removed = await journal.prune();
  assert.ok(removed > 0 && removed < 7, `${removed}`);
  const left = await ids();
  assert.ok(left.includes("r1") && left.includes("r7") && !left.includes("r0"), `${left}`);
});

test("a run that is driven is not removed", async () => {
  const { journal, ids } = await withRuns([5, 5]);
  await journal.acquire("r1", "b", DAY);
  assert.equal(await journal.remove(["r0", "r1", "r9"]), 1);
  assert.deepEqual(await ids(), ["r1"]);
});

test("a file of the first schema is brought up to date with all that is in it", async () => {
  const file = newFile();
  const db = new DatabaseSync(file);
  db.exec(`
    CREATE TABLE runs (run_id TEXT PRIMARY KEY, task TEXT NOT NULL DEFAULT '', model TEXT NOT NULL DEFAULT '', started_at TEXT NOT NULL DEFAULT '',
      last_seq INTEGER NOT NULL DEFAULT 0, stop_reason TEXT, epoch INTEGER NOT NULL, owner TEXT, expires_at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE batches (run_id TEXT NOT NULL, last_seq INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (run_id, last_seq)) WITHOUT ROWID;
    CREATE TABLE signals (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, body TEXT NOT NULL);
    CREATE TABLE artifacts (run_id TEXT NOT NULL, id TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (run_id, id));
    PRAGMA user_version = 1;`);
  const events = [event("old", 1), event("old", 2), event("old", 3, true)];
  db.prepare(
    "INSERT INTO runs VALUES ('old', 't', 'm', '2026-01-01T00:00:00.000Z', 3, 'answer', 1, NULL, 0)",
  ).run();
  db.prepare("INSERT INTO batches VALUES ('old', 3, ?)").run(JSON.stringify(events));
  db.prepare("INSERT INTO artifacts VALUES ('old', 'a', 'kept')").run();
  db.close();
  const journal = sqliteJournal(file, { now: () => Date.parse("2026-02-01") });
  assert.deepEqual(await journal.read("old"), events);
  assert.equal(await journal.getArtifact("old", "a"), "kept");
  const lease = await journal.acquire("new", "a", 1000);
  await journal.append(lease, 0, [event("new", 1)]);
  assert.equal(await journal.prune({ maxAgeMs: 10 * DAY }), 1);
  await journal.close();
  assert.equal((await sqliteJournal(file).read("new")).length, 1);
});

test("a file of a newer schema is refused by name", () => {
  const file = newFile();
  const db = new DatabaseSync(file);
  db.exec("PRAGMA user_version = 99");
  db.close();
  assert.throws(() => sqliteJournal(file), /newer Hearth/);
});

test("damage in the middle of a log is told, with what stands before it", async () => {
  const file = newFile();
  const journal = sqliteJournal(file);
  const lease = await journal.acquire("r", "a", 1000);
  for (let seq = 1; seq <= 4; seq++) await journal.append(lease, seq - 1, [event("r", seq)]);
  await journal.close();
  const db = new DatabaseSync(file);
  db.exec("UPDATE batches SET events = replace(events, 'x', 'z') WHERE last_seq = 3");
  db.close();
  const again = sqliteJournal(file);
  await assert.rejects(
    async () => again.read("r"),
    (error) => {
      assert.ok(error instanceof JournalDamagedError);
      assert.equal(error.intact.length, 2);
      assert.match(`${error.message} ${error.remedy}`, /after event 2.*fork r --at 2/);
      return true;
    },
  );
});

test("a batch that is gone is told too", async () => {
  const file = newFile();
  const journal = sqliteJournal(file);
  const lease = await journal.acquire("r", "a", 1000);
  for (let seq = 1; seq <= 4; seq++) await journal.append(lease, seq - 1, [event("r", seq)]);
  const db = new DatabaseSync(file);
  db.exec("DELETE FROM batches WHERE last_seq = 2");
  db.close();
  await assert.rejects(async () => journal.read("r"), /event 2 is missing/);
  await journal.append(lease, 4, [event("r", 5, true)]);
  const other = new DatabaseSync(file);
  other.exec(
    "INSERT INTO batches SELECT run_id, 2, '[]', NULL FROM runs; DELETE FROM batches WHERE last_seq > 1",
  );
  other.close();
  await assert.rejects(async () => journal.read("r"), /events 2 to 5 are missing/);
});

test("a journal at its size limit says so, and keeps what it has", async () => {
  const file = newFile();
  const journal = sqliteJournal(file, { maxFileBytes: 200_000 });
  const lease = await journal.acquire("r", "a", 1000);
  let seq = 0;
  assert.throws(
    () => {
      for (;;) {
        void journal.append(lease, seq, [event("r", seq + 1)]);
        seq++;
      }
    },
    (error) =>
      error instanceof JournalError && /full/.test(error.message) && /space/.test(error.remedy ?? ""),
  );
  assert.equal((await journal.read("r")).length, seq);
});

test("a run whose process is dead is taken over at once, one that lives is not", async () => {
  const journal = sqliteJournal(newFile());
  const dead = `${hostname()}/4194304/1/1`;
  const lease = await journal.acquire("r", dead, DAY);
  await journal.append(lease, 0, [event("r", 1)]);
  const owner = newOwner();
  assert.equal((await journal.acquire("r", owner, DAY)).epoch, 2);
  await assert.rejects(async () => journal.acquire("r", newOwner(), DAY), JournalError);
  letGo(owner);
  assert.equal((await journal.acquire("r", newOwner(), DAY)).epoch, 3);
});

test("a process that is dead but not yet taken notice of counts as dead", {
  skip: process.platform !== "linux",
}, async () => {
  // The shell ends its child, says its id, and does not wait for it.
  const child = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 2"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = await once(child.stdout, "data");
  const pid = Number(String(line).trim());
  for (let i = 0; i < 100 && !/\) Z /.test(statOf(pid)); i++)
    await new Promise((wake) => setTimeout(wake, 5));
  assert.match(statOf(pid), /\) Z /);
  assert.equal(isGone(`${hostname()}/${pid}/1/1`), true);
  child.kill();
});

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return "";
  }
}

test("of other machines, and of names that are not ours, nothing is taken for certain", () => {
  for (const owner of ["somewhere-else/1/1/1", "a", "", `${hostname()}/x/1/1`])
    assert.equal(isGone(owner), false, owner);
  assert.equal(isGone(`${hostname()}/${process.pid}/0/1`), process.platform === "linux");
});
