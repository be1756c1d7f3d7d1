import {
  type Journal,
  type JsonObject,
  LOCAL_TENANT,
  type RunEvent,
  type RunSummary,
  type Usage,
} from "hearth";
import { RequestError } from "../problem.ts";
import type { LiveRuns } from "./live.ts";

/** How often a run that another process drives is looked at: 250 ms. */
const POLL_MS = 250;
/** How long one request follows such a run without news; its client comes back with Last-Event-ID. */
const POLL_BOUND_MS = 10 * 60_000;

const NONE: ReadonlySet<string> = new Set();

/** `interrupted`: it has no end and nobody is known to drive it; another process may, or it can be resumed. */
export type RunStatus = "running" | "waiting" | "finished" | "interrupted";

/** A call that waits for somebody's decision. */
export interface OpenApproval {
  callId: string;
  name: string;
  arguments: JsonObject;
  why: string;
}

export interface RunView extends RunSummary {
  status: RunStatus;
  text?: string;
  steps?: number;
  usage?: Usage;
  error?: JsonObject;
  approvals: OpenApproval[];
}

/**
 * All events of a run of this tenant. Raises 404 for one that is not there, and in the same words for another tenant's: whether there is
 * one is nobody else's business.
 */
export async function eventsOf(
  journal: Journal,
  tenant: string,
  runId: string,
  afterSeq = 0,
): Promise<RunEvent[]> {
  await requireOwn(journal, tenant, runId);
  return journal.read(runId, afterSeq);
}

/** Raises 404 for a run that is not there, or not this tenant's. */
export async function requireOwn(journal: Journal, tenant: string, runId: string): Promise<void> {
  const found = await journal.list({ runId, tenant });
  if (found.length === 0)
    throw new RequestError(404, `There is no run ${runId} here.`, { code: "run_not_found" });
}

/** Whose run this is. Raises 404 for one that is not there. Only for the service itself, which goes on with anybody's. */
export async function tenantOfRun(journal: Journal, runId: string): Promise<string> {
  const [found] = await journal.list({ runId });
  if (found !== undefined) return found.tenant ?? LOCAL_TENANT;
  throw new RequestError(404, `There is no run ${runId} here.`, { code: "run_not_found" });
}

/** @param taken runs that another service takes care of */
export function statusOf(
  summary: Pick<RunSummary, "runId" | "stopReason">,
  live: LiveRuns,
  taken: ReadonlySet<string> = NONE,
): RunStatus {
  if (live.get(summary.runId) !== undefined || taken.has(summary.runId)) return "running";
  if (summary.stopReason === undefined) return "interrupted";
  return summary.stopReason === "waiting" ? "waiting" : "finished";
}

export function viewOf(
  runId: string,
  events: readonly RunEvent[],
  live: LiveRuns,
  taken: ReadonlySet<string> = NONE,
): RunView {
  const first = events[0];
  const last = events.at(-1);
  const started = first?.type === "run.started" ? first : undefined;
  const finished = last?.type === "run.finished" ? last : undefined;
  const summary: RunSummary = {
    runId,
    task: started?.task ?? "",
    model: started?.model ?? "",
    startedAt: first?.time ?? "",
    lastSeq: last?.seq ?? 0,
    ...(finished === undefined ? {} : { stopReason: finished.stopReason }),
  };
  return {
    ...summary,
    status: statusOf(summary, live, taken),
    ...(finished === undefined
      ? {}
      : {
          text: finished.text,
          steps: finished.steps,
          usage: finished.usage,
          ...(finished.error === undefined ? {} : { error: { ...finished.error } }),
        }),
    approvals: openApprovals(events),
  };
}

/** Approvals asked for that nobody has given, in the order of their calls. */
export function openApprovals(events: readonly RunEvent[]): OpenApproval[] {
  const open = new Map<string, OpenApproval>();
  for (const event of events) {
    if (event.type === "approval.requested") {
      const { callId, name, arguments: args, why } = event;
      open.set(callId, { callId, name, arguments: args, why });
    } else if (event.type === "approval.given" || event.type === "call.finished") open.delete(event.callId);
  }
  return [...open.values()];
}

/**
 * The events of a run after `afterSeq`, each once and in order: from the journal what was, then live what comes, until the run
 * has ended. A run that another process drives is followed through the journal, or read from it now and then as it grows.
 */
export async function* replay(
  journal: Journal,
  live: LiveRuns,
  { runId, tenant }: { runId: string; tenant: string },
  afterSeq: number,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  let seq = afterSeq;
  let ended = false;
  let quietMs = 0;
  while (!ended && !signal.aborted && quietMs < POLL_BOUND_MS) {
    // Looked up first: a run that ends while the journal is read is then still followed to its end.
    const driven = live.get(runId);
    const stored = await eventsOf(journal, tenant, runId, seq);
    for (const event of stored) {
      seq = event.seq;
      ended = event.type === "run.finished";
      yield event;
    }
    if (driven !== undefined) {
      for await (const event of driven.follow(seq, signal)) {
        seq = event.seq;
        yield event;
      }
      return;
    }
    if (stored.length === 0 && quietMs === 0) ended = await hasEnded(journal, tenant, runId, seq);
    if (ended) return;
    if (journal.follow !== undefined) {
      yield* journal.follow(runId, seq, signal);
      return;
    }
    quietMs = stored.length > 0 ? 0 : quietMs + POLL_MS;
    await pause(POLL_MS, signal);
  }
}

/** Nothing came after `seq`: is that because the run is over? */
export async function hasEnded(
  journal: Journal,
  tenant: string,
  runId: string,
  seq: number,
): Promise<boolean> {
  const last = (await eventsOf(journal, tenant, runId, Math.max(0, seq - 1))).at(-1);
  return last?.type === "run.finished" || (last === undefined && seq > 0);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
