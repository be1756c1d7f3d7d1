import type { Journal, Lease, RunEvent } from "hearth";
import { currentScope } from "./scope.ts";
import type { Observer } from "./types.ts";

/** A journal that is looked at, and that can be stopped. */
export interface ObservedJournal {
  journal: Journal;
  /** Runs that this process drives now. */
  readonly leases: ReadonlySet<Lease>;
  /** Drives whose tools run now, by run. */
  readonly inTools: ReadonlyMap<string, number>;
  /**
   * From here on nothing is written any more, and each run stands still where its log ends; all leases are given back. Whoever
   * takes up a run goes on from there.
   */
  handOff(): Promise<string[]>;
}

/** Every run of the service writes to its journal, by whatever wire it came: this is the one place to see all their events. */
export function observedJournal(journal: Journal, observers: readonly Observer[]): ObservedJournal {
  const leases = new Set<Lease>();
  const inTools = new Map<string, number>();
  let stopped = false;

  const seen = (events: readonly RunEvent[]): void => {
    for (const event of events) {
      if (event.type === "call.running") inTools.set(event.runId, (inTools.get(event.runId) ?? 0) + 1);
      else if (event.type === "call.finished") {
        const left = (inTools.get(event.runId) ?? 1) - 1;
        if (left > 0) inTools.set(event.runId, left);
        else inTools.delete(event.runId);
      }
      if (event.type === "run.started" || event.type === "run.resumed") {
        const scope = currentScope();
        if (scope !== undefined) scope.runId ??= event.runId;
      }
      for (const observer of observers) observer.event?.(event);
    }
  };
  const over = (lease: Lease): void => {
    leases.delete(lease);
    inTools.delete(lease.runId);
    for (const observer of observers) observer.over?.(lease.runId);
  };
  /** Who may not write any more holds nothing; a run that fails so never gives its lease back. */
  const lost = (lease: Lease, error: unknown): never => {
    over(lease);
    throw error;
  };
  const own: Partial<Journal> = {
    append(lease, expectedSeq, events) {
      if (stopped) return FOREVER;
      try {
        const written = journal.append(lease, expectedSeq, events);
        if (written instanceof Promise)
          return written.then(
            () => seen(events),
            (error) => lost(lease, error),
          );
      } catch (error) {
        return lost(lease, error);
      }
      return seen(events);
    },
    acquire(runId, owner, ttlMs) {
      if (stopped) return FOREVER;
      const taken = journal.acquire(runId, owner, ttlMs);
      if (!(taken instanceof Promise)) {
        leases.add(taken);
        return taken;
      }
      return taken.then((lease) => {
        leases.add(lease);
        return lease;
      });
    },
    renew(lease, ttlMs) {
      if (stopped) return undefined;
      try {
        const renewed = journal.renew(lease, ttlMs);
        return renewed instanceof Promise ? renewed.catch((error) => lost(lease, error)) : renewed;
      } catch (error) {
        return lost(lease, error);
      }
    },
    receive: (lease) => (stopped ? [] : journal.receive(lease)),
    release(lease) {
      if (stopped) return undefined;
      over(lease);
      return journal.release(lease);
    },
  };
  const looked: Journal = new Proxy(journal, {
    get(target, name) {
      const mine: unknown = Reflect.get(own, name);
      if (mine !== undefined) return mine;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return {
    journal: looked,
    leases,
    inTools,
    async handOff() {
      stopped = true;
      const held = [...leases];
      await Promise.allSettled(held.map(async (lease) => journal.release(lease)));
      for (const lease of held) over(lease);
      return held.map(({ runId }) => runId);
    },
  };
}

/** The run that waits for it goes nowhere: its process is about to end. */
const FOREVER = new Promise<never>(() => undefined);
