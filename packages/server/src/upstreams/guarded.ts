import {
  type Clock,
  type Engine,
  EngineError,
  type EngineEvent,
  EngineTimeoutError,
  EngineUnreachableError,
  StreamCutError,
} from "hearth";
import { type BreakerState, began, failed, mayAsk, undecided, WELL } from "./breaker.ts";

/** Failures of the engine itself, not of what was asked of it. */
function isSick(error: unknown): boolean {
  return (
    error instanceof EngineUnreachableError ||
    error instanceof EngineTimeoutError ||
    error instanceof StreamCutError
  );
}

/** Not asked, for it failed too often of late. */
export class EnginePausedError extends EngineUnreachableError {}

/**
 * An engine behind a circuit breaker: after three failures in a row it is left alone for a while, and whoever asks is told at once
 * instead of waiting for a connection that does not come.
 */
export class Guarded implements Engine {
  readonly id: string;
  readonly address: string;
  chat?: NonNullable<Engine["chat"]>;
  complete?: NonNullable<Engine["complete"]>;
  countTokens?: NonNullable<Engine["countTokens"]>;
  embed?: NonNullable<Engine["embed"]>;
  load?: NonNullable<Engine["load"]>;
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #changed: (failure: Error | undefined) => void;
  #state: BreakerState = WELL;

  /** `changed` hears of the failure that stops the asking, and of the recovery. */
  constructor(engine: Engine, clock: Clock, changed: (failure: Error | undefined) => void) {
    this.id = engine.id;
    this.address = engine.address;
    this.#engine = engine;
    this.#clock = clock;
    this.#changed = changed;
    const { chat, complete, countTokens, embed, load } = engine;
    if (load !== undefined) this.load = load.bind(engine);
    if (chat !== undefined)
      this.chat = (request, signal) => this.#follow(() => chat.call(engine, request, signal), signal);
    if (complete !== undefined)
      this.complete = (request, signal) => this.#follow(() => complete.call(engine, request, signal), signal);
    if (countTokens !== undefined)
      this.countTokens = (model, text, signal) =>
        this.#once(() => countTokens.call(engine, model, text, signal), signal);
    if (embed !== undefined)
      this.embed = (model, texts, signal) =>
        this.#once(() => embed.call(engine, model, texts, signal), signal);
  }

  /** Whether it is asked now, as far as is known. */
  get isWell(): boolean {
    return mayAsk(this.#state, this.#clock.now()) !== "no";
  }

  /** Milliseconds until it is tried again; 0 where it may be asked. */
  get pauseMs(): number {
    return this.isWell ? 0 : Math.max(0, this.#state.pausedUntilMs - this.#clock.now());
  }

  models(signal?: AbortSignal) {
    return this.#once(() => this.#engine.models(signal), signal);
  }

  describe(model: string, signal?: AbortSignal) {
    return this.#once(() => this.#engine.describe(model, signal), signal);
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  #enter(): void {
    if (mayAsk(this.#state, this.#clock.now()) === "no") {
      const seconds = Math.max(1, Math.ceil(this.pauseMs / 1000));
      throw new EnginePausedError(
        `${this.address} failed ${this.#state.failures} times in a row and is left alone for ${seconds} s more.`,
        { remedy: "Look whether the engine runs; it is tried again by itself." },
      );
    }
    this.#state = began(this.#state);
  }

  async #once<T>(ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#enter();
    try {
      const value = await ask();
      this.#good();
      return value;
    } catch (error) {
      this.#bad(error, signal?.aborted === true);
      throw error;
    }
  }

  async *#follow(ask: () => AsyncIterable<EngineEvent>, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    this.#enter();
    let settled = false;
    try {
      for await (const event of ask()) {
        // A wait says nothing; the first word says that it is well.
        if (!settled && event.type !== "wait" && event.type !== "wait.end") {
          settled = true;
          this.#good();
        }
        yield event;
      }
      settled = true;
    } catch (error) {
      settled = true;
      this.#bad(error, signal.aborted);
      throw error;
    } finally {
      if (!settled) this.#state = undecided(this.#state);
    }
  }

  #good(): void {
    if (this.#state === WELL) return;
    const was = this.#state.pausedUntilMs > 0;
    this.#state = WELL;
    if (was) this.#changed(undefined);
  }

  #bad(error: unknown, left: boolean): void {
    if (left) {
      this.#state = undecided(this.#state);
      return;
    }
    // It answered, if only with a refusal.
    if (!isSick(error)) {
      if (error instanceof EngineError) this.#good();
      else this.#state = undecided(this.#state);
      return;
    }
    const was = this.#state.pausedUntilMs > 0;
    this.#state = failed(this.#state, this.#clock.now());
    if (!was && this.#state.pausedUntilMs > 0 && error instanceof Error) this.#changed(error);
  }
}
