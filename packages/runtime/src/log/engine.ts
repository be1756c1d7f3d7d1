import type { Engine, EngineEvent } from "hearth";
import type { DebugLog } from "./debug.ts";

/**
 * The same engine, with what is sent to it and what it answers in the log. All else it can do stays as it is, so that
 * debugging changes nothing.
 */
export function loggedEngine(engine: Engine, log: DebugLog): Engine {
  const logged = <R>(what: string, ask: (request: R, signal: AbortSignal) => AsyncIterable<EngineEvent>) => {
    return (request: R, signal: AbortSignal): AsyncIterable<EngineEvent> => {
      log(`-> ${engine.id} ${what} at ${engine.address}`, request);
      return answered(ask.call(engine, request, signal), `<- ${engine.id} ${what}`, log);
    };
  };
  return new Proxy(engine, {
    get(target, name) {
      if (name === "chat" && target.chat !== undefined) return logged("chat", target.chat);
      if (name === "complete" && target.complete !== undefined) return logged("complete", target.complete);
      // Methods run on the engine itself: private members are not reached through a proxy.
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Passes events on and logs them at the end, deltas joined. */
async function* answered(
  events: AsyncIterable<EngineEvent>,
  title: string,
  log: DebugLog,
): AsyncGenerator<EngineEvent> {
  const said: EngineEvent[] = [];
  let how = "left early";
  try {
    for await (const event of events) {
      const last = said.at(-1);
      if (last !== undefined && last.type === event.type && "text" in last && "text" in event)
        last.text += event.text;
      else said.push({ ...event });
      yield event;
    }
    how = "whole";
  } catch (error) {
    how = `failed: ${error instanceof Error ? error.message : String(error)}`;
    throw error;
  } finally {
    log(`${title}, ${how}`, said);
  }
}
