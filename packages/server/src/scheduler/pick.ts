import type { Draft } from "./draft.ts";
import { learnedOf } from "./draft.ts";
import { type Bounds, PRIORITIES, type Request, type State } from "./types.ts";

/** GPU time that each tenant in line is given in a round. */
export const QUANTUM_MS = 2000;

export type Fairness = Pick<Draft, "balances" | "lastTenant">;

/** Those in line, by name. */
type Tenants = Pick<ReadonlySet<string>, "has"> & { keys(): Iterable<string> };

/**
 * Who of these is next: tenants in turn by deficit round robin, each paying with the time its calls take, so that it does not matter how
 * many or how long ones it sends. Within a tenant what has waited long goes first, then priority, then whoever's place is kept, then who came first.
 * Gives out a new round where all have used up theirs.
 */
export function pick(
  waiting: readonly Request[],
  state: State,
  fairness: Fairness,
  now: number,
  bounds: Bounds,
): Request | undefined {
  const able = willing(waiting, now, bounds);
  const tenant = nextTenant(new Set(able.map((request) => request.tenant)), fairness);
  let best: Request | undefined;
  for (const request of able) {
    if (request.tenant !== tenant) continue;
    if (best === undefined || isBefore(request, best, state, now, bounds)) best = request;
  }
  return best;
}

/** Has waited half of what it may: from here on age counts, and priority no more. */
const isRipe = ({ at }: Request, now: number, { maxWaitMs }: Bounds): boolean => at + maxWaitMs / 2 <= now;

/** All but `low` ones that are not ripe; those too where there are no others. */
export function willing(waiting: readonly Request[], now: number, bounds: Bounds): readonly Request[] {
  const first = waiting.filter((request) => request.priority !== "low" || isRipe(request, now, bounds));
  return first.length > 0 ? first : waiting;
}

export function nextTenant(tenants: Tenants, { balances, lastTenant }: Fairness): string | undefined {
  const ring = [...tenants.keys()].sort();
  const at = ring.findIndex((tenant) => tenant > lastTenant);
  const inTurn = at < 0 ? ring : [...ring.slice(at), ...ring.slice(0, at)];
  const balanceOf = (tenant: string): number => balances.get(tenant) ?? 0;
  // Whoever's turn it was goes on while it has time left: that is what makes rounds of deficit round robin.
  if (tenants.has(lastTenant) && balanceOf(lastTenant) > 0) return lastTenant;
  const best = Math.max(...inTurn.map(balanceOf));
  if (ring.length > 0 && best <= 0) newRound(balances, tenants, Math.floor(-best / QUANTUM_MS) + 1);
  return inTurn.find((tenant) => balanceOf(tenant) > 0);
}

/** Those in line get their time; those who are not only pay off what they owe. */
function newRound(balances: Map<string, number>, inLine: Tenants, rounds: number): void {
  const given = rounds * QUANTUM_MS;
  for (const tenant of inLine.keys()) balances.set(tenant, (balances.get(tenant) ?? 0) + given);
  for (const [tenant, balance] of balances) {
    if (inLine.has(tenant)) continue;
    if (balance + given >= 0) balances.delete(tenant);
    else balances.set(tenant, balance + given);
  }
}

export function isBefore(a: Request, b: Request, state: State, now: number, bounds: Bounds): boolean {
  const ripe = Number(isRipe(b, now, bounds)) - Number(isRipe(a, now, bounds));
  if (ripe !== 0) return ripe < 0;
  if (isRipe(a, now, bounds)) return a.at < b.at;
  const priority = PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority);
  if (priority !== 0) return priority < 0;
  const kept = Number(holds(b, state, now)) - Number(holds(a, state, now));
  return kept === 0 ? a.at < b.at : kept < 0;
}

/** Whether its own run's place is kept for it. */
export function holds({ session, model }: Request, { sessions }: State, now: number): boolean {
  const own = sessions.get(session);
  return own !== undefined && own.model === model && own.holdUntil > now;
}

/** Takes what the call will cost, as far as it is known, from its tenant's time; gives the amount. */
export function charge(state: Fairness & Pick<State, "learned">, { tenant, model }: Request): number {
  const amount = learnedOf(state, model).callMs;
  state.balances.set(tenant, (state.balances.get(tenant) ?? 0) - amount);
  state.lastTenant = tenant;
  return amount;
}

/** Puts the account right once it is known what the call took. */
export function settleCharge(state: Fairness, tenant: string, charged: number, tookMs: number): void {
  state.balances.set(tenant, (state.balances.get(tenant) ?? 0) + charged - tookMs);
}
