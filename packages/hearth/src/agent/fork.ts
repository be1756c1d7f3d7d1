import { type Journal, JournalDamagedError, letGo, newOwner } from "../journal/index.ts";
import { callsOf, type RunEvent, UsageError } from "../protocol/index.ts";
import { newRunId } from "./run-id.ts";

/** How long the new run is ours while it is written. */
const LEASE_MS = 60_000;

/**
 * A new run that begins as this one did, up to the last whole step before `atSeq`: what came after is tried again by resuming it.
 * The old one stays as it is. Kept results are copied. Also the way on from a damaged log: what stands before the damage is enough.
 * Raises `UsageError` where there is nothing to begin from.
 */
export async function forkRun(journal: Journal, runId: string, atSeq: number): Promise<string> {
  const events = await readable(journal, runId, atSeq);
  const kept = events.slice(0, forkPoint(events, atSeq));
  const [first, ...rest] = kept;
  if (first?.type !== "run.started")
    throw new UsageError(`Run ${runId} has nothing before event ${atSeq} to begin from.`, {
      remedy: `\`hearth runs show ${runId}\` shows its events.`,
    });
  const owner = newOwner();
  const id = newRunId(Date.now());
  try {
    const lease = await journal.acquire(id, owner, LEASE_MS);
    const settings = { ...first.settings, forkedFrom: { runId, atSeq: kept.length } };
    const renamed = rest.map((event): RunEvent => ({ ...event, runId: id }));
    await journal.append(lease, 0, [{ ...first, runId: id, settings }, ...renamed]);
    for (const event of kept) {
      if (event.type !== "artifact.stored") continue;
      const content = await journal.getArtifact(runId, event.id);
      if (content !== undefined) await journal.putArtifact(id, event.id, content);
    }
    await journal.release(lease);
  } finally {
    letGo(owner);
  }
  return id;
}

/** What can be read of a log; damage after the point of the fork does not matter. */
async function readable(journal: Journal, runId: string, atSeq: number): Promise<readonly RunEvent[]> {
  try {
    return await journal.read(runId);
  } catch (error) {
    if (error instanceof JournalDamagedError && error.intact.length >= Math.min(atSeq, 1))
      return error.intact;
    throw error;
  }
}

/**
 * How many events a fork keeps: up to the end of the last step at or before `atSeq` whose calls all have their results. A step that only
 * answered is left out, for its answer would end the new run at once.
 */
export function forkPoint(events: readonly RunEvent[], atSeq: number): number {
  let point = atSeq >= 1 && events[0]?.type === "run.started" ? 1 : 0;
  let open = new Set<string>();
  const done = new Set<string>();
  let called = false;
  for (const [i, event] of events.entries()) {
    if (event.seq > atSeq) break;
    if (event.type === "call.finished" || event.type === "call.invalid") {
      done.add(event.callId);
      open.delete(event.callId);
    } else if (event.type === "step.finished") {
      const calls = callsOf(event.message);
      called = calls.length > 0;
      open = new Set(calls.map((call) => call.id).filter((id) => !done.has(id)));
    } else if (event.type === "step.started" || event.type === "run.finished") {
      called = false;
      open = new Set();
    }
    const whole = called && open.size === 0;
    if (whole) point = i + 1;
  }
  return point;
}
