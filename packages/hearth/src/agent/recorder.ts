import type { Clock } from "../engines/types.ts";
import { type Journal, type Lease, letGo, newOwner } from "../journal/index.ts";
import { type EventBody, type EventType, InternalError, type RunEvent } from "../protocol/index.ts";

/** A reader this many events behind pauses the run, so that buffers stay bounded. */
export const MAX_LAG_EVENTS = 1024;

/** Events after which something happens in the world that the log must know of first. */
const AT_ONCE: ReadonlySet<EventType> = new Set<EventType>([
  "run.started",
  "call.running",
  "approval.requested",
  "approval.given",
  "artifact.stored",
  "run.finished",
]);

interface Reader {
  next: number;
  wake: (() => void) | undefined;
}

/**
 * Gives each event its place, appends it to the journal, and only then hands it on.
 * Readers may come late: they start at the first event.
 */
export class Recorder {
  readonly runId: string;
  readonly log: RunEvent[] = [];
  readonly #journal: Journal;
  #lease: Lease | undefined;
  readonly #clock: Clock;
  readonly #observe: (event: RunEvent) => void;
  readonly #readers = new Set<Reader>();
  #seq = 0;
  #timeMs = Number.NaN;
  #timeText = "";
  #batch: RunEvent[] = [];
  #pending: Promise<void> | undefined;
  #failure: unknown;
  #ended = false;
  #resume: (() => void) | undefined;

  /** `observe` sees each event the moment it is emitted (the state's reducer). */
  constructor(journal: Journal, runId: string, clock: Clock, observe: (event: RunEvent) => void) {
    this.runId = runId;
    this.#journal = journal;
    this.#clock = clock;
    this.#observe = observe;
  }

  /** Takes the run and keeps it until `over` fires; must come before the first event. */
  async open(ttlMs: number, over: AbortSignal): Promise<Lease> {
    const owner = newOwner();
    over.addEventListener("abort", () => letGo(owner), { once: true });
    const lease = await this.#journal.acquire(this.runId, owner, ttlMs);
    this.#lease = lease;
    const timer = setInterval(() => void this.#renew(lease, ttlMs), ttlMs / 3).unref();
    over.addEventListener("abort", () => clearInterval(timer), { once: true });
    return lease;
  }

  async #renew(lease: Lease, ttlMs: number): Promise<void> {
    try {
      await this.#journal.renew(lease, ttlMs);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The log has these events already (a resumed run). */
  continueFrom(seq: number): void {
    this.#seq = seq;
  }

  /** Writes what is left, lets go of the run and ends the readers. */
  async close(): Promise<void> {
    try {
      this.#flush();
      await this.#pending;
      // What could not be written was not: whoever awaits the run must not take it for ended.
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#lease !== undefined) await this.#journal.release(this.#lease);
    } finally {
      this.end();
    }
  }

  get seq(): number {
    return this.#seq;
  }

  /**
   * In a durable journal what is emitted in one turn of the event loop is appended in one write, before anybody sees it; an intent is
   * appended at once, before its effect begins. Memory takes each event as it comes. Raises what the journal raises; from then on nothing is emitted any more.
   */
  emit(body: EventBody): void {
    if (this.#failure !== undefined) throw this.#failure;
    const time = this.#timeOf(this.#clock.now());
    const event: RunEvent = { seq: ++this.#seq, runId: this.runId, time, ...body };
    this.#observe(event);
    this.#batch.push(event);
    if (this.#journal.durable !== true || AT_ONCE.has(event.type)) {
      this.#flush();
      if (this.#failure !== undefined) throw this.#failure;
    } else if (this.#batch.length === 1) {
      setImmediate(() => this.#flush());
    }
  }

  /** Many events share a millisecond, and writing one out is dear. */
  #timeOf(ms: number): string {
    if (ms !== this.#timeMs) {
      this.#timeMs = ms;
      this.#timeText = new Date(ms).toISOString();
    }
    return this.#timeText;
  }

  /** Appends what was emitted since the last time, then hands it on. */
  #flush(): void {
    const events = this.#batch;
    if (events.length === 0 || this.#failure !== undefined) return;
    this.#batch = [];
    const lease = this.#lease;
    if (lease === undefined) throw new InternalError("An event was emitted before the run was opened.");
    const append = (): void | Promise<void> => this.#journal.append(lease, events[0]!.seq - 1, events);
    try {
      const written = this.#pending === undefined ? append() : this.#pending.then(append);
      if (written instanceof Promise) this.#await(written, events);
      else this.#publish(events);
    } catch (error) {
      this.#fail(error);
    }
  }

  #await(written: Promise<void>, events: readonly RunEvent[]): void {
    const done = written.then(
      () => this.#publish(events),
      (error: unknown) => this.#fail(error),
    );
    this.#pending = done;
    void done.then(() => {
      if (this.#pending === done) this.#pending = undefined;
    });
  }

  #publish(events: readonly RunEvent[]): void {
    for (const event of events) this.log.push(event);
    this.#wakeAll();
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.end();
  }

  /** A promise while the journal writes or a reader is far behind; the run waits for it before it reads on from the engine. */
  gate(): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#pending !== undefined) return this.#pending.then(() => this.gate());
    if (!this.#lagging()) return undefined;
    return new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
  }

  /**
   * A promise while what was emitted at once (an intent) is not in the journal yet, for one that answers with promises. Raises what the
   * journal raised: then the effect must not begin.
   */
  written(): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#pending?.then(() => {
      if (this.#failure !== undefined) throw this.#failure;
    });
  }

  #lagging(): boolean {
    for (const reader of this.#readers) if (this.log.length - reader.next > MAX_LAG_EVENTS) return true;
    return false;
  }

  /** No more events come; readers end when they have read the rest. */
  end(): void {
    this.#ended = true;
    this.#wakeAll();
    this.#release();
  }

  #wakeAll(): void {
    for (const reader of this.#readers) {
      reader.wake?.();
      reader.wake = undefined;
    }
  }

  #release(): void {
    if (this.#resume === undefined || (this.#lagging() && !this.#ended)) return;
    const resume = this.#resume;
    this.#resume = undefined;
    resume();
  }

  /** All events from the first, then the new ones as they come. Leaving early stops only this reader. */
  read(): AsyncIterableIterator<RunEvent> {
    const reader: Reader = { next: 0, wake: undefined };
    this.#readers.add(reader);
    const leave = (): IteratorResult<RunEvent> => {
      this.#readers.delete(reader);
      this.#release();
      return { value: undefined, done: true };
    };
    const next = (): Promise<IteratorResult<RunEvent>> => {
      const event = this.log[reader.next];
      if (event !== undefined) {
        reader.next++;
        if (this.#resume !== undefined) this.#release();
        return Promise.resolve({ value: event, done: false });
      }
      if (this.#ended) {
        const end = leave();
        return this.#failure === undefined ? Promise.resolve(end) : Promise.reject(this.#failure);
      }
      return new Promise<void>((resolve) => {
        reader.wake = resolve;
      }).then(next);
    };
    return {
      next,
      return: async () => leave(),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
