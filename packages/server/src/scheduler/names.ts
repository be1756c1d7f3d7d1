import type { Clock, Engine } from "hearth";

/** What the engine says of its memory is asked again after that long. */
const BELIEVED_MS = 60_000;
/** It is good to know, no more. */
const ASK_MS = 3000;

/**
 * Which names mean the same model on one engine, and which models it has in memory. A server that has one model answers with it to
 * any name (llama-server), so all names are that model's.
 */
export class ModelNames {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #seen: (models: readonly string[]) => void;
  #only: string | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  /** `seen` is called with the models in memory where the engine tells. */
  constructor(engine: Engine, clock: Clock, seen: (models: readonly string[]) => void) {
    this.#engine = engine;
    this.#clock = clock;
    this.#seen = seen;
  }

  keyOf(model: string): string {
    return this.#only ?? plain(model);
  }

  /** Asks the engine in the background, once in a while. */
  refresh(): void {
    const now = this.#clock.now();
    if (now - this.#askedAt < BELIEVED_MS) return;
    this.#askedAt = now;
    this.#engine.models(AbortSignal.timeout(ASK_MS)).then(
      (models) => {
        const loaded = models.filter((model) => model.loadedContextTokens !== undefined);
        if (models.length === 1) this.#only = plain(models[0]?.name ?? "");
        else this.#only = undefined;
        if (loaded.length > 0) this.#seen(loaded.map(({ name }) => this.keyOf(name)));
      },
      // The question that comes next says what is wrong.
      () => undefined,
    );
  }
}

/** `qwen3` and `qwen3:latest` are one model. */
const plain = (name: string): string => name.replace(/:latest$/, "");
