import type { Clock } from "../types.ts";

export interface FakeClockOptions {
  /** Milliseconds since 1970 at the start. Default 2026-01-01. */
  startMs?: number;
  /** Sleeping takes no time: the clock jumps ahead. Default true; else it moves by `advance` alone. */
  jump?: boolean;
}

/** A clock for tests. `sleeps` lists what was asked of it, in milliseconds. */
export interface FakeClock extends Clock {
  readonly sleeps: number[];
  /** Moves time on and wakes who slept until then, in order of time. Resolves when they had their turn. */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  untilMs: number;
  wake: () => void;
}

export function fakeClock(options: FakeClockOptions = {}): FakeClock {
  const jump = options.jump ?? true;
  const sleepers: Sleeper[] = [];
  const sleeps: number[] = [];
  let nowMs = options.startMs ?? Date.UTC(2026, 0, 1);

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    sleeps.push(ms);
    if (jump) {
      nowMs += ms;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const sleeper: Sleeper = {
        untilMs: nowMs + ms,
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        sleepers.splice(sleepers.indexOf(sleeper), 1);
        reject(signal?.reason);
      };
      sleepers.push(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  async function advance(ms: number): Promise<void> {
    const untilMs = nowMs + ms;
    for (;;) {
      const [next] = sleepers.toSorted((a, b) => a.untilMs - b.untilMs);
      if (next === undefined || next.untilMs > untilMs) break;
      nowMs = next.untilMs;
      sleepers.splice(sleepers.indexOf(next), 1);
      next.wake();
      await turn();
    }
    nowMs = untilMs;
    await turn();
  }

  return { now: () => nowMs, sleep, advance, sleeps };
}

/** Lets everything that can run, run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
