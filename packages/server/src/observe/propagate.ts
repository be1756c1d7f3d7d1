import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";

/** What undici publishes of a request. */
interface Created {
  request: { addHeader(name: string, value: string): unknown };
}

/** Headers for requests to the engine that are begun now. Set for engines only: a tool's request to a stranger carries none. */
const outgoing = new AsyncLocalStorage<Readonly<Record<string, string>>>();
let subscribed = false;

/** Runs `body`, and gives these headers to each request of an engine's client that it begins. */
export function withHeaders<T>(headers: Readonly<Record<string, string>>, body: () => T): T {
  if (!subscribed) {
    subscribed = true;
    // Published before the head is made (undici, docs/api/DiagnosticsChannel).
    subscribe("undici:request:create", (message) => {
      const { request } = message as Created;
      for (const [name, value] of Object.entries(outgoing.getStore() ?? {})) request.addHeader(name, value);
    });
  }
  return outgoing.run(headers, body);
}
