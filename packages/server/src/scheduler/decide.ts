import { applyEvent } from "./apply.ts";
import { activeOn, type Draft, draftOf, dueAt, holdsOn, learnedOf, waitingByModel } from "./draft.ts";
import { retryAfterMs } from "./estimate.ts";
import { charge, holds, pick } from "./pick.ts";
import { addUsage, boundsOf } from "./shares.ts";
import { changeAt, idleModel, nextModel, spentModel, visitEnd, wantedModels } from "./turns.ts";
import type { Action, Bounds, Decision, Limits, Request, SchedulerEvent, State } from "./types.ts";

/** The part of a load that is counted as use of the one slot for which it was done. */
const PAID = 0.5;

/** What follows from an event: the next state, what is to be done, and when to look again. Pure; `now` in milliseconds of any clock. */
export function decide(before: State, event: SchedulerEvent, now: number, limits: Limits): Decision {
  const state = draftOf(before);
  const actions: Action[] = [];
  applyEvent(state, event, now, limits, actions);
  const bounds = boundsOf(state, now, limits);
  expire(state, now, bounds, actions);
  while (grantOne(state, now, bounds, actions) || changeModels(state, now, bounds, actions));
  loadAhead(state, now, bounds, actions);
  return { state, actions, wakeAt: wakeAt(state, now, bounds) };
}

function expire(state: Draft, now: number, bounds: Bounds, actions: Action[]): void {
  for (const { id } of state.waiting.filter((request) => request.until <= now)) {
    state.waiting = state.waiting.filter((request) => request.id !== id);
    actions.push({ type: "expire", id, retryAfterMs: retryAfterMs(state, bounds) });
  }
}

/** Gives one free place at a loaded model to whoever is next for it. */
function grantOne(state: Draft, now: number, bounds: Bounds, actions: Action[]): boolean {
  for (const [model, requests] of waitingByModel(state)) {
    if (state.residents.get(model)?.phase !== "loaded" || state.turn?.from === model) continue;
    const free = bounds.parallel - activeOn(state, model);
    if (free <= 0) continue;
    const able = requests.filter((request) => mayTake(request, free, state, now, bounds));
    const next = pick(able, state, state, now, bounds);
    if (next === undefined) continue;
    grant(state, next, false, now, actions);
    return true;
  }
  return false;
}

/**
 * Whether a free place is this request's to take: not where all of them are kept for runs of the same tenant that come back in a moment.
 * Between tenants the turn counts and no place is kept, nor from a request that is urgent.
 */
function mayTake(request: Request, free: number, state: Draft, now: number, bounds: Bounds): boolean {
  const urgent = request.priority === "high" || dueAt(request, bounds) <= now;
  if (urgent || holds(request, state, now)) return true;
  const kept = holdsOn(state, request.model, now).filter(
    ({ id, tenant }) => id !== request.session && tenant === request.tenant,
  );
  return free > kept.length;
}

function grant(state: Draft, request: Request, loads: boolean, now: number, actions: Action[]): void {
  const { id, model } = request;
  state.waiting = state.waiting.filter((one) => one.id !== id);
  state.running.set(id, { request, since: now, charged: charge(state, request) });
  const session = state.sessions.get(request.session);
  if (session !== undefined) state.sessions.set(session.id, { ...session, model, holdUntil: 0 });
  const resident = state.residents.get(model);
  if (loads) state.residents.set(model, { phase: "loading", since: now, usedAt: now });
  else if (resident !== undefined) state.residents.set(model, { ...resident, usedAt: now });
  actions.push({ type: "grant", id, loads });
}

/** Loads a model that is waited for, where there is room or once another one has given way. Never one that is loading or has calls. */
function changeModels(state: Draft, now: number, bounds: Bounds, actions: Action[]): boolean {
  const rows = waitingByModel(state);
  const wanted = wantedModels(state, bounds, rows);
  const to = nextModel(wanted, rows, now);
  if (to === undefined) {
    state.turn = undefined;
    return false;
  }
  if (state.residents.size < bounds.maxLoaded) return load(state, to, undefined, now, bounds, actions);
  if (state.turn !== undefined && !wanted.some(({ model }) => model === state.turn?.to))
    state.turn = undefined;
  if (state.turn === undefined) {
    const [first] = wanted;
    const isDue = first !== undefined && changeAt(wanted) <= now;
    const spent = isDue ? spentModel(state, rows, first, now) : undefined;
    const from = idleModel(state, rows, now) ?? spent;
    if (from === undefined) return false;
    state.turn = { from, to };
    if (rows.has(from)) payForTurn(state, rows.get(to) ?? [], now, bounds);
  }
  const { from } = state.turn;
  if (activeOn(state, from) > 0 || state.residents.get(from)?.phase === "loading") return false;
  return load(state, state.turn.to, from, now, bounds, actions);
}

/** Who has the models changed out of turn pays for a part of the load, so that it is not done for everything it asks. */
function payForTurn(state: Draft, requests: readonly Request[], now: number, bounds: Bounds): void {
  const light = requests.find(({ tenant, priority }) => bounds.light.has(tenant) && priority !== "low");
  if (light === undefined || light.at + bounds.maxWaitMs <= now) return;
  addUsage(state.usage, light.tenant, PAID * learnedOf(state, light.model).loadMs, now);
}

function load(
  state: Draft,
  model: string,
  from: string | undefined,
  now: number,
  bounds: Bounds,
  actions: Action[],
): boolean {
  const first = pick(waitingByModel(state).get(model) ?? [], state, state, now, bounds);
  if (first === undefined) return false;
  if (from !== undefined && state.residents.delete(from)) actions.push({ type: "evict", model: from });
  state.turn = undefined;
  grant(state, first, true, now, actions);
  return true;
}

/** While nobody waits, the model of a run that will ask again is brought back, unless the one that is there is expected too. */
function loadAhead(state: Draft, now: number, bounds: Bounds, actions: Action[]): void {
  if (!bounds.canLoad || state.waiting.length > 0) return;
  const expected = new Set<string>();
  for (const { run, model } of state.sessions.values())
    if (run && model !== undefined && state.learned.has(model)) expected.add(model);
  for (const model of expected) {
    if (state.residents.has(model)) continue;
    if (state.residents.size >= bounds.maxLoaded) {
      const from = idleModel(state, new Map([...expected].map((one) => [one, []])), now);
      if (from === undefined) return;
      state.residents.delete(from);
      actions.push({ type: "evict", model: from });
    }
    state.residents.set(model, { phase: "loading", since: now, usedAt: now });
    actions.push({ type: "load", model });
  }
}

function wakeAt(state: State, now: number, bounds: Bounds): number | undefined {
  if (state.waiting.length === 0) return undefined;
  let at = Number.POSITIVE_INFINITY;
  const by = (time: number): void => {
    if (time > now && time < at) at = time;
  };
  for (const request of state.waiting) {
    by(request.until);
    by(dueAt(request, bounds));
  }
  for (const { holdUntil } of state.sessions.values()) by(holdUntil);
  const wanted = wantedModels(state, bounds);
  if (wanted.length > 0) {
    by(changeAt(wanted));
    for (const model of state.residents.keys()) by(visitEnd(state, model));
  }
  return at === Number.POSITIVE_INFINITY ? undefined : at;
}
