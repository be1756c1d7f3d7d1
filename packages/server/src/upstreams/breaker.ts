/** How often in a row an engine must fail before it is left alone for a while. */
export const TRIP_AT = 3;
/** The first pause; each further failure doubles it. */
export const FIRST_PAUSE_MS = 5000;
export const LONGEST_PAUSE_MS = 60_000;

/** What is remembered of an engine's failures. */
export interface BreakerState {
  /** In a row. */
  failures: number;
  /** Nothing is sent before; 0 where the engine is well. */
  pausedUntilMs: number;
  /** One question is out to see whether it is well again. */
  trying: boolean;
}

export const WELL: BreakerState = { failures: 0, pausedUntilMs: 0, trying: false };

/** Whether the engine may be asked now: always, not, or once as a trial. */
export function mayAsk(state: BreakerState, nowMs: number): "yes" | "trial" | "no" {
  if (state.failures < TRIP_AT) return "yes";
  return nowMs < state.pausedUntilMs || state.trying ? "no" : "trial";
}

/** A trial that is begun keeps others away until it is over. */
export function began(state: BreakerState): BreakerState {
  return state.failures < TRIP_AT ? state : { ...state, trying: true };
}

/** After a failure: at the third in a row a pause, which grows while it goes on. */
export function failed(state: BreakerState, nowMs: number): BreakerState {
  const failures = state.failures + 1;
  if (failures < TRIP_AT) return { failures, pausedUntilMs: 0, trying: false };
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - TRIP_AT));
  return { failures, pausedUntilMs: nowMs + pauseMs, trying: false };
}

/** Somebody gave up waiting for a trial: nothing was learned. */
export function undecided(state: BreakerState): BreakerState {
  return state.trying ? { ...state, trying: false } : state;
}
