import { activeOn, dueAt, learnedOf, waitingByModel } from "./draft.ts";
import { charge, isBefore, nextTenant, willing } from "./pick.ts";
import { boundsOf } from "./shares.ts";
import type { Bounds, Limits, Request, State } from "./types.ts";

/** A place in line. */
export interface Place {
  readonly request: Request;
  /** From 1: the order in which they will be asked as things stand. */
  readonly position: number;
  /** About how long until then; calls that are over sooner or later than usual change it. */
  readonly estimateMs: number;
}

/** Everybody in line, in the order in which they will be asked. */
export function places(state: State, now: number, limits: Limits): Place[] {
  const bounds = boundsOf(state, now, limits);
  const rows = waitingByModel(state);
  const out: Place[] = [];
  let freeAtMs = 0;
  for (const model of modelsInTurn(state, rows, bounds)) {
    const { callMs, loadMs } = learnedOf(state, model);
    const resident = state.residents.get(model);
    const there = resident !== undefined && state.turn?.from !== model;
    const slots = Array.from({ length: bounds.parallel }, (_, i) => {
      if (!there) return freeAtMs + loadMs;
      // A call that goes on is taken to be half over.
      const left = i < activeOn(state, model) ? callMs / 2 : 0;
      return resident.phase === "loading" ? Math.max(0, loadMs - (now - resident.since)) + left : left;
    });
    for (const request of inTurn(rows.get(model) ?? [], state, now, bounds)) {
      const slot = slots.indexOf(Math.min(...slots));
      const estimateMs = slots[slot] ?? 0;
      slots[slot] = estimateMs + callMs;
      out.push({ request, position: out.length + 1, estimateMs: Math.round(estimateMs) });
    }
    freeAtMs = Math.max(freeAtMs, ...slots);
  }
  return out;
}

/** Those that are there, then the one that is next, then the others as they are due. */
function modelsInTurn(state: State, rows: ReadonlyMap<string, readonly Request[]>, bounds: Bounds): string[] {
  const rank = (model: string): number => {
    if (state.turn?.to === model) return 1;
    return state.residents.has(model) && state.turn?.from !== model ? 0 : 2;
  };
  const due = (model: string): number =>
    Math.min(...(rows.get(model) ?? []).map((request) => dueAt(request, bounds)));
  return [...rows.keys()].sort((a, b) => rank(a) - rank(b) || due(a) - due(b));
}

function* inTurn(
  requests: readonly Request[],
  state: State,
  now: number,
  bounds: Bounds,
): Generator<Request> {
  const scratch = { ...state, balances: new Map(state.balances) };
  const first = willing(requests, now, bounds);
  const early = new Set(first);
  const rest = requests.filter((request) => !early.has(request));
  for (const group of [first, rest]) {
    const lines = new Map<string, Request[]>();
    for (const request of group) {
      const line = lines.get(request.tenant);
      if (line === undefined) lines.set(request.tenant, [request]);
      else line.push(request);
    }
    for (const line of lines.values()) line.sort((a, b) => (isBefore(a, b, state, now, bounds) ? 1 : -1));
    while (lines.size > 0) {
      const tenant = nextTenant(lines, scratch) ?? "";
      const line = lines.get(tenant);
      const request = line?.pop();
      if (line === undefined || line.length === 0) lines.delete(tenant);
      if (request === undefined) continue;
      charge(scratch, request);
      yield request;
    }
  }
}

/** When a place may be free again: what those in line will take, a second at least and two minutes at most. */
export function retryAfterMs(state: State, { parallel }: Limits): number {
  let workMs = 0;
  for (const { model } of state.waiting) workMs += learnedOf(state, model).callMs;
  for (const { request } of state.running.values()) workMs += learnedOf(state, request.model).callMs / 2;
  return Math.min(120_000, Math.max(1000, workMs / Math.max(1, parallel)));
}
