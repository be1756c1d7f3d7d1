import {
  type CompletionRequest,
  type EngineEvent,
  EngineRefusedError,
  type ModelInfo,
  type OutputGrammar,
} from "hearth";
import { Channel, Turns } from "./channel.ts";
import { type AnswerReply, ChildGone, type LlamaChild } from "./child-process.ts";
import { Children } from "./children.ts";
import { findLocalModels } from "./discovery/local.ts";
import { asEngineError, gone } from "./failures.ts";
import { cacheFolder } from "./folders.ts";
import { describeModel, type KnownModel, POCKET, resolveModel } from "./models.ts";
import type { EmbeddedEngine, EmbeddedOptions } from "./options.ts";
import type { Request } from "./protocol.ts";
import { checkGrammar, checkSampling } from "./sampling.ts";

const QUEUE = "the embedded engine, which answers one request at a time";
/** Candidates and their lengths are bounded, for each costs a pass of the model. */
const MAX_CANDIDATES = 256;

/** The embedded engine: a GGUF model in a child process. Nothing is started or fetched before the first request. */
export function createEmbedded(options: EmbeddedOptions = {}): EmbeddedEngine {
  return new Embedded(options);
}

class Embedded implements EmbeddedEngine {
  readonly id = "embedded";
  readonly address = "a child process of this one";
  readonly #name: string;
  readonly #options: EmbeddedOptions;
  readonly #cache: string;
  readonly #children: Children;
  readonly #turns = new Turns();
  readonly #models = new Map<string, Promise<KnownModel>>();
  #nextId = 1;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
    this.#name = options.model ?? POCKET;
    this.#cache = options.cache ?? cacheFolder();
    this.#children = new Children(options, this.#cache);
  }

  get pid(): number | undefined {
    return this.#children.current?.pid;
  }

  async models(signal?: AbortSignal): Promise<ModelInfo[]> {
    const own = await describeModel(await this.#known(this.#name), this.#cache);
    signal?.throwIfAborted();
    const local = await findLocalModels();
    const others = local.filter(({ name }) => name !== own.name);
    return [own, ...others.map(({ info }) => info)];
  }

  async describe(model: string, signal?: AbortSignal): Promise<ModelInfo> {
    signal?.throwIfAborted();
    const info = await describeModel(await this.#known(model), this.#cache);
    const loaded = this.#children.loaded(model);
    return loaded === undefined ? info : { ...info, loadedContextTokens: loaded };
  }

  async *complete(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<EngineEvent, void, void> {
    signal.throwIfAborted();
    const sampling = checkSampling(request.sampling);
    if (request.grammar !== undefined) checkGrammar(request.grammar.gbnf);
    const known = await this.#known(request.model);
    const release = yield* this.#turn(signal);
    // Who leaves early goes at once; the turn ends when the child has stopped.
    let stopped: Promise<void> | undefined;
    try {
      const child = yield* this.#children.open(known, request.contextTokens, signal);
      const id = this.#nextId++;
      const wire: Request = {
        type: "complete",
        id,
        prompt: request.prompt,
        literal: ranges(request.literal ?? [], request.prompt.length),
        sampling,
        stablePrefixChars: request.stablePrefixChars ?? 0,
        ...(request.grammar === undefined ? {} : { grammar: grammarOf(request.grammar) }),
      };
      yield* this.#answer(child, wire, known, signal, (whenStopped) => {
        stopped = whenStopped;
      });
    } finally {
      const end = () => {
        this.#children.rest();
        release();
      };
      if (stopped === undefined) end();
      else void stopped.then(end);
    }
  }

  async countTokens(model: string, text: string, signal?: AbortSignal): Promise<number> {
    const value = await this.#value(model, { type: "count", id: this.#nextId++, text }, undefined, signal);
    return typeof value === "number" ? value : 0;
  }

  async score(
    request: { model: string; prompt: string; candidates: readonly string[]; contextTokens?: number },
    signal?: AbortSignal,
  ): Promise<number[]> {
    const { prompt, candidates } = request;
    if (candidates.length > MAX_CANDIDATES || candidates.includes("")) {
      throw new EngineRefusedError(`candidates must be at most ${MAX_CANDIDATES} texts, none of them empty.`);
    }
    const wire: Request = { type: "score", id: this.#nextId++, prompt, candidates: [...candidates] };
    const value = await this.#value(request.model, wire, request.contextTokens, signal);
    return Array.isArray(value) ? value : [];
  }

  prewarm(): void {
    void this.#known(this.#name).then(
      (known) => this.#children.prewarm(known),
      () => {},
    );
  }

  async close(): Promise<void> {
    await this.#children.close();
  }

  #known(name: string): Promise<KnownModel> {
    const own = name === "" ? this.#name : name;
    let known = this.#models.get(own);
    if (known === undefined) {
      known = resolveModel(own, own === this.#name ? this.#options.adapter : undefined);
      this.#models.set(own, known);
      known.catch(() => this.#models.delete(own));
    }
    return known;
  }

  /** Waits for one's turn, and tells the place in the queue. Whoever leaves while waiting gives the turn on. */
  async *#turn(signal: AbortSignal | undefined): AsyncGenerator<EngineEvent, () => void, void> {
    const ahead = this.#turns.ahead;
    const turn = this.#turns.take(signal);
    if (ahead === 0) return await turn;
    let taken = false;
    try {
      yield { type: "wait", for: QUEUE, position: ahead };
      const release = await turn;
      yield { type: "wait.end", for: QUEUE };
      taken = true;
      return release;
    } finally {
      if (!taken) {
        void turn.then(
          (release) => release(),
          () => {},
        );
      }
    }
  }

  async *#answer(
    child: LlamaChild,
    wire: Extract<Request, { type: "complete" }>,
    known: KnownModel,
    signal: AbortSignal,
    leave: (whenStopped: Promise<void>) => void,
  ): AsyncGenerator<EngineEvent, void, void> {
    const replies = new Channel<AnswerReply | ChildGone | "aborted">();
    let over = false;
    const abort = () => {
      child.abort(wire.id);
      replies.push("aborted");
    };
    signal.addEventListener("abort", abort, { once: true });
    const context = { model: known.name, window: (await child.opened).contextTokens };
    const done = Promise.withResolvers<void>();
    child.ask(wire, (reply) => {
      if (reply instanceof ChildGone || isLast(reply)) {
        over = true;
        child.forget(wire.id);
        done.resolve();
      }
      replies.push(reply);
    });
    if (signal.aborted) abort();
    try {
      while (true) {
        const reply = await child.during(replies.next());
        if (signal.aborted || reply === "aborted") throw signal.reason;
        if (reply instanceof ChildGone) throw gone(reply, "while it answered");
        if (reply.type === "text") yield { type: "text", text: reply.text };
        if (reply.type === "error") {
          const words = reply.fault === "grammar" ? await child.during(child.lastWords()) : "";
          throw asEngineError(reply, context, words);
        }
        if (reply.type === "finish") {
          const { input, output, cached, reason } = reply;
          yield { type: "usage", input, output, cached };
          yield { type: "finish", reason, contextTokens: context.window };
          return;
        }
      }
    } finally {
      signal.removeEventListener("abort", abort);
      // The next request must not begin before this one has ended.
      if (!over) {
        child.abort(wire.id);
        leave(child.during(done.promise));
      }
    }
  }

  async #value(
    model: string,
    wire: Extract<Request, { type: "count" | "score" }>,
    contextTokens: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<number | number[]> {
    const known = await this.#known(model);
    const ready = wire.type === "count" ? this.#children.readyWith(known) : undefined;
    // Counting needs no turn: the vocabulary is free while an answer is written.
    if (ready !== undefined) return this.#single(ready, wire, known, signal);
    const release = await this.#turns.take(signal);
    try {
      const opening = this.#children.open(known, contextTokens, signal);
      let step = await opening.next();
      while (step.done !== true) step = await opening.next();
      return await this.#single(step.value, wire, known, signal);
    } finally {
      this.#children.rest();
      release();
    }
  }

  /** A request with one reply. */
  async #single(
    child: LlamaChild,
    wire: Extract<Request, { type: "count" | "score" }>,
    known: KnownModel,
    signal: AbortSignal | undefined,
  ): Promise<number | number[]> {
    signal?.throwIfAborted();
    const abort = () => child.abort(wire.id);
    signal?.addEventListener("abort", abort, { once: true });
    const { promise, resolve } = Promise.withResolvers<AnswerReply | ChildGone>();
    child.ask(wire, resolve);
    const reply = await child.during(promise);
    child.forget(wire.id);
    signal?.removeEventListener("abort", abort);
    signal?.throwIfAborted();
    if (reply instanceof ChildGone) throw gone(reply, "while it answered");
    const { contextTokens: window } = await child.opened;
    if (reply.type === "error") throw asEngineError(reply, { model: known.name, window });
    return reply.type === "value" ? reply.value : 0;
  }
}

/** A trigger of no text is none. */
function grammarOf({ trigger, ...grammar }: OutputGrammar): OutputGrammar {
  return trigger === undefined || trigger === "" ? grammar : { ...grammar, trigger };
}

function isLast(reply: AnswerReply): boolean {
  return reply.type !== "text";
}

/** The ranges within the text, ascending and apart. */
function ranges(given: readonly (readonly [number, number])[], length: number): [number, number][] {
  const sorted = given
    .map(([start, end]): [number, number] => [
      Math.max(0, Math.trunc(start)),
      Math.min(length, Math.trunc(end)),
    ])
    .filter(([start, end]) => end > start)
    .sort((a, b) => a[0] - b[0]);
  const apart: [number, number][] = [];
  for (const [start, end] of sorted) {
    const before = apart.at(-1);
    if (before !== undefined && start <= before[1]) before[1] = Math.max(before[1], end);
    else apart.push([start, end]);
  }
  return apart;
}
