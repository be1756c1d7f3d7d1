import {
  type Action,
  decide,
  EMPTY,
  type Limits,
  type Priority,
  type SchedulerEvent,
  type State,
} from "../../src/scheduler/index.ts";

export const LIMITS: Limits = {
  parallel: 1,
  maxLoaded: 1,
  maxQueue: 32,
  maxWaitMs: 60_000,
  lingerMs: 1000,
  queueTimeoutMs: 600_000,
  canLoad: false,
};

export interface Who {
  tenant?: string;
  priority?: Priority;
  run?: boolean;
  keyed?: boolean;
}

/** A scheduler whose time and events a test gives; `done` is all that it did, in words. */
export class Table {
  state: State = EMPTY;
  now = 0;
  wakeAt: number | undefined;
  done: string[] = [];
  readonly #limits: Limits;
  readonly #words = new Map<number, string>();

  constructor(limits: Partial<Limits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  take(event: SchedulerEvent): Action[] {
    const { state, actions, wakeAt } = decide(this.state, event, this.now, this.#limits);
    this.state = state;
    this.wakeAt = wakeAt;
    for (const action of actions) this.done.push(this.#said(action));
    return actions;
  }

  /** Lets a session in. */
  open(id: number, model?: string, { tenant = "t", run = false, keyed = false }: Who = {}): Action[] {
    const named = model === undefined ? {} : { model };
    return this.take({ type: "open", session: { id, tenant, keyed, run, holdUntil: 0, ...named } });
  }

  /** Asks; the id of the request is that of the session unless it is given. */
  ask(session: number, model: string, { tenant = "t", priority = "normal" }: Who = {}, id = session): void {
    this.#words.set(id, `${id}:${model}`);
    const until = this.now + this.#limits.queueTimeoutMs;
    const request = { id, session, tenant, model, priority, at: this.now, until };
    this.take({ type: "ask", request });
  }

  /** Lets in and asks. */
  comes(id: number, model: string, who: Who = {}): void {
    this.open(id, model, who);
    this.ask(id, model, who);
  }

  /** What was done since this was asked last. */
  news(): string[] {
    return this.done.splice(0);
  }

  #said(action: Action): string {
    switch (action.type) {
      case "grant":
        return `${action.loads ? "load " : ""}${this.#words.get(action.id)}`;
      case "evict":
        return `evict ${action.model}`;
      case "load":
        return `ahead ${action.model}`;
      case "expire":
        return `expire ${action.id}`;
      case "refuse":
        return `refuse ${action.session} ${action.reason}`;
    }
  }
}
