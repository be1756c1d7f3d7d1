/** Within one tenant `high` goes before `normal`; `low` goes after everybody's others. None of them waits longer than the bound. */
export type Priority = "high" | "normal" | "low";

export const PRIORITIES: readonly Priority[] = ["high", "normal", "low"];

/** What holds on one engine host. Times in milliseconds. */
export interface Limits {
  /** Calls at once for each model. */
  parallel: number;
  /** Models in the GPU's memory at once. */
  maxLoaded: number;
  /** Requests and runs beside those that could be answered at once. */
  maxQueue: number;
  /** Within how long a request gets its model while another one has the GPU. Left out: by what loading takes. */
  maxWaitMs?: number;
  /** How long a run's place at its model is kept between two of its calls. */
  lingerMs: number;
  /** What has not begun by then is turned away. */
  queueTimeoutMs: number;
  /** Whether the engine can load a model without being asked a question. */
  canLoad: boolean;
}

/** The limits as they stand for one decision. */
export interface Bounds extends Limits {
  maxWaitMs: number;
  /** Tenants that had so little of the GPU of late that the models are changed for them at once. */
  light: ReadonlySet<string>;
}

/** Somebody who was let in: a question, or a run that asks several times. */
export interface Session {
  readonly id: number;
  /** Who is to be served fairly beside others: a key, or everybody without one. */
  readonly tenant: string;
  /** Asks with a key, and so may not fill the whole line. */
  readonly keyed: boolean;
  /** Will ask again. */
  readonly run: boolean;
  /** The model it asks, where known. */
  readonly model?: string;
  /** Until then its place at its model is kept for it. */
  readonly holdUntil: number;
}

/** One call of a model. */
export interface Request {
  readonly id: number;
  readonly session: number;
  readonly tenant: string;
  readonly model: string;
  readonly priority: Priority;
  /** When it came. */
  readonly at: number;
  /** When it is turned away. */
  readonly until: number;
}

export interface Running {
  readonly request: Request;
  readonly since: number;
  /** Milliseconds its tenant was charged in advance. */
  readonly charged: number;
}

/** A model in the GPU's memory. */
export interface Resident {
  readonly phase: "loading" | "loaded";
  /** Since when it loads, or is loaded. */
  readonly since: number;
  readonly usedAt: number;
}

/** What calls and loads of one model take, the newest counting most; absent where none is known yet. */
export interface Learned {
  readonly callMs?: number;
  readonly loadMs?: number;
}

export interface Usage {
  readonly ms: number;
  readonly at: number;
}

/** The models are about to change: `from` finishes what it does and takes nothing new. */
export interface Turn {
  readonly from: string;
  readonly to: string;
}

/** All that decisions are made from. Never changed in place. */
export interface State {
  readonly sessions: ReadonlyMap<number, Session>;
  /** In the order in which they came. */
  readonly waiting: readonly Request[];
  readonly running: ReadonlyMap<number, Running>;
  readonly residents: ReadonlyMap<string, Resident>;
  readonly turn: Turn | undefined;
  /** GPU time in milliseconds that each tenant has left in this round; less than nothing where it had more. */
  readonly balances: ReadonlyMap<string, number>;
  /** What each tenant had of the GPU of late, in milliseconds of one slot as of `at`; half of it is forgotten in two minutes. */
  readonly usage: ReadonlyMap<string, Usage>;
  /** Whose turn it was last. */
  readonly lastTenant: string;
  readonly learned: ReadonlyMap<string, Learned>;
  /** The longest call of late. */
  readonly longestCallMs: number;
}

export type SchedulerEvent =
  /** Somebody wants to be let in. */
  | { type: "open"; session: Session }
  /** Somebody leaves, and all calls that are not over with it. */
  | { type: "close"; session: number }
  /** Asks a model; the session is in. */
  | { type: "ask"; request: Request }
  /** Leaves the line. */
  | { type: "drop"; id: number }
  /** A call is over; `ok` is false where it failed or was cancelled. */
  | { type: "end"; id: number; ok: boolean }
  /** The model gave its first words, or said that it is loaded. */
  | { type: "loaded"; model: string }
  /** Loading ahead failed. */
  | { type: "lost"; model: string }
  /** What the engine says is in its memory. */
  | { type: "seen"; models: readonly string[] }
  /** Time has passed. */
  | { type: "tick" };

/** `share`: this key has its share of the line already; `full`: there is no place at all. */
export type RefusalReason = "share" | "full";

export type Action =
  /** Not let in. */
  | { type: "refuse"; session: number; reason: RefusalReason; retryAfterMs: number }
  /** May ask now; `loads` where the model has to be loaded for it. */
  | { type: "grant"; id: number; loads: boolean }
  /** Its time in line is over. */
  | { type: "expire"; id: number; retryAfterMs: number }
  /** Gives way to the model that is loaded next. */
  | { type: "evict"; model: string }
  /** Should be loaded ahead of the question that is expected. */
  | { type: "load"; model: string };

export interface Decision {
  state: State;
  actions: Action[];
  /** When to send a `tick` at the latest. */
  wakeAt: number | undefined;
}
