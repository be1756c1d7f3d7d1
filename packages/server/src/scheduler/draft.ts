import type {
  Bounds,
  Learned,
  Limits,
  Request,
  Resident,
  Running,
  Session,
  State,
  Turn,
  Usage,
} from "./types.ts";

/** A copy of the state that one decision may write into. */
export interface Draft extends State {
  sessions: Map<number, Session>;
  waiting: Request[];
  running: Map<number, Running>;
  residents: Map<string, Resident>;
  turn: Turn | undefined;
  balances: Map<string, number>;
  usage: Map<string, Usage>;
  lastTenant: string;
  learned: Map<string, Learned>;
  longestCallMs: number;
}

/** What is taken for true of a model that has not been called yet. */
export const UNKNOWN: Required<Learned> = { callMs: 5000, loadMs: 8000 };

export const EMPTY: State = {
  sessions: new Map(),
  waiting: [],
  running: new Map(),
  residents: new Map(),
  turn: undefined,
  balances: new Map(),
  usage: new Map(),
  lastTenant: "",
  learned: new Map(),
  longestCallMs: 0,
};

export function draftOf(state: State): Draft {
  return {
    ...state,
    sessions: new Map(state.sessions),
    waiting: [...state.waiting],
    running: new Map(state.running),
    residents: new Map(state.residents),
    balances: new Map(state.balances),
    usage: new Map(state.usage),
    learned: new Map(state.learned),
  };
}

export const learnedOf = ({ learned }: Pick<State, "learned">, model: string): Required<Learned> => ({
  ...UNKNOWN,
  ...learned.get(model),
});

/** Calls that run on a model. */
export function activeOn({ running }: State, model: string): number {
  let count = 0;
  for (const { request } of running.values()) if (request.model === model) count++;
  return count;
}

/** Sessions whose place at the model is kept for their next call. */
export function holdsOn(state: State, model: string, now: number): Session[] {
  const out: Session[] = [];
  for (const session of state.sessions.values())
    if (session.model === model && session.holdUntil > now) out.push(session);
  return out;
}

/** Models that somebody waits for, with those who do, in the order in which they came. */
export function waitingByModel({ waiting }: State): Map<string, Request[]> {
  const out = new Map<string, Request[]>();
  for (const request of waiting) {
    const row = out.get(request.model);
    if (row === undefined) out.set(request.model, [request]);
    else row.push(request);
  }
  return out;
}

/** All who can be in at once. */
export const placesOf = ({ parallel, maxLoaded, maxQueue }: Limits): number =>
  parallel * maxLoaded + maxQueue;

/** When this request should have its model. */
export function dueAt({ at, tenant, priority }: Request, { maxWaitMs, light }: Bounds): number {
  return light.has(tenant) && priority !== "low" ? at : at + maxWaitMs;
}
