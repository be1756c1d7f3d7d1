import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { HearthError, JournalError } from "../protocol/index.ts";

/** How long a writer waits for another process that is just writing. */
const BUSY_TIMEOUT_MS = 5000;

/** One entry a version of the tables; an older file goes through those it lacks, a newer one is refused. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE runs (
     run_id TEXT PRIMARY KEY, task TEXT NOT NULL DEFAULT '', model TEXT NOT NULL DEFAULT '', started_at TEXT NOT NULL DEFAULT '',
     last_seq INTEGER NOT NULL DEFAULT 0, stop_reason TEXT, epoch INTEGER NOT NULL, owner TEXT, expires_at INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE batches (
     run_id TEXT NOT NULL, last_seq INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (run_id, last_seq)
   ) WITHOUT ROWID;
   CREATE TABLE signals (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, body TEXT NOT NULL);
   CREATE TABLE artifacts (run_id TEXT NOT NULL, id TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (run_id, id));`,
  // Retention asks when a run ended; the driver asks for its signals at each step. SQLite does not notice bytes that a disk has
  // changed inside a text: the checksums do. Rows of older files have none.
  `ALTER TABLE runs ADD COLUMN ended_at INTEGER;
   UPDATE runs SET ended_at = CAST(strftime('%s', started_at) AS INTEGER) * 1000 WHERE stop_reason IS NOT NULL;
   CREATE INDEX signals_by_run ON signals (run_id, id);
   ALTER TABLE batches ADD COLUMN crc INTEGER;
   ALTER TABLE artifacts ADD COLUMN crc INTEGER;`,
  // Whose runs are shown. Empty: of the person at this machine, as all older ones.
  "ALTER TABLE runs ADD COLUMN tenant TEXT NOT NULL DEFAULT ''",
];

export type Row = Record<string, unknown>;

/** Opens the file, makes it if it is not there, and brings its tables up to date. */
export function openFile(file: string): DatabaseSync {
  try {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    try {
      // Runs hold prompts and results: nobody else's business.
      if (file !== ":memory:") chmodSync(file, 0o600);
      db.exec(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304",
      );
      migrate(db, file);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw error instanceof HearthError ? error : journalError(file, "open", error);
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
}

function migrate(db: DatabaseSync, file: string): void {
  // A file that is up to date is only read: opening it must not wait for a writer.
  if (versionOf(db) === MIGRATIONS.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    const version = versionOf(db);
    if (version > MIGRATIONS.length) {
      throw new JournalError(`The journal ${file} was written by a newer Hearth (schema ${version}).`, {
        remedy: "Update Hearth, or choose another file with --journal.",
      });
    }
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`);
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** Statements of a file; each text is prepared once. */
export class Statements {
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

  /** Row by row: what stands before a damaged page is there before it raises. */
  each(text: string, values: SQLInputValue[]): Iterable<Row> {
    return this.#db.prepare(text).iterate(...values);
  }

  /** In one transaction; whatever is raised undoes it. */
  together(body: () => void): void {
    this.#of("BEGIN IMMEDIATE").run();
    try {
      body();
      this.#of("COMMIT").run();
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** How many rows changed. */
  run(text: string, values: SQLInputValue[]): number {
    return Number(this.#of(text).run(...values).changes);
  }
}

/** A text that was stored with its checksum. Raises where it is no longer the same. */
export function checkedText(row: Row, column: string): string {
  const text = String(row[column]);
  if (row["crc"] !== null && crc32(text) !== Number(row["crc"])) throw new Error("its checksum does not fit");
  return text;
}

/** SQLite's primary result codes that a person can do something about. */
const REMEDIES: Record<number, string> = {
  5: "Another process holds it; try again.",
  8: "Make the file writable, or choose another with --journal.",
  10: "Check the disk; everything before this point is kept.",
  11: "Keep it for repair (sqlite3 FILE .recover) and choose another file with --journal.",
  13: "Free some space and resume the run: everything before this point is kept.",
  14: "Check the folder's rights, or choose another file with --journal.",
  26: "Choose another file with --journal.",
};

export function journalError(file: string, what: string, cause: unknown): JournalError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && "errcode" in cause ? Number(cause.errcode) & 0xff : 0;
  const remedy = REMEDIES[code] ?? REMEDIES[11]!;
  return new JournalError(`Can't ${what} the journal ${file}: ${why}.`, { cause, remedy });
}
