import type { Engine, EngineEvent } from "hearth";
import type { Entry, Host } from "./host.ts";
import type { Ticket } from "./ticket.ts";

/** Why a call waits, in events. */
const QUEUE = "queue";

/**
 * The engine as one question or one run sees it: each call waits for its turn, says its place in line, and gives the turn back when
 * it is over.
 */
export function scheduled(engine: Engine, host: Host, entry: Entry): Engine {
  const inLine = <R extends { model: string; contextTokens?: number }>(
    ask: ((request: R, signal: AbortSignal) => AsyncIterable<EngineEvent>) | undefined,
  ) =>
    ask === undefined
      ? undefined
      : (request: R, signal: AbortSignal) =>
          new ScheduledAnswer(
            host,
            () => host.ask(entry, request.model, request.contextTokens),
            () => ask.call(engine, request, signal),
            signal,
          );
  const chat = inLine(engine.chat);
  const complete = inLine(engine.complete);
  const { embed, countTokens } = engine;
  return {
    id: engine.id,
    address: engine.address,
    models: (signal) => engine.models(signal),
    describe: (model, signal) => engine.describe(model, signal),
    close: () => engine.close(),
    ...(chat === undefined ? {} : { chat }),
    ...(complete === undefined ? {} : { complete }),
    ...(countTokens === undefined ? {} : { countTokens: countTokens.bind(engine) }),
    ...(embed === undefined
      ? {}
      : {
          embed: (model, texts, signal = NEVER) =>
            inTurn(host, host.ask(entry, model), signal, () => embed.call(engine, model, texts, signal)),
        }),
  };
}

const NEVER = new AbortController().signal;

async function inTurn<T>(
  host: Host,
  ticket: Ticket,
  signal: AbortSignal,
  body: () => Promise<T>,
): Promise<T> {
  let ok = false;
  try {
    while (!ticket.granted) await orAborted(ticket.changed(ticket.place?.position), signal);
    const value = await body();
    ok = true;
    return value;
  } finally {
    host.over(ticket, ok);
  }
}

/** Written by hand, for a generator in between costs several promises an event. */
class ScheduledAnswer implements AsyncIterableIterator<EngineEvent> {
  readonly #host: Host;
  readonly #ask: () => Ticket;
  readonly #begin: () => AsyncIterable<EngineEvent>;
  readonly #signal: AbortSignal;
  #ticket: Ticket | undefined;
  #source: AsyncIterator<EngineEvent> | undefined;
  #waits = false;
  #position: number | undefined;
  #spoke = false;
  #finished = false;
  #ended = false;

  constructor(host: Host, ask: () => Ticket, begin: () => AsyncIterable<EngineEvent>, signal: AbortSignal) {
    this.#host = host;
    this.#ask = ask;
    this.#begin = begin;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<EngineEvent>> {
    if (this.#ended) return Promise.resolve(DONE);
    if (this.#source !== undefined) return this.#source.next().then(this.#took, this.#failed);
    return this.#turn();
  }

  async return(): Promise<IteratorResult<EngineEvent>> {
    const source = this.#source;
    this.#ended = true;
    try {
      await source?.return?.();
    } finally {
      this.#over(this.#finished);
    }
    return DONE;
  }

  /** Until it is this call's turn: its place in line, again whenever that changes. */
  async #turn(): Promise<IteratorResult<EngineEvent>> {
    if (this.#ticket === undefined) {
      this.#signal.throwIfAborted();
      this.#ticket = this.#ask();
      if (!this.#ticket.granted) {
        this.#waits = true;
        this.#signal.addEventListener("abort", this.#leave, { once: true });
        return this.#place(this.#ticket);
      }
    }
    const ticket = this.#ticket;
    if (!ticket.granted) {
      try {
        await orAborted(ticket.changed(this.#position), this.#signal);
      } catch (error) {
        this.#ended = true;
        this.#leave();
        throw error;
      }
      if (!ticket.granted) return this.#place(ticket);
    }
    if (this.#waits) {
      this.#waits = false;
      this.#signal.removeEventListener("abort", this.#leave);
      return { value: { type: "wait.end", for: QUEUE }, done: false };
    }
    this.#source = this.#begin()[Symbol.asyncIterator]();
    return this.next();
  }

  #place({ place }: Ticket): IteratorResult<EngineEvent> {
    this.#position = place?.position;
    if (place === undefined) return { value: { type: "wait", for: QUEUE }, done: false };
    const boundMs = Math.max(0, Math.round(place.request.until - this.#host.now()));
    return { value: { type: "wait", for: QUEUE, boundMs, position: place.position }, done: false };
  }

  readonly #took = (result: IteratorResult<EngineEvent>): IteratorResult<EngineEvent> => {
    if (result.done === true) {
      this.#ended = true;
      this.#over(true);
      return result;
    }
    const { type } = result.value;
    if (!this.#spoke && type !== "wait" && type !== "wait.end") {
      this.#spoke = true;
      if (this.#ticket !== undefined) this.#host.words(this.#ticket);
    }
    if (type === "finish") this.#finished = true;
    return result;
  };

  readonly #failed = (error: unknown): never => {
    this.#ended = true;
    this.#over(false);
    throw error;
  };

  /** Leaves the line at once, also while nobody reads. */
  readonly #leave = (): void => {
    if (this.#source === undefined) this.#over(false);
  };

  #over(ok: boolean): void {
    this.#signal.removeEventListener("abort", this.#leave);
    if (this.#ticket !== undefined) this.#host.over(this.#ticket, ok);
  }
}

const DONE: IteratorResult<EngineEvent> = { value: undefined, done: true };

function orAborted<T>(wait: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    // Heard in any case: what nobody waits for any more must not end the process.
    wait.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
