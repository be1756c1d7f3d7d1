import type { Retention } from "hearth";
import type { Statements } from "./database.ts";
import { REMOVE, REMOVE_OLD, SIZE, SIZES } from "./statements.ts";

/** What is left of the size limit after it was reached, so that not every run that ends removes another. */
const KEPT_SHARE = 0.8;

/** Removes runs that are too old, then the oldest while all take too much. Returns how many went. */
export async function prune(journal: Statements, { maxAgeMs, maxBytes }: Retention): Promise<number> {
  const removed = (await journal.query("write", REMOVE_OLD, [maxAgeMs])).count;
  const size = await journal.query("read", SIZE);
  if (Number(size.rows[0]?.["bytes"]) <= maxBytes) return removed;
  const { rows } = await journal.query("read", SIZES);
  let bytes = rows.reduce((sum, row) => sum + Number(row["bytes"]), 0);
  if (bytes <= maxBytes) return removed;
  const gone: string[] = [];
  for (const row of rows) {
    if (bytes <= maxBytes * KEPT_SHARE) break;
    if (row["over"] !== true) continue;
    bytes -= Number(row["bytes"]);
    gone.push(String(row["run_id"]));
  }
  return removed + (await journal.query("write", REMOVE, [gone])).count;
}
