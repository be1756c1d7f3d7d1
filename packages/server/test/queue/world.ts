/** One GPU in simulated time: slots, loading, KV caches. It does what a policy says, and counts what the policy must never do. */
export interface Job {
  id: number;
  at: number;
  tenant: string;
  priority: "high" | "normal" | "low";
  model: string;
  /** Each call: how long the answer takes once the prompt is read, and how long the tools after it. */
  calls: readonly { answerMs: number; toolMs: number }[];
  /** Leaves then, whatever it got. */
  cancelAt?: number;
}

export interface Call {
  id: number;
  job: Job;
  at: number;
  index: number;
}

export type Order =
  | { type: "grant"; id: number; loads: boolean }
  | { type: "evict"; model: string }
  | { type: "refuse"; id: number };

/** Who says what the GPU does. Every method gives orders, and `wakeAt` says when to ask again. */
export interface Policy {
  ask(call: Call, now: number): Order[];
  end(call: Call, ok: boolean, last: boolean, now: number): Order[];
  drop(call: Call, now: number): Order[];
  loaded(model: string, now: number): Order[];
  tick(now: number): Order[];
  wakeAt(): number | undefined;
}

export interface Machine {
  parallel: number;
  maxLoaded: number;
  loadMs: number;
  /** Reading a prompt whose head is not in the slot's cache. */
  coldMs: number;
  /** The same where it is. */
  warmMs: number;
}

export interface Served {
  job: Job;
  index: number;
  askedAt: number;
  waitMs: number;
  totalMs: number;
}

export interface Outcome {
  swaps: number;
  makespanMs: number;
  served: Served[];
  refused: number;
  cancelled: number;
  /** Loads over the cap, calls over the slots, evictions of models that load or have calls. */
  overCap: number;
  evictedActive: number;
  longestCallMs: number;
  cold: number;
}

interface Slot {
  session?: number;
  usedAt: number;
  call?: Call;
}

interface Loaded {
  readyAt: number;
  slots: Slot[];
}

type Happening =
  | { at: number; type: "ask"; call: Call }
  | { at: number; type: "loaded"; model: string }
  | { at: number; type: "end"; call: Call }
  | { at: number; type: "cancel"; job: Job };

export function simulate(jobs: readonly Job[], machine: Machine, policyOf: () => Policy): Outcome {
  const policy = policyOf();
  const out: Outcome = {
    swaps: 0,
    makespanMs: 0,
    served: [],
    refused: 0,
    cancelled: 0,
    overCap: 0,
    evictedActive: 0,
    longestCallMs: 0,
    cold: 0,
  };
  const loaded = new Map<string, Loaded>();
  const waiting = new Map<number, Call>();
  const running = new Map<number, { call: Call; began: number }>();
  const gone = new Set<number>();
  const agenda: Happening[] = [];
  let nextId = 0;
  let now = 0;

  const plan = (one: Happening): void => {
    let at = agenda.length;
    while (at > 0 && agenda[at - 1]!.at > one.at) at--;
    agenda.splice(at, 0, one);
  };
  for (const job of jobs) {
    plan({ at: job.at, type: "ask", call: { id: nextId++, job, at: job.at, index: 0 } });
    if (job.cancelAt !== undefined) plan({ at: job.cancelAt, type: "cancel", job });
  }

  const obey = (orders: readonly Order[]): void => {
    for (const order of orders) {
      if (order.type === "evict") evict(order.model);
      else if (order.type === "grant") grant(order.id, order.loads);
      else {
        out.refused++;
        waiting.delete(order.id);
      }
    }
  };
  const evict = (model: string): void => {
    const one = loaded.get(model);
    if (one === undefined) return;
    if (one.readyAt > now || one.slots.some(({ call }) => call !== undefined)) out.evictedActive++;
    loaded.delete(model);
  };
  const grant = (id: number, loads: boolean): void => {
    const call = waiting.get(id);
    if (call === undefined) return;
    waiting.delete(id);
    const { model } = call.job;
    if (loads) {
      out.swaps++;
      if (loaded.size >= machine.maxLoaded) out.overCap++;
      const slots = Array.from({ length: machine.parallel }, (): Slot => ({ usedAt: 0 }));
      loaded.set(model, { readyAt: now + machine.loadMs, slots });
      plan({ at: now + machine.loadMs, type: "loaded", model });
    }
    const home = loaded.get(model);
    if (home === undefined) throw new Error(`${model} is not loaded`);
    const free = home.slots.filter((slot) => slot.call === undefined);
    if (free.length === 0) out.overCap++;
    // As llama-server chooses: the slot whose cache fits, else the one not used for longest.
    const slot =
      free.find(({ session }) => session === call.job.id) ?? free.sort((a, b) => a.usedAt - b.usedAt)[0]!;
    const cold = slot.session !== call.job.id;
    if (cold) out.cold++;
    slot.session = call.job.id;
    slot.call = call;
    const began = Math.max(now, home.readyAt);
    const takes = (cold ? machine.coldMs : machine.warmMs) + (call.job.calls[call.index]?.answerMs ?? 0);
    out.longestCallMs = Math.max(out.longestCallMs, takes);
    running.set(id, { call, began });
    out.served.push({
      job: call.job,
      index: call.index,
      askedAt: call.at,
      waitMs: began - call.at,
      totalMs: began - call.at + takes,
    });
    plan({ at: began + takes, type: "end", call });
  };
  const free = (call: Call): void => {
    running.delete(call.id);
    for (const slot of loaded.get(call.job.model)?.slots ?? [])
      if (slot.call?.id === call.id) {
        delete slot.call;
        slot.usedAt = now;
      }
  };

  for (;;) {
    const wake = policy.wakeAt();
    const next = agenda[0];
    if (next === undefined && (waiting.size === 0 || wake === undefined)) break;
    if (next === undefined || (wake !== undefined && wake < next.at)) {
      now = Math.max(now, wake ?? now);
      obey(policy.tick(now));
      continue;
    }
    agenda.shift();
    now = next.at;
    if (next.type === "ask") {
      if (gone.has(next.call.job.id)) continue;
      waiting.set(next.call.id, next.call);
      obey(policy.ask(next.call, now));
    } else if (next.type === "loaded") obey(policy.loaded(next.model, now));
    else if (next.type === "end") {
      if (!running.has(next.call.id)) continue;
      const { job, index } = next.call;
      free(next.call);
      const step = job.calls[index];
      const last = index + 1 >= job.calls.length;
      out.makespanMs = now;
      if (!last) {
        const at = now + (step?.toolMs ?? 0);
        plan({ at, type: "ask", call: { id: nextId++, job, at, index: index + 1 } });
      }
      obey(policy.end(next.call, true, last, now));
    } else {
      gone.add(next.job.id);
      for (const call of waiting.values())
        if (call.job === next.job) {
          waiting.delete(call.id);
          out.cancelled++;
          obey(policy.drop(call, now));
        }
      for (const { call, began } of running.values())
        if (call.job === next.job && began <= now) {
          free(call);
          out.cancelled++;
          obey(policy.end(call, false, true, now));
        }
    }
  }
  if (waiting.size > 0) throw new Error(`${waiting.size} requests wait for ever`);
  return out;
}

/** The value below which this share of all lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
