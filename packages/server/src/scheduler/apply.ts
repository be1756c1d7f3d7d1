import { activeOn, type Draft, placesOf } from "./draft.ts";
import { retryAfterMs } from "./estimate.ts";
import { settleCharge } from "./pick.ts";
import { addUsage } from "./shares.ts";
import type { Action, Learned, Limits, RefusalReason, SchedulerEvent, Session } from "./types.ts";

/** How much the newest call or load counts in what is known of a model. */
const NEWEST = 0.3;
/** How fast the longest call is forgotten when shorter ones follow. */
const FORGET = 0.95;

/** What an event says, written down. What follows from it is decided after. */
export function applyEvent(
  state: Draft,
  event: SchedulerEvent,
  now: number,
  limits: Limits,
  actions: Action[],
): void {
  switch (event.type) {
    case "open": {
      const reason = refusal(state, event.session, limits);
      if (reason === undefined) state.sessions.set(event.session.id, event.session);
      else
        actions.push({
          type: "refuse",
          session: event.session.id,
          reason,
          retryAfterMs: retryAfterMs(state, limits),
        });
      return;
    }
    case "close":
      close(state, event.session, now, limits);
      return;
    case "ask":
      state.waiting.push(event.request);
      return;
    case "drop":
      state.waiting = state.waiting.filter(({ id }) => id !== event.id);
      return;
    case "end":
      end(state, event.id, event.ok, now, limits);
      return;
    case "loaded":
      loaded(state, event.model, now);
      return;
    case "lost":
      if (activeOn(state, event.model) === 0) state.residents.delete(event.model);
      return;
    case "seen":
      seen(state, event.models, now, limits);
      return;
    case "tick":
      return;
  }
}

/** With whoever leaves go all calls of it, whatever became of those who read them. */
function close(state: Draft, session: number, now: number, limits: Limits): void {
  state.waiting = state.waiting.filter((request) => request.session !== session);
  for (const [id, { request }] of state.running)
    if (request.session === session) end(state, id, false, now, limits);
  state.sessions.delete(session);
}

/** A key may have half of all places: however many it asks for, others find one. */
export function shareOf(keyed: boolean, limits: Limits): number {
  const places = placesOf(limits);
  return keyed ? Math.max(1, Math.ceil(places / 2)) : places;
}

function refusal(state: Draft, { tenant, keyed }: Session, limits: Limits): RefusalReason | undefined {
  let own = 0;
  for (const session of state.sessions.values()) if (session.tenant === tenant) own++;
  if (own >= shareOf(keyed, limits)) return "share";
  return state.sessions.size >= placesOf(limits) ? "full" : undefined;
}

function end(state: Draft, id: number, ok: boolean, now: number, limits: Limits): void {
  const running = state.running.get(id);
  if (running === undefined) return;
  const { request, since, charged } = running;
  const { model, tenant } = request;
  state.running.delete(id);
  const resident = state.residents.get(model);
  if (resident?.phase === "loading") {
    // Nothing came of the model: whether it is there now is not known, so the next call loads it.
    if (ok) loaded(state, model, now);
    else if (activeOn(state, model) === 0) state.residents.delete(model);
  } else if (resident !== undefined) state.residents.set(model, { ...resident, usedAt: now });
  // Time before the model was there is the load's.
  const began = Math.max(since, state.residents.get(model)?.since ?? since);
  const tookMs = Math.max(0, now - began);
  settleCharge(state, tenant, charged, tookMs);
  addUsage(state.usage, tenant, tookMs, now);
  if (ok) {
    learn(state, model, { callMs: tookMs });
    state.longestCallMs = Math.max(tookMs, state.longestCallMs * FORGET);
  }
  const session = state.sessions.get(request.session);
  if (session?.run && ok) state.sessions.set(session.id, { ...session, holdUntil: now + limits.lingerMs });
}

function loaded(state: Draft, model: string, now: number): void {
  const resident = state.residents.get(model);
  if (resident?.phase !== "loading") return;
  learn(state, model, { loadMs: now - resident.since });
  state.residents.set(model, { phase: "loaded", since: now, usedAt: now });
}

function learn(state: Draft, model: string, taken: Learned): void {
  const known = state.learned.get(model) ?? {};
  const mixed = (before: number | undefined, newest: number): number =>
    before === undefined ? newest : before + NEWEST * (newest - before);
  const { callMs, loadMs } = taken;
  state.learned.set(model, {
    ...known,
    ...(callMs === undefined ? {} : { callMs: mixed(known.callMs, callMs) }),
    ...(loadMs === undefined ? {} : { loadMs: mixed(known.loadMs, loadMs) }),
  });
}

/** Believed only while nothing runs: what the engine said is a moment old. */
function seen(state: Draft, models: readonly string[], now: number, { maxLoaded }: Limits): void {
  if (state.running.size > 0) return;
  for (const { phase } of state.residents.values()) if (phase === "loading") return;
  const there = models.slice(0, maxLoaded);
  for (const model of state.residents.keys()) if (!there.includes(model)) state.residents.delete(model);
  for (const model of there)
    if (!state.residents.has(model)) state.residents.set(model, { phase: "loaded", since: now, usedAt: now });
}
