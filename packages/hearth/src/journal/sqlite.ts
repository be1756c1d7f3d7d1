import { crc32 } from "node:zlib";
import { HearthError, JournalError, type RunEvent } from "../protocol/index.ts";
import { tenantOf } from "./memory.ts";
import { isGone } from "./owner.ts";
import { pack } from "./pack.ts";
import { limitSize, remove, retain } from "./retain.ts";
import { checkedText, journalError, openFile, type Row, Statements } from "./sqlite-file.ts";
import { staleWriter, summaryOf, wholeLog } from "./stored.ts";
import {
  DEFAULT_RETENTION,
  type Journal,
  type Lease,
  LOCAL_TENANT,
  type Retention,
  type RunFilter,
  type Signal,
} from "./types.ts";

export interface SqliteOptions {
  /** Milliseconds since 1970, for leases and retention. Default `Date.now`. */
  now?: () => number;
  /** What is kept of runs that are over; applied when a run lets go. */
  retention?: Partial<Retention>;
  /** The file never grows beyond this: a run that would need more ends with a `JournalError`, as on a full disk. Default none. */
  maxFileBytes?: number;
}

const EVENTS = "SELECT events, crc FROM batches WHERE run_id = ? AND last_seq > ? ORDER BY last_seq";
/**
 * One statement, and so one transaction that writes one page: it counts only while the lease is the newest one and nothing stands behind
 * the expected event.
 */
const APPEND = `INSERT INTO batches (run_id, last_seq, events, crc) SELECT ?1, ?2, ?3, ?4
  WHERE (SELECT epoch FROM runs WHERE run_id = ?1) = ?5
  AND COALESCE((SELECT MAX(last_seq) FROM batches WHERE run_id = ?1), 0) = ?6`;
/** The last event is where the log ends; the row of the run is only written when it begins, goes on or ends. */
const LIST = `SELECT *, (SELECT MAX(last_seq) FROM batches WHERE run_id = runs.run_id) AS newest FROM runs
  WHERE started_at <> '' AND (?1 IS NULL OR run_id = ?1) AND (?2 IS NULL OR tenant = ?2) ORDER BY started_at DESC LIMIT ?3`;
/** Runs that end between two looks at what may be removed. */
const RETAIN_EVERY = 20;

/**
 * A journal in one SQLite file, shared by processes of one machine. A row holds a batch as it was appended.
 * A committed append survives the death of the process; the last ones before a power cut may be lost (WAL, synchronous NORMAL).
 * Raises `JournalError` when the file can't be opened, is no journal, is full or is damaged.
 */
export function sqliteJournal(file: string, options: SqliteOptions = {}): Journal {
  const now = options.now ?? Date.now;
  const kept: Retention = { ...DEFAULT_RETENTION, ...options.retention };
  const db = openFile(file);
  const sql = new Statements(db);
  if (options.maxFileBytes !== undefined) limitSize(db, sql, options.maxFileBytes);
  let released = 0;

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

  const own = (lease: Lease): void => {
    const row = sql.get("SELECT epoch, owner FROM runs WHERE run_id = ?", lease.runId) ?? rowOf(lease.runId);
    if (Number(row["epoch"]) !== lease.epoch) throw staleWriter(lease.runId, row["owner"]);
  };

  const take = (runId: string, owner: string, ttlMs: number): Lease | undefined => {
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
    return taken === undefined ? undefined : { runId, owner, epoch: Number(taken["epoch"]) };
  };

  return {
    durable: file !== ":memory:",
    append: (lease, expectedSeq, events) =>
      guarded("write", () => {
        const first = events[0];
        const last = events.at(-1);
        if (first === undefined || last === undefined) return;
        if (first.seq !== expectedSeq + 1) throw staleWriter(lease.runId, rowOf(lease.runId)["owner"]);
        const text = pack(events);
        const insert = (): void => {
          const values = [lease.runId, last.seq, text, crc32(text), lease.epoch, expectedSeq];
          if (sql.run(APPEND, values) !== 1) throw staleWriter(lease.runId, rowOf(lease.runId)["owner"]);
        };
        const over = last.type === "run.finished";
        if (!over && first.type !== "run.started" && first.type !== "run.resumed") insert();
        else
          sql.together(() => {
            insert();
            const stop = over ? [last.stopReason, now()] : [null, null];
            sql.run("UPDATE runs SET last_seq = ?, stop_reason = ?, ended_at = ? WHERE run_id = ?", [
              last.seq,
              ...stop,
              lease.runId,
            ]);
            if (first.type !== "run.started") return;
            const values = [first.task, first.model, first.time, tenantOf(first) ?? "", lease.runId];
            sql.run(
              "UPDATE runs SET task = ?, model = ?, started_at = ?, tenant = ? WHERE run_id = ?",
              values,
            );
          });
      }),
    read: (runId, afterSeq = 0) => guarded("read", () => readEvents(sql, rowOf(runId), afterSeq, file)),
    list: ({ runId, tenant, limit }: RunFilter = {}) =>
      guarded("read", () => {
        // Nobody is named by an empty text, which stands for the local tenant in the table.
        if (tenant === "") return [];
        const whose = tenant === LOCAL_TENANT ? "" : (tenant ?? null);
        return sql
          .all(LIST, [runId ?? null, whose, limit ?? -1])
          .map((row) => summaryOf(row, Number(row["newest"])));
      }),
    acquire: (runId, owner, ttlMs) =>
      guarded("write", () => {
        const lease = take(runId, owner, ttlMs);
        if (lease !== undefined) return lease;
        const holder = String(rowOf(runId)["owner"]);
        if (isGone(holder)) {
          sql.run("UPDATE runs SET owner = NULL WHERE run_id = ? AND owner = ?", [runId, holder]);
          const second = take(runId, owner, ttlMs);
          if (second !== undefined) return second;
        }
        throw new JournalError(`Run ${runId} is driven by ${holder}.`, {
          remedy: "Cancel it there, or wait until its lease is over.",
        });
      }),
    renew: (lease, ttlMs) =>
      guarded("write", () => {
        own(lease);
        const values = [now() + ttlMs, lease.runId, lease.epoch];
        sql.run("UPDATE runs SET expires_at = ? WHERE run_id = ? AND epoch = ?", values);
      }),
    release: (lease) =>
      guarded("write", () => {
        own(lease);
        sql.run("UPDATE runs SET owner = NULL WHERE run_id = ? AND epoch = ?", [lease.runId, lease.epoch]);
        if (released++ % RETAIN_EVERY === 0) retain(db, sql, kept, now());
      }),
    send: (runId, signal) =>
      guarded("write", () => {
        rowOf(runId);
        sql.run("INSERT INTO signals (run_id, body) VALUES (?, ?)", [runId, JSON.stringify(signal)]);
      }),
    receive: (lease) =>
      guarded("read", () => {
        own(lease);
        // Looking costs no write; there is hardly ever one.
        if (sql.get("SELECT 1 FROM signals WHERE run_id = ? LIMIT 1", lease.runId) === undefined) return [];
        const rows = sql.all("DELETE FROM signals WHERE run_id = ? RETURNING id, body", [lease.runId]);
        rows.sort((a, b) => Number(a["id"]) - Number(b["id"]));
        return rows.map((row) => JSON.parse(String(row["body"])) as Signal);
      }),
    putArtifact: (runId, id, content) =>
      guarded("write", () => {
        sql.run("INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?, ?)", [runId, id, content, crc32(content)]);
      }),
    getArtifact: (runId, id) =>
      guarded("read", () => {
        const row = sql.get("SELECT content, crc FROM artifacts WHERE run_id = ? AND id = ?", runId, id);
        return row === undefined ? undefined : checkedText(row, "content");
      }),
    listArtifacts: (runId) =>
      guarded("read", () =>
        sql
          .all("SELECT id FROM artifacts WHERE run_id = ? ORDER BY id", [runId])
          .map((row) => String(row["id"])),
      ),
    prune: (retention = {}) => guarded("write", () => retain(db, sql, { ...kept, ...retention }, now())),
    remove: (runIds) => guarded("write", () => remove(sql, runIds)),
    probe: () =>
      guarded("write", () => {
        const at = String(now());
        sql.run("INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?, ?)", ["", "probe", at, crc32(at)]);
      }),
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}

/** All events of a run from a place on, at least up to where it last ended. */
function readEvents(sql: Statements, run: Row, afterSeq: number, file: string): RunEvent[] {
  const runId = String(run["run_id"]);
  function* batches(): Generator<string> {
    for (const row of sql.each(EVENTS, [runId, afterSeq])) yield checkedText(row, "events");
  }
  return wholeLog(batches(), { runId, where: file, afterSeq, lastSeq: Number(run["last_seq"]) });
}
