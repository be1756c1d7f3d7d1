import {
  after,
  type Clock,
  ConfigError,
  type Engine,
  EngineUnreachableError,
  type ModelInfo,
  systemClock,
  withFallback,
} from "hearth";
import { Guarded } from "./guarded.ts";
import { type Candidate, type Way, waysTo } from "./route.ts";

/** How often an engine is asked what it has, and so whether it is there. */
export const HEALTH_EVERY_MS = 15_000;
/** An engine that takes longer to list its models is not well. */
export const HEALTH_TIMEOUT_MS = 5000;

export interface UpstreamOptions {
  /** What each is called in `NAME/MODEL`; the first is the one for names that nobody has. */
  engines: readonly { name: string; engine: Engine }[];
  /** Models that stand in for one whose engines can't be reached, in order. Default: none. */
  fallback?: readonly string[];
  clock?: Clock;
  /** Told when an engine is left alone, and when it is well again. */
  changed?: (name: string, failure: Error | undefined) => void;
}

interface Upstream {
  name: string;
  engine: Guarded;
  models: ModelInfo[] | undefined;
}

/**
 * Several engines as one: each question goes to the engine that has the model, away from one that does not answer, and to models that
 * stand in where none does. Raises `ConfigError` where some take messages and others raw text only.
 */
export class Upstreams implements Engine {
  readonly id: string;
  chat?: NonNullable<Engine["chat"]>;
  complete?: NonNullable<Engine["complete"]>;
  countTokens?: NonNullable<Engine["countTokens"]>;
  embed?: NonNullable<Engine["embed"]>;
  readonly #all: Upstream[];
  readonly #standIns: readonly string[];
  readonly #clock: Clock;
  /** Ways that were taken, by their text: an engine stays with the one that answered last. */
  readonly #routes = new Map<string, Engine>();
  #stopHealth: () => void = () => undefined;
  #closed = false;

  constructor({ engines, fallback = [], clock = systemClock, changed }: UpstreamOptions) {
    const [first] = engines;
    if (first === undefined)
      throw new ConfigError("No engine is named.", { remedy: "Name one with --engine." });
    this.id = first.engine.id;
    this.#clock = clock;
    this.#standIns = fallback;
    this.#all = engines.map(({ name, engine }) => ({
      name,
      engine: new Guarded(engine, clock, (failure) => {
        // Whoever was fallen back to gives way to the one that is well again.
        this.#routes.clear();
        changed?.(name, failure);
      }),
      models: undefined,
    }));
    const every = (method: "chat" | "complete" | "countTokens"): boolean =>
      engines.every(({ engine }) => engine[method] !== undefined);
    if (every("chat")) this.chat = (request, signal) => this.#to(request.model).chat!(request, signal);
    else if (every("complete"))
      this.complete = (request, signal) => this.#to(request.model).complete!(request, signal);
    else
      throw new ConfigError("These engines can't be one service: some take messages, some raw text only.", {
        remedy: "Serve the embedded engine by itself, or leave it away.",
      });
    if (every("countTokens"))
      this.countTokens = (model, text, signal) => this.#leaf(model).countTokens!(model, text, signal);
    if (engines.some(({ engine }) => engine.embed !== undefined))
      this.embed = (model, texts, signal) => this.#embed(model, texts, signal);
    this.#look();
  }

  get address(): string {
    return this.#all[0]!.engine.address;
  }

  /** The engine that answers for a model now: what is at its address shares one GPU. */
  partFor(model: string): Engine {
    return this.#leaf(model);
  }

  /** All models of the engines that answer; one that an earlier engine has too is named with its engine. */
  async models(signal?: AbortSignal): Promise<ModelInfo[]> {
    const looked = await Promise.allSettled(this.#all.map((one) => this.#lookAt(one, signal)));
    const failure = looked.find((one) => one.status === "rejected");
    if (failure !== undefined && looked.every((one) => one.status === "rejected")) throw failure.reason;
    const names = new Set<string>();
    return this.#all.flatMap(({ name, models = [], engine }) =>
      engine.isWell
        ? models.map((model) => {
            const isTaken = names.has(model.name);
            names.add(model.name);
            return isTaken ? { ...model, name: `${name}/${model.name}` } : model;
          })
        : [],
    );
  }

  async describe(model: string, signal?: AbortSignal): Promise<ModelInfo> {
    const info = await this.#to(model).describe(model, signal);
    const [way] = this.#ways(model);
    // Asked for by a name of ours, it is asked again by that name.
    return way !== undefined && way.model === info.name && model.endsWith(`/${info.name}`)
      ? { ...info, name: model }
      : info;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopHealth();
    await Promise.all(this.#all.map(({ engine }) => engine.close()));
  }

  /** How each engine stands. */
  health(): { name: string; address: string; ok: boolean; pauseMs: number; models: number }[] {
    return this.#all.map(({ name, engine, models = [] }) => ({
      name,
      address: engine.address,
      ok: engine.isWell,
      pauseMs: engine.pauseMs,
      models: models.length,
    }));
  }

  #ways(model: string): Way[] {
    const candidates = this.#all.map(
      ({ name, models, engine }): Candidate => ({ name, models, isWell: engine.isWell }),
    );
    return waysTo(model, candidates, this.#standIns);
  }

  #leaf(model: string): Guarded {
    const [way] = this.#ways(model);
    return (this.#all.find(({ name }) => name === way?.engine) ?? this.#all[0]!).engine;
  }

  /** The engines that have the model, the next where one can't be reached. */
  #to(model: string): Engine {
    const ways = this.#ways(model);
    const key = ways.map((way) => `${way.engine}/${way.model}`).join("\n");
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    const refs = ways.map((way) => ({
      engine: this.#all.find(({ name }) => name === way.engine)!.engine,
      model: way.model,
    }));
    const { engine } = withFallback(refs);
    // As many as there are orders of engines: few, but a stranger's names must not fill the memory.
    if (this.#routes.size >= MAX_ROUTES) this.#routes.clear();
    this.#routes.set(key, engine);
    return engine;
  }

  async #embed(model: string, texts: readonly string[], signal?: AbortSignal): Promise<number[][]> {
    let last: unknown;
    for (const way of this.#ways(model)) {
      const { engine } = this.#all.find(({ name }) => name === way.engine)!;
      if (engine.embed === undefined) continue;
      try {
        return await engine.embed(way.model, texts, signal);
      } catch (error) {
        if (!(error instanceof EngineUnreachableError) || signal?.aborted === true) throw error;
        last = error;
      }
    }
    throw (
      last ??
      new EngineUnreachableError(`No engine makes embeddings with ${model}.`, { remedy: "Name another." })
    );
  }

  async #lookAt(upstream: Upstream, signal?: AbortSignal): Promise<void> {
    upstream.models = await upstream.engine.models(signal);
  }

  /** Asks each engine now and then, so that one that is gone is known before somebody needs it. */
  #look(): void {
    if (this.#closed) return;
    const late = new AbortController();
    const cancel = after(this.#clock, HEALTH_TIMEOUT_MS, () => late.abort());
    const all = this.#all.map((one) => this.#lookAt(one, late.signal));
    void Promise.allSettled(all).then(() => {
      cancel();
      if (!this.#closed) this.#stopHealth = after(this.#clock, HEALTH_EVERY_MS, () => this.#look());
    });
  }
}

const MAX_ROUTES = 256;
