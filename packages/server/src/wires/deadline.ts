import { DeadlineError } from "../scheduler/index.ts";

/** The items of a source until a time is over; then the source is stopped, and `DeadlineError` says so. */
export async function* withinDeadline<T>(
  deadlineMs: number | undefined,
  signal: AbortSignal,
  begin: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T> {
  if (deadlineMs === undefined) {
    yield* begin(signal);
    return;
  }
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
