import { JournalError, type RunEvent, StaleWriterError } from "../protocol/index.ts";
import { isGone } from "./owner.ts";
import {
  DEFAULT_RETENTION,
  type Journal,
  type Lease,
  LOCAL_TENANT,
  type RunFilter,
  type RunSummary,
  type Signal,
} from "./types.ts";

interface Entry {
  events: RunEvent[];
  epoch: number;
  owner: string | undefined;
  expiresAt: number;
  signals: Signal[];
  artifacts: Map<string, string>;
}

const NONE: Signal[] = [];

/** A journal that lives as long as the process. `now` tells milliseconds, for leases. */
export function memoryJournal(now: () => number = Date.now): Journal {
  const runs = new Map<string, Entry>();

  function entryOf(runId: string): Entry {
    const entry = runs.get(runId);
    if (entry === undefined) throw new JournalError(`There is no run ${runId} in this journal.`);
    return entry;
  }

  function own(lease: Lease): Entry {
    const entry = entryOf(lease.runId);
    if (entry.epoch !== lease.epoch) {
      throw new StaleWriterError(`Run ${lease.runId} is driven by ${entry.owner ?? "another owner"} now.`, {
        remedy: "Stop here: the other driver goes on with the run.",
      });
    }
    return entry;
  }

  const taken = ({ owner, expiresAt }: Entry, by: string): boolean =>
    owner !== undefined && owner !== by && expiresAt > now() && !isGone(owner);

  return {
    append(lease, expectedSeq, events) {
      const entry = own(lease);
      if (entry.events.length !== expectedSeq || events[0]?.seq !== expectedSeq + 1) {
        throw new StaleWriterError(
          `Run ${lease.runId} is at ${entry.events.length}, the writer at ${expectedSeq}.`,
        );
      }
      for (const event of events) entry.events.push(event);
    },
    read: (runId, afterSeq = 0) => entryOf(runId).events.slice(afterSeq),
    list: ({ runId, tenant, limit }: RunFilter = {}) => {
      const all = [...runs].reverse().filter(([id]) => runId === undefined || id === runId);
      const found = all.map(([id, { events }]) => summarize(id, events));
      return found
        .filter((run) => tenant === undefined || (run.tenant ?? LOCAL_TENANT) === tenant)
        .slice(0, limit);
    },
    acquire(runId, owner, ttlMs) {
      const entry = runs.get(runId);
      if (entry === undefined) {
        runs.set(runId, {
          events: [],
          epoch: 1,
          owner,
          expiresAt: now() + ttlMs,
          signals: [],
          artifacts: new Map(),
        });
        return { runId, owner, epoch: 1 };
      }
      if (taken(entry, owner)) {
        throw new JournalError(`Run ${runId} is driven by ${entry.owner}.`, {
          remedy: "Cancel it there, or wait until its lease is over.",
        });
      }
      entry.owner = owner;
      entry.epoch += 1;
      entry.expiresAt = now() + ttlMs;
      return { runId, owner, epoch: entry.epoch };
    },
    renew(lease, ttlMs) {
      own(lease).expiresAt = now() + ttlMs;
    },
    release(lease) {
      own(lease).owner = undefined;
    },
    send(runId, signal) {
      entryOf(runId).signals.push(signal);
    },
    receive(lease) {
      const { signals } = own(lease);
      return signals.length === 0 ? NONE : signals.splice(0);
    },
    putArtifact(runId, id, content) {
      entryOf(runId).artifacts.set(id, content);
    },
    getArtifact: (runId, id) => runs.get(runId)?.artifacts.get(id),
    listArtifacts: (runId) => [...entryOf(runId).artifacts.keys()],
    prune(retention = {}) {
      const { maxAgeMs } = { ...DEFAULT_RETENTION, ...retention };
      const before = runs.size;
      for (const [runId, { events, owner }] of runs) {
        const last = events.at(-1);
        const over = last?.type === "run.finished" && last.stopReason !== "waiting" && owner === undefined;
        if (over && Date.parse(last.time) < now() - maxAgeMs) runs.delete(runId);
      }
      return before - runs.size;
    },
    remove: (runIds) =>
      runIds.filter((runId) => runs.get(runId)?.owner === undefined && runs.delete(runId)).length,
    close() {
      runs.clear();
    },
  };
}

/** What a list of runs shows of one. */
export function summarize(runId: string, events: readonly RunEvent[]): RunSummary {
  const first = events[0];
  const last = events.at(-1);
  const summary: RunSummary = {
    runId,
    task: first?.type === "run.started" ? first.task : "",
    model: first?.type === "run.started" ? first.model : "",
    startedAt: first?.time ?? "",
    lastSeq: last?.seq ?? 0,
  };
  if (last?.type === "run.finished") summary.stopReason = last.stopReason;
  const tenant = first === undefined ? undefined : tenantOf(first);
  if (tenant !== undefined) summary.tenant = tenant;
  return summary;
}

/** Whose run begins with this event; absent where it names nobody, or the person at this machine. */
export function tenantOf(first: RunEvent): string | undefined {
  if (first.type !== "run.started") return undefined;
  const tenant = first.settings["tenant"];
  return typeof tenant === "string" && tenant !== "" && tenant !== LOCAL_TENANT ? tenant : undefined;
}
