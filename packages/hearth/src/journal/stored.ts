import { type RunEvent, StaleWriterError, type StopReason } from "../protocol/index.ts";
import { JournalDamagedError } from "./damage.ts";
import { unpack } from "./pack.ts";
import type { RunSummary } from "./types.ts";

/** What of a run's log is read from where it is stored. */
export interface StoredLog {
  runId: string;
  /** For messages: the file, or the database. */
  where: string;
  afterSeq: number;
  /** Where the log is known to have reached: an earlier end is damage. */
  lastSeq: number;
}

/** The events of stored batches, in their order; what can't be read comes as `JournalDamagedError` with what stands before it. */
export function wholeLog(
  batches: Iterable<string>,
  { runId, where, afterSeq, lastSeq }: StoredLog,
): RunEvent[] {
  const events: RunEvent[] = [];
  let next = afterSeq + 1;
  try {
    for (const text of batches) {
      for (const event of unpack(text, runId)) {
        if (event.seq <= afterSeq) continue;
        if (event.seq !== next) throw new Error(`event ${next} is missing`);
        events.push(event);
        next++;
      }
    }
    if (next <= lastSeq) throw new Error(`events ${next} to ${lastSeq} are missing`);
  } catch (error) {
    throw new JournalDamagedError(runId, where, events, error);
  }
  return events;
}

/** A run in a list, from its row. An empty tenant is the local one. */
export function summaryOf(row: Readonly<Record<string, unknown>>, lastSeq: number): RunSummary {
  const summary: RunSummary = {
    runId: String(row["run_id"]),
    task: String(row["task"]),
    model: String(row["model"]),
    startedAt: String(row["started_at"]),
    lastSeq,
  };
  if (row["stop_reason"] !== null) summary.stopReason = row["stop_reason"] as StopReason;
  if (row["tenant"] !== "") summary.tenant = String(row["tenant"]);
  return summary;
}

export function staleWriter(runId: string, owner: unknown): StaleWriterError {
  const whom = typeof owner === "string" && owner !== "" ? ` (driven by ${owner})` : "";
  return new StaleWriterError(`Run ${runId} has gone on elsewhere${whom}.`, {
    remedy: "Stop here: the other driver goes on with the run.",
  });
}
