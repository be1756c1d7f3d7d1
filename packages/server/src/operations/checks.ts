import { asHearthError, type Engine, type Journal } from "hearth";

/** A probe has this long; a service that can't say how it is within that is not well. */
export const CHECK_BOUND_MS = 2000;
/** A result stands this long: whoever asks each second costs the engine nothing. */
export const CHECK_KEPT_MS = 5000;

/** How one part stands. */
export interface CheckResult {
  ok: boolean;
  /** How long the probe took. */
  ms: number;
  /** How old the result is. */
  ageMs: number;
  /** Class of the failure. Its message may name hosts, so it stands in the log only. */
  error?: string;
}

export interface Check {
  readonly name: string;
  look(): Promise<CheckResult>;
}

export interface CheckOptions {
  boundMs?: number;
  keptMs?: number;
  now?: () => number;
  /** Told when a part fails that was well, and when it is well again. */
  changed?: (name: string, failure: Error | undefined) => void;
}

/** A probe that is bounded, remembered for a while, and asked once for all who ask at the same time. */
export function check(
  name: string,
  probe: (signal: AbortSignal) => unknown,
  {
    boundMs = CHECK_BOUND_MS,
    keptMs = CHECK_KEPT_MS,
    now = () => performance.now(),
    changed,
  }: CheckOptions = {},
): Check {
  let last: { ok: boolean; ms: number; atMs: number; error?: string } | undefined;
  let going: Promise<void> | undefined;
  let well = true;

  async function ask(): Promise<void> {
    const atMs = now();
    let failure: Error | undefined;
    const bound = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new CheckTimeoutError(`No answer within ${boundMs} ms.`));
        bound.abort();
      }, boundMs);
    });
    try {
      // A probe may not heed its signal.
      await Promise.race([Promise.resolve().then(() => probe(bound.signal)), late]);
    } catch (error) {
      failure = error instanceof CheckTimeoutError ? error : asHearthError(error);
    } finally {
      clearTimeout(timer);
    }
    const error = failure === undefined ? {} : { error: failure.name };
    last = { ok: failure === undefined, ms: now() - atMs, atMs: now(), ...error };
    if (last.ok !== well) changed?.(name, failure);
    well = last.ok;
  }

  return {
    name,
    async look() {
      if (last === undefined || now() - last.atMs > keptMs) {
        going ??= ask().finally(() => {
          going = undefined;
        });
        await going;
      }
      const { ok, ms, atMs, error } = last!;
      const age = Math.max(0, now() - atMs);
      return {
        ok,
        ms: Math.round(ms * 10) / 10,
        ageMs: Math.round(age),
        ...(error === undefined ? {} : { error }),
      };
    },
  };
}

class CheckTimeoutError extends Error {
  override readonly name = "CheckTimeoutError";
}

/** Can runs be written down, and is there an engine to answer them? */
export function serviceChecks(
  journal: Journal | undefined,
  engine: () => Engine,
  changed: CheckOptions["changed"],
): Check[] {
  const told = changed === undefined ? {} : { changed };
  return [
    ...(journal === undefined ? [] : [check("journal", () => journal.probe?.(), told)]),
    check("engine", (signal) => engine().models(signal), told),
  ];
}
