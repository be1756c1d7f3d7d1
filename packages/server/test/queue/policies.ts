import { decide, EMPTY, type Limits, type SchedulerEvent, type State } from "../../src/scheduler/index.ts";
import type { Call, Machine, Order, Policy } from "./world.ts";

/**
 * Hearth's own decisions, as they are. `keyed`: each tenant has a key, and so a share of the line. `watch` sees the state after each.
 */
export function hearth(
  limits: Limits,
  keyed = false,
  watch?: (state: State, now: number) => void,
): () => Policy {
  return () => {
    let state: State = EMPTY;
    let wake: number | undefined;
    const sessions = new Set<number>();
    const take = (event: SchedulerEvent, now: number): Order[] => {
      const decision = decide(state, event, now, limits);
      state = decision.state;
      wake = decision.wakeAt;
      watch?.(state, now);
      return decision.actions.flatMap((action): Order[] => {
        if (action.type === "grant" || action.type === "evict") return [action];
        return action.type === "expire" ? [{ type: "refuse", id: action.id }] : [];
      });
    };
    return {
      ask({ id, job, at }, now) {
        const { tenant, model, priority } = job;
        const orders: Order[] = [];
        if (!sessions.has(job.id)) {
          const run = job.calls.length > 1;
          const session = { id: job.id, tenant, keyed, run, model, holdUntil: 0 };
          orders.push(...take({ type: "open", session }, now));
          if (!state.sessions.has(job.id)) return [...orders, { type: "refuse", id }];
          sessions.add(job.id);
        }
        const until = at + limits.queueTimeoutMs;
        const request = { id, session: job.id, tenant, model, priority, at, until };
        orders.push(...take({ type: "ask", request }, now));
        return orders;
      },
      end({ id, job }, ok, last, now) {
        const orders = take({ type: "end", id, ok }, now);
        if (last) orders.push(...take({ type: "close", session: job.id }, now));
        return orders;
      },
      drop({ id, job }, now) {
        return [...take({ type: "drop", id }, now), ...take({ type: "close", session: job.id }, now)];
      },
      loaded: (model, now) => take({ type: "loaded", model }, now),
      tick: (now) => take({ type: "tick" }, now),
      wakeAt: () => wake,
    };
  };
}

/** What both peers have in common: a line, and one model at a time. */
class Peer implements Policy {
  protected readonly line: Call[] = [];
  protected model: string | undefined;
  #ready = false;
  readonly #active = new Set<number>();
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  ask(call: Call): Order[] {
    this.line.push(call);
    return this.#settle();
  }

  end(call: Call): Order[] {
    this.#active.delete(call.id);
    return this.#settle();
  }

  drop(call: Call): Order[] {
    const at = this.line.findIndex(({ id }) => id === call.id);
    if (at >= 0) this.line.splice(at, 1);
    return this.#settle();
  }

  loaded(): Order[] {
    this.#ready = true;
    return this.#settle();
  }

  tick = (): Order[] => [];
  wakeAt = (): undefined => undefined;

  /** The place in line of the call that comes next; the one whose model is loaded where that is allowed. */
  protected next(): number {
    return 0;
  }

  #settle(): Order[] {
    const orders: Order[] = [];
    for (;;) {
      const at = this.next();
      const call = this.line[at];
      if (call === undefined) return orders;
      const { model } = call.job;
      if (model !== this.model) {
        if (this.#active.size > 0) return orders;
        if (this.model !== undefined) orders.push({ type: "evict", model: this.model });
        this.model = model;
        this.#ready = false;
        orders.push({ type: "grant", id: call.id, loads: true });
      } else {
        if (!this.#ready || this.#active.size >= this.#machine.parallel) return orders;
        orders.push({ type: "grant", id: call.id, loads: false });
      }
      this.#active.add(call.id);
      this.line.splice(at, 1);
    }
  }
}

/** First come, first served, as Ollama's scheduler with one model loaded. */
export const fifo = (machine: Machine) => (): Policy => new Peer(machine);

/** llama-swap since #790: ABCABC becomes AABBCC, without a bound on the wait. */
class Collating extends Peer {
  protected override next(): number {
    return Math.max(
      0,
      this.line.findIndex(({ job }) => job.model === this.model),
    );
  }
}

export const collate = (machine: Machine) => (): Policy => new Collating(machine);
