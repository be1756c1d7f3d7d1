import { learnedOf } from "./draft.ts";
import type { Bounds, Limits, State, Usage } from "./types.ts";

/** In this time half of what a tenant had is forgotten. */
const HALF_LIFE_MS = 120_000;
/** A tenant that had less than this part of an equal share is light. */
const LIGHT = 0.25;
/** GPU time before shares mean anything. */
const MEANS_MS = 20_000;
/** A request waits for its model a minute and as long as nine loads take: then loading is a small part of what the GPU does. */
const WAIT_MS = { base: 60_000, loads: 9, max: 300_000 };

/** The limits with what is left to the scheduler filled in. */
export function boundsOf(state: State, now: number, limits: Limits): Bounds {
  return {
    ...limits,
    maxWaitMs: limits.maxWaitMs ?? waitMs(state),
    light: lightTenants(state, now),
  };
}

function waitMs(state: State): number {
  let loadMs = 0;
  for (const model of state.learned.keys()) loadMs = Math.max(loadMs, learnedOf(state, model).loadMs);
  return Math.min(WAIT_MS.max, WAIT_MS.base + WAIT_MS.loads * loadMs);
}

export function usageAt({ ms, at }: Usage, now: number): number {
  return ms * 0.5 ** ((now - at) / HALF_LIFE_MS);
}

/** Adds to what a tenant had, and forgets those whose use is long ago. */
export function addUsage(usage: Map<string, Usage>, tenant: string, ms: number, now: number): void {
  for (const [other, one] of usage) if (usageAt(one, now) < 1) usage.delete(other);
  const before = usage.get(tenant);
  usage.set(tenant, { ms: (before === undefined ? 0 : usageAt(before, now)) + ms, at: now });
}

function lightTenants(state: State, now: number): ReadonlySet<string> {
  const shares = new Map<string, number>();
  for (const { tenant } of state.waiting) shares.set(tenant, 0);
  let all = 0;
  for (const [tenant, usage] of state.usage) {
    const ms = usageAt(usage, now);
    all += ms;
    shares.set(tenant, ms);
  }
  const light = new Set<string>();
  if (shares.size < 2 || all < MEANS_MS) return light;
  for (const [tenant, ms] of shares) if (ms * shares.size < LIGHT * all) light.add(tenant);
  return light;
}
