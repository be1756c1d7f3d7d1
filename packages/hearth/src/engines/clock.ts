import type { Clock } from "./types.ts";

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
};

/** Calls back after `ms` unless the function it gives is called before. Without the signals that `sleep` needs: those are dear. */
export function after(clock: Clock, ms: number, callback: () => void): () => void {
  if (clock === systemClock) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  }
  const cancelled = new AbortController();
  clock.sleep(ms, cancelled.signal).then(callback, () => undefined);
  return () => cancelled.abort();
}
