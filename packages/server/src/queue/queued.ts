import type { Engine, EngineEvent } from "hearth";
import type { Ticket } from "./slots.ts";

/**
 * The engine as one run sees it: before its first question it waits for the run's ticket and says so, with its place in line.
 * The slot is the run's until the run ends, so that runs don't push each other out of the KV cache.
 */
export function queued(engine: Engine, ticket: Ticket): Engine {
  const inLine = <R>(ask: ((request: R, signal: AbortSignal) => AsyncIterable<EngineEvent>) | undefined) =>
    ask === undefined
      ? undefined
      : async function* (request: R, signal: AbortSignal): AsyncGenerator<EngineEvent> {
          if (ticket.position > 0) {
            yield { type: "wait", for: "queue", position: ticket.position };
            await abortable(ticket.granted, signal);
            yield { type: "wait.end", for: "queue" };
          }
          yield* ask.call(engine, request, signal);
        };
  const chat = inLine(engine.chat);
  const complete = inLine(engine.complete);
  return {
    id: engine.id,
    address: engine.address,
    models: (signal) => engine.models(signal),
    describe: (model, signal) => engine.describe(model, signal),
    close: () => engine.close(),
    ...(chat === undefined ? {} : { chat }),
    ...(complete === undefined ? {} : { complete }),
    ...(engine.countTokens === undefined ? {} : { countTokens: engine.countTokens.bind(engine) }),
    ...(engine.embed === undefined ? {} : { embed: engine.embed.bind(engine) }),
  };
}

function abortable(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    void wait.then(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
  });
}
