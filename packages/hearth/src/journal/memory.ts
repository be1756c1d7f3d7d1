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

/** Events kept in all, about 10 MB: a service without a file runs for months. */
const MAX_EVENTS = 20_000;
/** Characters of an artifact that weigh as much as an event. */
const CHARS_AN_EVENT = 250;

/**
 * A journal that lives as long as the process. `now` tells milliseconds, for leases. Once more than `maxEvents` are held, the runs
 * that ended first are forgotten; those that go on or wait for somebody never are.
 */
export function memoryJournal(now: () => number = Date.now, { maxEvents = MAX_EVENTS } = {}): Journal {
  const runs = new Map<string, Entry>();
  let held = 0;

  const weightOf = ({ events, artifacts }: Entry): number => {
    let chars = 0;
    for (const content of artifacts.values()) chars += content.length;
    return events.length + chars / CHARS_AN_EVENT;
  };
  const isOver = ({ events, owner }: Entry): boolean => {
    const last = events.at(-1);
    return last?.type === "run.finished" && last.stopReason !== "waiting" && owner === undefined;
  };
  const remove = (runId: string, entry: Entry): boolean => {
    held -= weightOf(entry);
    return runs.delete(runId);
  };
  /** The oldest first: a map gives its entries in the order in which they came. Whoever waited for the newest one may still ask for it. */
  const forget = (newest: string): void => {
    for (const [runId, entry] of runs) {
      if (held <= maxEvents) return;
      if (runId !== newest && isOver(entry)) remove(runId, entry);
    }
  };

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
      held += events.length;
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
      forget(lease.runId);
    },
    send(runId, signal) {
      entryOf(runId).signals.push(signal);
    },
    receive(lease) {
      const { signals } = own(lease);
      return signals.length === 0 ? NONE : signals.splice(0);
    },
    putArtifact(runId, id, content) {
      const { artifacts } = entryOf(runId);
      held += (content.length - (artifacts.get(id)?.length ?? 0)) / CHARS_AN_EVENT;
      artifacts.set(id, content);
    },
    getArtifact: (runId, id) => runs.get(runId)?.artifacts.get(id),
    listArtifacts: (runId) => [...entryOf(runId).artifacts.keys()],
    prune(retention = {}) {
      const { maxAgeMs } = { ...DEFAULT_RETENTION, ...retention };
      const before = runs.size;
      for (const [runId, entry] of runs) {
        const last = entry.events.at(-1);
        if (last !== undefined && isOver(entry) && Date.parse(last.time) < now() - maxAgeMs)
          remove(runId, entry);
      }
      return before - runs.size;
    },
    remove: (runIds) =>
      runIds.filter((runId) => {
        const entry = runs.get(runId);
        return entry !== undefined && entry.owner === undefined && remove(runId, entry);
      }).length,
    close() {
      runs.clear();
      held = 0;
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
