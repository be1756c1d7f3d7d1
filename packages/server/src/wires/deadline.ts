import { DeadlineError } from "../scheduler/index.ts";

/** The items of a source until a time is over; then the source is stopped, and `DeadlineError` says so. */
export function withinDeadline<T>(
  deadlineMs: number | undefined,
  signal: AbortSignal,
  begin: (signal: AbortSignal) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  return deadlineMs === undefined ? begin(signal) : inTime(deadlineMs, signal, begin);
}

async function* inTime<T>(
  deadlineMs: number,
  signal: AbortSignal,
  begin: (signal: AbortSignal) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DeadlineError(deadlineMs)), deadlineMs);
  try {
    yield* begin(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    throw late.signal.aborted && !signal.aborted ? late.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}
