import type { Engine } from "hearth";
import { type Asker, type Entry, Host, type HostOptions } from "./host.ts";
import { scheduled } from "./scheduled.ts";
import type { Limits } from "./types.ts";

/** What can be set for each engine host. */
export type SchedulerLimits = Omit<Limits, "canLoad">;

/** Limits of each engine host where nothing else is set. */
export const DEFAULT_LIMITS: SchedulerLimits = {
  parallel: 1,
  maxLoaded: 1,
  maxQueue: 32,
  lingerMs: 1000,
  queueTimeoutMs: 600_000,
};

/** What somebody is let in for. */
export interface Visit {
  /** A run asks several times, and keeps its place at its model for a moment in between. */
  run: boolean;
  /** Where it is known already. */
  model?: string | undefined;
}

/** A place in the house of one engine. */
export interface Admission {
  /** Each of its calls waits for its turn, and says so. */
  engine: Engine;
  /** What it is called in `/api/queue` from now on. */
  name(label: string): void;
  /** Leaves; again does nothing. */
  release(): void;
}

/** How the lines stand now, all hosts together. */
export interface QueueState {
  waiting: number;
  running: number;
  /** How many may be in beside those that are answered. */
  capacity: number;
  slots: number;
  /** Models in memory or on their way there. */
  loaded: number;
}

/** A scheduler for each engine host. What is at one address shares one GPU, whatever engine object leads there. */
export class Scheduler {
  readonly #options: HostOptions;
  readonly #hosts = new Map<string, Host>();

  constructor(options: Omit<HostOptions, "limits"> & { limits?: Partial<HostOptions["limits"]> } = {}) {
    this.#options = { ...options, limits: { ...DEFAULT_LIMITS, ...options.limits } };
  }

  hostOf(engine: Engine): Host {
    const known = this.#hosts.get(engine.address);
    if (known !== undefined) return known;
    const host = new Host(engine, this.#options);
    this.#hosts.set(engine.address, host);
    return host;
  }

  hosts(): Host[] {
    return [...this.#hosts.values()];
  }

  /** Lets somebody in at once, or raises `QueueFullError`. */
  admit(engine: Engine, asker: Asker, { run, model }: Visit): Admission {
    const host = this.hostOf(engine.partFor?.(model ?? "") ?? engine);
    const entry: Entry = host.enter(asker, run, model);
    return {
      engine: scheduled(engine, host, entry),
      name: (label) => {
        entry.label = label;
      },
      release: () => host.leave(entry),
    };
  }

  state(): QueueState {
    const { maxQueue, parallel, maxLoaded } = this.#options.limits;
    const count = Math.max(1, this.#hosts.size);
    const sum = { waiting: 0, running: 0, loaded: 0 };
    for (const { state } of this.#hosts.values()) {
      sum.waiting += state.waiting.length;
      sum.running += state.running.size;
      sum.loaded += state.residents.size;
    }
    return { ...sum, capacity: maxQueue * count, slots: parallel * maxLoaded * count };
  }
}
