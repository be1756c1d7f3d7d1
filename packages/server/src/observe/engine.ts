import type { ChatRequest, CompletionRequest, Engine, EngineEvent, FinishReason, Usage } from "hearth";
import { withHeaders } from "./propagate.ts";
import { currentScope, type Scope, writeTraceparent } from "./scope.ts";
import type { Ask, AskEnd, AskWatch, Observer } from "./types.ts";

/** The same engine, with each question told to the observers. Answers go through as they come; nothing is kept. */
export function observedEngine(engine: Engine, observers: readonly Observer[]): Engine {
  const watched =
    <R extends ChatRequest | CompletionRequest>(
      kind: Ask["kind"],
      ask: (request: R, signal: AbortSignal) => AsyncIterable<EngineEvent>,
    ) =>
    (request: R, signal: AbortSignal): AsyncIterable<EngineEvent> => ({
      [Symbol.asyncIterator]: () => {
        const scope = currentScope();
        const { id, address } = engine;
        const about: Ask = { kind, engine: id, address, model: request.model, request, scope };
        const watches = observers.flatMap((one) => one.ask?.(about) ?? []);
        return new WatchedAnswer(() => ask.call(engine, request, signal), watches, scope, signal);
      },
    });
  const chat = engine.chat === undefined ? undefined : watched<ChatRequest>("chat", engine.chat);
  const complete =
    engine.complete === undefined ? undefined : watched<CompletionRequest>("completion", engine.complete);
  return new Proxy(engine, {
    get(target, name) {
      if (name === "chat") return chat;
      if (name === "complete") return complete;
      // Methods run on the engine itself: private members are not reached through a proxy.
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The trace context of the request behind a question, or of the span that was made for it. */
function headersOf(
  watches: readonly AskWatch[],
  scope: Scope | undefined,
): Record<string, string> | undefined {
  const own = watches.find((watch) => watch.traceparent !== undefined)?.traceparent;
  const from = scope?.span ?? scope?.parent;
  const traceparent = own ?? (from === undefined ? undefined : writeTraceparent(from));
  if (traceparent === undefined) return undefined;
  return { traceparent, ...(scope?.tracestate === undefined ? {} : { tracestate: scope.tracestate }) };
}

class WatchedAnswer implements AsyncIterator<EngineEvent> {
  readonly #begin: () => AsyncIterable<EngineEvent>;
  readonly #watches: readonly AskWatch[];
  readonly #scope: Scope | undefined;
  readonly #signal: AbortSignal;
  readonly #atMs = performance.now();
  #inner: AsyncIterator<EngineEvent> | undefined;
  #firstMs: number | undefined;
  #reason: FinishReason | undefined;
  #usage: Usage | undefined;
  #over = false;

  constructor(
    begin: () => AsyncIterable<EngineEvent>,
    watches: readonly AskWatch[],
    scope: Scope | undefined,
    signal: AbortSignal,
  ) {
    this.#begin = begin;
    this.#watches = watches;
    this.#scope = scope;
    this.#signal = signal;
  }

  next(): Promise<IteratorResult<EngineEvent>> {
    const coming = this.#inner === undefined ? this.#first() : this.#inner.next();
    return coming.then(this.#seen, this.#failed);
  }

  async return(): Promise<IteratorResult<EngineEvent>> {
    this.#end({ how: this.#reason === undefined ? "left" : "whole" });
    await this.#inner?.return?.();
    return { value: undefined, done: true };
  }

  /** The connection is made by the first one asked for, so that is the one which carries the trace on. */
  async #first(): Promise<IteratorResult<EngineEvent>> {
    const begin = (): Promise<IteratorResult<EngineEvent>> => {
      this.#inner = this.#begin()[Symbol.asyncIterator]();
      return this.#inner.next();
    };
    const headers = headersOf(this.#watches, this.#scope);
    return headers === undefined ? begin() : withHeaders(headers, begin);
  }

  readonly #seen = (result: IteratorResult<EngineEvent>): IteratorResult<EngineEvent> => {
    if (result.done === true) {
      this.#end({ how: "whole" });
      return result;
    }
    const event = result.value;
    if (event.type === "finish") this.#reason = event.reason;
    else if (event.type === "usage") this.#usage = event;
    else if (event.type !== "wait" && event.type !== "wait.end")
      this.#firstMs ??= performance.now() - this.#atMs;
    for (const watch of this.#watches) watch.event?.(event);
    return result;
  };

  readonly #failed = (error: unknown): never => {
    this.#end(this.#signal.aborted ? { how: "left" } : { how: "failed", error });
    throw error;
  };

  #end(how: Pick<AskEnd, "how" | "error">): void {
    if (this.#over) return;
    this.#over = true;
    const end: AskEnd = { ...how, ms: performance.now() - this.#atMs };
    if (this.#firstMs !== undefined) end.firstMs = this.#firstMs;
    if (this.#reason !== undefined) end.reason = this.#reason;
    if (this.#usage !== undefined) end.usage = this.#usage;
    for (const watch of this.#watches) watch.end(end);
  }
}
