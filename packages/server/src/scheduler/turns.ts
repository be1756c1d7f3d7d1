import { activeOn, type Draft, dueAt, holdsOn, learnedOf, waitingByModel } from "./draft.ts";
import type { Bounds, Request, State } from "./types.ts";

/** A model that was loaded keeps the GPU for this many times the time it took to load, while it has work: else loading would be all it does. */
export const VISIT_LOADS = 2;

/** A model that is not loaded, and that somebody waits for. */
interface Wanted {
  model: string;
  dueAt: number;
  waiting: number;
  /** A light tenant waits for it. */
  light: boolean;
  /** Until it is there: the longest call before it, and its load. */
  changeMs: number;
  /** How long it then keeps the GPU at least. */
  visitMs: number;
}

/** Models that are waited for and not loaded; the one that is due first comes first. */
export function wantedModels(state: State, bounds: Bounds, rows = waitingByModel(state)): Wanted[] {
  const out: Wanted[] = [];
  for (const [model, requests] of rows) {
    if (state.residents.has(model)) continue;
    const { loadMs } = learnedOf(state, model);
    out.push({
      model,
      dueAt: earliest(requests, bounds),
      waiting: requests.length,
      light: requests.some(({ tenant, priority }) => bounds.light.has(tenant) && priority !== "low"),
      changeMs: state.longestCallMs + loadMs,
      visitMs: VISIT_LOADS * loadMs,
    });
  }
  return out.sort((a, b) => a.dueAt - b.dueAt);
}

function earliest(requests: readonly Request[], bounds: Bounds): number {
  let first = Number.POSITIVE_INFINITY;
  for (const request of requests) first = Math.min(first, dueAt(request, bounds));
  return first;
}

/** When the models have to be changed, so that each of these is there by the time it is due, one after the other. */
export function changeAt(wanted: readonly Wanted[]): number {
  let at = Number.POSITIVE_INFINITY;
  let before = 0;
  for (const { dueAt, changeMs, visitMs } of wanted) {
    at = Math.min(at, dueAt - before - changeMs);
    before += changeMs + visitMs;
  }
  return at;
}

/**
 * The model to load next: the one that most wait for, for each load is then worth most, as long as all others can still be there in time
 * after it; else the one that is due first.
 */
export function nextModel(
  wanted: readonly Wanted[],
  rows: ReadonlyMap<string, readonly Request[]>,
  now: number,
): string | undefined {
  const [first] = wanted;
  if (first === undefined || changeAt(wanted) <= now) return first?.model;
  const willing = wanted.filter(({ model }) => rows.get(model)?.some(({ priority }) => priority !== "low"));
  const among = willing.length > 0 ? willing : wanted;
  for (const one of [...among].sort((a, b) => b.waiting - a.waiting)) {
    const others = wanted.filter(({ model }) => model !== one.model);
    if (now + one.changeMs + one.visitMs <= changeAt(others)) return one.model;
  }
  return first.model;
}

/** A loaded model that nobody uses, waits for or comes back to in a moment; the one not used for longest. */
export function idleModel(
  state: Draft,
  rows: ReadonlyMap<string, readonly Request[]>,
  now: number,
): string | undefined {
  let found: string | undefined;
  let usedAt = Number.POSITIVE_INFINITY;
  for (const [model, resident] of state.residents) {
    if (resident.phase !== "loaded" || resident.usedAt >= usedAt || rows.has(model)) continue;
    if (activeOn(state, model) > 0 || holdsOn(state, model, now).length > 0) continue;
    found = model;
    usedAt = resident.usedAt;
  }
  return found;
}

/** The loaded model that has had its time: it gives way once its calls are over. For a light tenant none needs to have had it. */
export function spentModel(
  state: Draft,
  rows: ReadonlyMap<string, readonly Request[]>,
  { light }: Wanted,
  now: number,
): string | undefined {
  let found: string | undefined;
  let since = Number.POSITIVE_INFINITY;
  for (const [model, resident] of state.residents) {
    if (resident.phase !== "loaded" || resident.since >= since) continue;
    if (rows.has(model) && !light && now < visitEnd(state, model)) continue;
    found = model;
    since = resident.since;
  }
  return found;
}

/** Until when a loaded model keeps the GPU while it has work. */
export function visitEnd(state: State, model: string): number {
  const since = state.residents.get(model)?.since ?? 0;
  return since + VISIT_LOADS * learnedOf(state, model).loadMs;
}
