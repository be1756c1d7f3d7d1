import { after, CancelledError, type Clock, type Engine, systemClock } from "hearth";
import { decide } from "./decide.ts";
import { activeOn, EMPTY, learnedOf, placesOf } from "./draft.ts";
import { DeadlineError, QueueFullError, WaitTimeoutError } from "./errors.ts";
import { type Place, places } from "./estimate.ts";
import { ModelNames } from "./names.ts";
import { Ticket } from "./ticket.ts";
import type { Action, Limits, Priority, Request, SchedulerEvent, Session, State } from "./types.ts";

/** Places in line are told this often at most. */
const TELL_MS = 250;

/** One for all: without it each makes a stack. */
const LEFT = new CancelledError("The request left the line.");

/** Who asks, and how. */
export interface Asker {
  /** Whose requests `/api/queue` shows. */
  tenant: string;
  /** Each key is served fairly beside the others, and has a bounded share of the line. */
  keyId?: string;
  priority: Priority;
  /** The answer is of no use after that many milliseconds from now. */
  deadlineMs?: number;
  /** What it is called in `/api/queue`. */
  label?: string;
}

/** What the scheduler tells as it happens. Must be quick and must not throw. */
export interface SchedulerMeter {
  /** A call got its turn; 0 ms where it never waited. */
  granted(model: string, waitedMs: number): void;
  refused(model: string, why: "full" | "deadline"): void;
  /** Another model takes the place of the one that was loaded. */
  swapped(to: string): void;
  /** A model was loaded for a call, or ahead of one. */
  loaded(model: string, ms: number): void;
  /** A model that was neither loading nor in use gave way. */
  evicted(model: string): void;
}

export interface HostOptions {
  limits: Omit<Limits, "canLoad">;
  clock?: Clock | undefined;
  meter?: SchedulerMeter | undefined;
}

/** Somebody who was let in, as the host knows it. */
export interface Entry {
  readonly id: number;
  readonly asker: Asker;
  /** By the host's clock. */
  readonly deadlineAt: number;
  label: string;
}

/**
 * The scheduler of one engine host: carries out what `decide` says, and tells it what happens. Holds the state, the clock and the
 * tickets; decides nothing.
 */
export class Host {
  readonly engine: Engine;
  readonly limits: Limits;
  readonly names: ModelNames;
  readonly #clock: Clock;
  readonly #meter: SchedulerMeter | undefined;
  readonly #tickets = new Map<number, Ticket>();
  readonly #entries = new Map<number, Entry>();
  /** Windows that models were last asked with: loading one with another window would load it twice. */
  readonly #windows = new Map<string, number | undefined>();
  #state: State = EMPTY;
  #ids = 0;
  #refused: Extract<Action, { type: "refuse" }> | undefined;
  #cancelWake: (() => void) | undefined;
  #telling = false;

  constructor(engine: Engine, { limits, clock, meter }: HostOptions) {
    this.engine = engine;
    this.#clock = clock ?? systemClock;
    this.#meter = meter;
    this.limits = { ...limits, canLoad: engine.load !== undefined };
    this.names = new ModelNames(engine, this.#clock, (models) => this.#take({ type: "seen", models }));
  }

  get state(): State {
    return this.#state;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Lets in one who asks, or raises `QueueFullError`. Never waits. */
  enter(asker: Asker, run: boolean, model: string | undefined): Entry {
    const id = ++this.#ids;
    const key = model === undefined || model === "" ? {} : { model: this.names.keyOf(model) };
    const keyed = asker.keyId !== undefined;
    const session: Session = { id, tenant: partyOf(asker), keyed, run, holdUntil: 0, ...key };
    this.#take({ type: "open", session });
    const refused = this.#refused;
    this.#refused = undefined;
    if (refused !== undefined) {
      this.#meter?.refused(model ?? "", "full");
      throw new QueueFullError(refused.reason, this.#state.sessions.size, refused.retryAfterMs);
    }
    if (this.#state.running.size === 0) this.names.refresh();
    const { deadlineMs = Number.POSITIVE_INFINITY, label = `q${id}` } = asker;
    const entry: Entry = { id, asker, deadlineAt: this.now() + deadlineMs, label };
    this.#entries.set(id, entry);
    return entry;
  }

  leave(entry: Entry): void {
    if (this.#entries.delete(entry.id)) this.#take({ type: "close", session: entry.id });
  }

  /** Puts a call in line; it may be granted at once. */
  ask(entry: Entry, name: string, contextTokens?: number): Ticket {
    const { asker, deadlineAt } = entry;
    const at = this.now();
    const model = this.names.keyOf(name);
    if (contextTokens !== undefined) this.#windows.set(model, contextTokens);
    const ticket = new Ticket(++this.#ids);
    this.#tickets.set(ticket.id, ticket);
    const tenant = partyOf(asker);
    const { priority } = asker;
    const until = Math.min(at + this.limits.queueTimeoutMs, deadlineAt);
    const request: Request = { id: ticket.id, session: entry.id, tenant, model, priority, at, until };
    this.#take({ type: "ask", request });
    if (!ticket.granted) this.#tell();
    return ticket;
  }

  /** The first words are here. */
  words(ticket: Ticket): void {
    const model = this.#state.running.get(ticket.id)?.request.model;
    if (model !== undefined && this.#state.residents.get(model)?.phase === "loading")
      this.#take({ type: "loaded", model });
  }

  /** The call is over, or left the line. */
  over(ticket: Ticket, ok: boolean): void {
    if (!this.#tickets.delete(ticket.id)) return;
    if (this.#state.running.has(ticket.id)) this.#take({ type: "end", id: ticket.id, ok });
    else {
      ticket.fail(LEFT);
      this.#take({ type: "drop", id: ticket.id });
    }
  }

  places(): Place[] {
    return places(this.#state, this.now(), this.limits);
  }

  entryOf(session: number): Entry | undefined {
    return this.#entries.get(session);
  }

  get capacity(): number {
    return placesOf(this.limits);
  }

  #take(event: SchedulerEvent): void {
    const now = this.now();
    const before = this.#state;
    const { state, actions, wakeAt } = decide(before, event, now, this.limits);
    this.#state = state;
    for (const action of actions) this.#do(action, before, now);
    this.#measureLoads(before, now);
    this.#cancelWake?.();
    this.#cancelWake =
      wakeAt === undefined
        ? undefined
        : after(this.#clock, Math.max(0, wakeAt - now), () => this.#take({ type: "tick" }));
    if (state.waiting.length > 0) this.#tellSoon();
  }

  #do(action: Action, before: State, now: number): void {
    switch (action.type) {
      case "refuse":
        this.#refused = action;
        return;
      case "grant": {
        const request = this.#state.running.get(action.id)?.request;
        if (request !== undefined) this.#meter?.granted(request.model, now - request.at);
        if (request !== undefined && action.loads && before.residents.size >= this.limits.maxLoaded)
          this.#meter?.swapped(request.model);
        this.#tickets.get(action.id)?.grant();
        return;
      }
      case "expire": {
        const request = before.waiting.find(({ id }) => id === action.id);
        const entry = request === undefined ? undefined : this.#entries.get(request.session);
        this.#meter?.refused(request?.model ?? "", "deadline");
        const late = entry !== undefined && entry.deadlineAt <= now;
        const error = late
          ? new DeadlineError(entry.asker.deadlineMs ?? 0)
          : new WaitTimeoutError(now - (request?.at ?? now), action.retryAfterMs);
        this.#tickets.get(action.id)?.fail(error);
        return;
      }
      case "evict":
        this.#meter?.evicted(action.model);
        return;
      case "load":
        void this.#loadAhead(action.model);
        return;
    }
  }

  #measureLoads(before: State, now: number): void {
    for (const [model, { phase, since }] of before.residents)
      if (phase === "loading" && this.#state.residents.get(model)?.phase === "loaded")
        this.#meter?.loaded(model, now - since);
  }

  async #loadAhead(model: string): Promise<void> {
    try {
      await this.engine.load?.(model, this.#windows.get(model), new AbortController().signal);
      this.#take({ type: "loaded", model });
    } catch {
      // It was only meant to save time: the call that comes loads the model, and says what is wrong.
      this.#take({ type: "lost", model });
    }
  }

  #tell(): void {
    for (const place of this.places()) this.#tickets.get(place.request.id)?.moveTo(place);
  }

  #tellSoon(): void {
    if (this.#telling) return;
    this.#telling = true;
    after(this.#clock, TELL_MS, () => {
      this.#telling = false;
      this.#tell();
    });
  }

  /** Figures of each model that is loaded, asked or waited for. */
  models(): ModelView[] {
    const { residents, waiting, running } = this.#state;
    const names = new Set([...residents.keys(), ...waiting.map(({ model }) => model)]);
    for (const { request } of running.values()) names.add(request.model);
    return [...names].sort().map((name) => ({
      name,
      state: residents.get(name)?.phase ?? "waiting",
      running: activeOn(this.#state, name),
      waiting: waiting.filter(({ model }) => model === name).length,
      callMs: Math.round(learnedOf(this.#state, name).callMs),
      loadMs: Math.round(learnedOf(this.#state, name).loadMs),
    }));
  }
}

export interface ModelView {
  name: string;
  /** `waiting`: it is not loaded, and somebody waits for it. */
  state: "loaded" | "loading" | "waiting";
  running: number;
  waiting: number;
  /** What a call and a load take, as far as it is known. */
  callMs: number;
  loadMs: number;
}

/** Who is to be served fairly beside others: a key, or whoever asks without one. */
const partyOf = ({ keyId, tenant }: Asker): string => (keyId === undefined ? tenant : `key ${keyId}`);
