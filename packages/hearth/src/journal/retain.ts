import type { DatabaseSync } from "node:sqlite";
import type { Statements } from "./sqlite-file.ts";
import type { Retention } from "./types.ts";

/** What is left of the size limit after it was reached, so that not every run that ends removes another. */
const KEPT_SHARE = 0.8;
/** Only runs that are over: one that waits may be gone on with after days. */
const OVER = "stop_reason IS NOT NULL AND stop_reason <> 'waiting' AND owner IS NULL";

/** Bytes in use; pages that were freed don't count. */
export function usedBytes(sql: Statements): number {
  const number = (pragma: string): number => Number(sql.get(`PRAGMA ${pragma}`)?.[pragma] ?? 0);
  return (number("page_count") - number("freelist_count")) * number("page_size");
}

/** Refuses what would make the file larger. */
export function limitSize(db: DatabaseSync, sql: Statements, maxBytes: number): void {
  const pageBytes = Number(sql.get("PRAGMA page_size")?.["page_size"] ?? 4096);
  db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`);
}

/** Removes runs that are too old, then the oldest while the file is too large. Returns how many went. */
export function retain(
  db: DatabaseSync,
  sql: Statements,
  { maxAgeMs, maxBytes }: Retention,
  now: number,
): number {
  const old = sql.all(`SELECT run_id FROM runs WHERE ${OVER} AND ended_at < ?`, [now - maxAgeMs]);
  let removed = remove(sql, old.map(idOf));
  if (usedBytes(sql) > maxBytes) {
    for (const row of sql.all(`SELECT run_id FROM runs WHERE ${OVER} ORDER BY ended_at`, [])) {
      if (usedBytes(sql) <= maxBytes * KEPT_SHARE) break;
      removed += remove(sql, [idOf(row)]);
    }
  }
  if (removed > 0) db.exec("PRAGMA incremental_vacuum");
  return removed;
}

/** These runs with all that belongs to them; those that are driven now stay. */
export function remove(sql: Statements, runIds: readonly string[]): number {
  let removed = 0;
  for (const runId of runIds) {
    sql.together(() => {
      if (sql.run("DELETE FROM runs WHERE run_id = ? AND owner IS NULL", [runId]) !== 1) return;
      for (const table of ["batches", "signals", "artifacts"])
        sql.run(`DELETE FROM ${table} WHERE run_id = ?`, [runId]);
      removed++;
    });
  }
  return removed;
}

function idOf(row: Record<string, unknown>): string {
  return String(row["run_id"]);
}
