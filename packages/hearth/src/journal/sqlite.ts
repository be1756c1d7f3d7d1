import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  HearthError,
  JournalError,
  type RunEvent,
  StaleWriterError,
  type StopReason,
} from "../protocol/index.ts";
import type { Journal, Lease, RunSummary, Signal } from "./types.ts";

/** Grows with each change of the tables; an older file is brought up to it, a newer one refused. */
const SCHEMA_VERSION = 1;
/** How long a writer waits for another process that is just writing. */
const BUSY_TIMEOUT_MS = 5000;

const TABLES = `
CREATE TABLE runs (
  run_id TEXT PRIMARY KEY, task TEXT NOT NULL DEFAULT '', model TEXT NOT NULL DEFAULT '', started_at TEXT NOT NULL DEFAULT '',
  last_seq INTEGER NOT NULL DEFAULT 0, stop_reason TEXT, epoch INTEGER NOT NULL, owner TEXT, expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE batches (
  run_id TEXT NOT NULL, last_seq INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (run_id, last_seq)
) WITHOUT ROWID;
CREATE TABLE signals (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE artifacts (run_id TEXT NOT NULL, id TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (run_id, id));
`;

/**
 * A journal in one SQLite file, shared by processes of one machine. Events are kept as they were appended, a row a batch.
 * A committed append survives the death of the process; the last ones before a power cut may be lost (WAL, synchronous NORMAL).
 * Raises `JournalError` when the file can't be opened, is no journal, or is damaged.
 */
export function sqliteJournal(file: string, now: () => number = Date.now): Journal {
  const db = open(file);
  const sql = new Statements(db);

  const guarded = <T>(what: string, body: () => T): T => {
    try {
      return body();
    } catch (error) {
      throw error instanceof HearthError ? error : journalError(file, what, error);
    }
  };

  const rowOf = (runId: string): Row => {
    const row = sql.get("SELECT * FROM runs WHERE run_id = ?", runId);
    if (row === undefined) throw new JournalError(`There is no run ${runId} in ${file}.`);
    return row;
  };

  const own = (lease: Lease): Row => {
    const row = rowOf(lease.runId);
    if (Number(row["epoch"]) !== lease.epoch) throw staleWriter(lease.runId, row["owner"]);
    return row;
  };

  return {
    append: (lease, expectedSeq, events) =>
      guarded("write", () => {
        const last = events.at(-1);
        if (last === undefined) return;
        db.exec("BEGIN IMMEDIATE");
        try {
          const stop = last.type === "run.finished" ? last.stopReason : null;
          const changed = sql.run(
            "UPDATE runs SET last_seq = ?, stop_reason = ? WHERE run_id = ? AND epoch = ? AND last_seq = ?",
            [last.seq, stop, lease.runId, lease.epoch, expectedSeq],
          );
          if (changed !== 1 || events[0]?.seq !== expectedSeq + 1)
            throw staleWriter(lease.runId, rowOf(lease.runId)["owner"]);
          const first = events[0];
          if (first.type === "run.started") {
            const values = [first.task, first.model, first.time, lease.runId];
            sql.run("UPDATE runs SET task = ?, model = ?, started_at = ? WHERE run_id = ?", values);
          }
          sql.run("INSERT INTO batches VALUES (?, ?, ?)", [lease.runId, last.seq, JSON.stringify(events)]);
          db.exec("COMMIT");
        } catch (error) {
          if (db.isTransaction) db.exec("ROLLBACK");
          throw error;
        }
      }),
    read: (runId, afterSeq = 0) =>
      guarded("read", () => {
        rowOf(runId);
        const rows = sql.all(
          "SELECT events FROM batches WHERE run_id = ? AND last_seq > ? ORDER BY last_seq",
          [runId, afterSeq],
        );
        const events: RunEvent[] = [];
        for (const row of rows) {
          for (const event of JSON.parse(String(row["events"])) as RunEvent[])
            if (event.seq > afterSeq) events.push(event);
        }
        return events;
      }),
    list: () =>
      guarded("read", () =>
        sql.all("SELECT * FROM runs WHERE last_seq > 0 ORDER BY started_at DESC", []).map(summaryOf),
      ),
    acquire: (runId, owner, ttlMs) =>
      guarded("write", () => {
        const at = now();
        const taken = sql.get(
          `INSERT INTO runs (run_id, epoch, owner, expires_at) VALUES (?, 1, ?, ?)
           ON CONFLICT (run_id) DO UPDATE SET epoch = epoch + 1, owner = excluded.owner, expires_at = excluded.expires_at
           WHERE runs.owner IS NULL OR runs.owner = excluded.owner OR runs.expires_at <= ? RETURNING epoch`,
          runId,
          owner,
          at + ttlMs,
          at,
        );
        if (taken !== undefined) return { runId, owner, epoch: Number(taken["epoch"]) };
        throw new JournalError(`Run ${runId} is driven by ${rowOf(runId)["owner"]}.`, {
          remedy: "Cancel it there, or wait until its lease is over.",
        });
      }),
    renew: (lease, ttlMs) =>
      guarded("write", () => {
        own(lease);
        sql.run("UPDATE runs SET expires_at = ? WHERE run_id = ? AND epoch = ?", [
          now() + ttlMs,
          lease.runId,
          lease.epoch,
        ]);
      }),
    release: (lease) =>
      guarded("write", () => {
        own(lease);
        sql.run("UPDATE runs SET owner = NULL WHERE run_id = ? AND epoch = ?", [lease.runId, lease.epoch]);
      }),
    send: (runId, signal) =>
      guarded("write", () => {
        rowOf(runId);
        sql.run("INSERT INTO signals (run_id, body) VALUES (?, ?)", [runId, JSON.stringify(signal)]);
      }),
    receive: (lease) =>
      guarded("read", () => {
        own(lease);
        const rows = sql.all("DELETE FROM signals WHERE run_id = ? RETURNING id, body", [lease.runId]);
        rows.sort((a, b) => Number(a["id"]) - Number(b["id"]));
        return rows.map((row) => JSON.parse(String(row["body"])) as Signal);
      }),
    putArtifact: (runId, id, content) =>
      guarded("write", () => {
        sql.run("INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?)", [runId, id, content]);
      }),
    getArtifact: (runId, id) =>
      guarded("read", () => {
        const row = sql.get("SELECT content FROM artifacts WHERE run_id = ? AND id = ?", runId, id);
        return row === undefined ? undefined : String(row["content"]);
      }),
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}

type Row = Record<string, unknown>;

/** Each text is prepared once. */
class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  #of(text: string): StatementSync {
    const known = this.#prepared.get(text) ?? this.#db.prepare(text);
    this.#prepared.set(text, known);
    return known;
  }

  get(text: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#of(text).get(...values);
  }

  all(text: string, values: SQLInputValue[]): Row[] {
    return this.#of(text).all(...values);
  }

  /** How many rows changed. */
  run(text: string, values: SQLInputValue[]): number {
    return Number(this.#of(text).run(...values).changes);
  }
}

function open(file: string): DatabaseSync {
  try {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    // Runs hold prompts and results: nobody else's business.
    if (file !== ":memory:") chmodSync(file, 0o600);
    migrate(db, file);
    return db;
  } catch (error) {
    throw error instanceof HearthError ? error : journalError(file, "open", error);
  }
}

function migrate(db: DatabaseSync, file: string): void {
  db.exec("BEGIN IMMEDIATE");
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > SCHEMA_VERSION) {
    db.exec("ROLLBACK");
    throw new JournalError(`The journal ${file} was written by a newer Hearth (schema ${version}).`, {
      remedy: "Update Hearth, or choose another file with --journal.",
    });
  }
  if (version === 0) db.exec(TABLES);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

function summaryOf(row: Row): RunSummary {
  const summary: RunSummary = {
    runId: String(row["run_id"]),
    task: String(row["task"]),
    model: String(row["model"]),
    startedAt: String(row["started_at"]),
    lastSeq: Number(row["last_seq"]),
  };
  if (row["stop_reason"] !== null) summary.stopReason = row["stop_reason"] as StopReason;
  return summary;
}

function staleWriter(runId: string, owner: unknown): StaleWriterError {
  return new StaleWriterError(`Run ${runId} has gone on elsewhere${owner ? ` (driven by ${owner})` : ""}.`, {
    remedy: "Stop here: the other driver goes on with the run.",
  });
}

/** SQLite's primary result codes that a person can do something about. */
const REMEDIES: Record<number, string> = {
  5: "Another process holds it; try again.",
  8: "Make the file writable, or choose another with --journal.",
  11: "Keep it for repair (sqlite3 FILE .recover) and choose another file with --journal.",
  13: "Free some space and resume the run: everything before this point is kept.",
  14: "Check the folder's rights, or choose another file with --journal.",
  26: "Choose another file with --journal.",
};

function journalError(file: string, what: string, cause: unknown): JournalError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && "errcode" in cause ? Number(cause.errcode) & 0xff : 0;
  const remedy = REMEDIES[code];
  return new JournalError(`Can't ${what} the journal ${file}: ${why}.`, {
    cause,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
