import {
  ConfigError,
  type EngineError,
  EngineUnreachableError,
  ModelNotFoundError,
} from "../protocol/index.ts";
import type { ChatRequest, CompletionRequest, Engine, EngineEvent, ModelInfo, ModelRef } from "./types.ts";

/**
 * Several models, in order of preference, as one: the first whose engine can be reached answers. Only an engine that is
 * not there is passed over; a refusal, a busy engine or a broken answer is the loop's to handle. What is passed over is
 * said in a wait event. Raises `ConfigError` where there is none, or where the engines can't be asked in the same way.
 */
export function withFallback(refs: readonly ModelRef[]): ModelRef {
  const [first] = refs;
  if (first === undefined)
    throw new ConfigError("No model to fall back to is named.", { remedy: "Name at least one." });
  return { engine: new FallbackEngine(refs), ...(first.model === undefined ? {} : { model: first.model }) };
}

class FallbackEngine implements Engine {
  readonly id: string = "fallback";
  chat?: NonNullable<Engine["chat"]>;
  complete?: NonNullable<Engine["complete"]>;
  readonly #refs: readonly ModelRef[];
  /** The one that answered last: it is stayed with, for its cache holds the conversation. */
  #current = 0;

  constructor(refs: readonly ModelRef[]) {
    this.#refs = refs;
    if (refs.every(({ engine }) => engine.chat !== undefined)) {
      this.chat = (request, signal) =>
        this.#first<ChatRequest>(request, signal, (engine, own) => engine.chat!(own, signal));
    } else if (refs.every(({ engine }) => engine.complete !== undefined)) {
      this.complete = (request, signal) =>
        this.#first<CompletionRequest>(request, signal, (engine, own) => engine.complete!(own, signal));
    } else {
      throw new ConfigError(
        "These engines can't stand in for each other: some take messages, some raw text.",
        {
          remedy: "Fall back between engines of one kind.",
        },
      );
    }
  }

  get address(): string {
    return this.#refs[this.#current]?.engine.address ?? "";
  }

  async models(signal?: AbortSignal): Promise<ModelInfo[]> {
    return this.#reach(async ({ engine, model }) => {
      if (model !== undefined) return [await engine.describe(model, signal)];
      return await engine.models(signal);
    });
  }

  /** The model of the first engine that is there; it may have another name than the one asked for. */
  async describe(model: string, signal?: AbortSignal): Promise<ModelInfo> {
    return this.#reach(async (ref) => ref.engine.describe(await this.#nameOn(ref, model, signal), signal));
  }

  async close(): Promise<void> {
    await Promise.all(this.#refs.map(({ engine }) => engine.close()));
  }

  /** The name to use on an engine: its own where it has one, else the one asked for, else the first it has. */
  async #nameOn(ref: ModelRef, model: string, signal?: AbortSignal): Promise<string> {
    const siblings = this.#refs.some((other) => other.model === model);
    if (ref.model !== undefined) return ref.model;
    if (!siblings) return model;
    const [best] = await ref.engine.models(signal);
    if (best === undefined) throw new ModelNotFoundError(`There is no model at ${ref.engine.address}.`);
    return best.name;
  }

  async #reach<T>(ask: (ref: ModelRef) => Promise<T>): Promise<T> {
    let last: unknown;
    for (const [ref, place] of this.#order()) {
      try {
        const value = await ask(ref);
        this.#current = place;
        return value;
      } catch (error) {
        if (!(error instanceof EngineUnreachableError)) throw error;
        last = error;
      }
    }
    throw this.#nowhere(last);
  }

  async *#first<R extends { model: string }>(
    request: R,
    signal: AbortSignal,
    ask: (engine: Engine, request: R) => AsyncIterable<EngineEvent>,
  ): AsyncGenerator<EngineEvent> {
    let last: unknown;
    let waiting: string | undefined;
    for (const [ref, place] of this.#order()) {
      let began = false;
      try {
        const model = await this.#nameOn(ref, request.model, signal);
        for await (const event of ask(ref.engine, { ...request, model })) {
          if (!began && waiting !== undefined) yield { type: "wait.end", for: waiting };
          began = true;
          this.#current = place;
          yield event;
        }
        return;
      } catch (error) {
        if (began || signal.aborted || !(error instanceof EngineUnreachableError)) throw error;
        if (waiting !== undefined) yield { type: "wait.end", for: waiting };
        waiting = `another engine (${error.message})`;
        yield { type: "wait", for: waiting };
        last = error;
      }
    }
    if (waiting !== undefined) yield { type: "wait.end", for: waiting };
    throw this.#nowhere(last);
  }

  /** The current one, then the others in their order. */
  #order(): [ModelRef, number][] {
    const all = this.#refs.map((ref, place): [ModelRef, number] => [ref, place]);
    return all.toSorted(([, a], [, b]) => Number(b === this.#current) - Number(a === this.#current) || a - b);
  }

  #nowhere(cause: unknown): EngineError {
    const places = this.#refs.map(({ engine }) => engine.address).join(", ");
    return new EngineUnreachableError(`None of the engines can be reached: ${places}.`, {
      remedy: "Start one of them.",
      cause,
    });
  }
}
