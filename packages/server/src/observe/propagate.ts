import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

/** Headers for requests to the engine that are begun now. Set for engines only: a tool's request to a stranger carries none. */
const outgoing = new AsyncLocalStorage<Readonly<Record<string, string>>>();
let subscribed = false;

/** Runs `body`, and gives these headers to each request over `node:http` that it begins. */
export function withHeaders<T>(headers: Readonly<Record<string, string>>, body: () => T): T {
  if (!subscribed) {
    subscribed = true;
    // Published before the head is sent (nodejs.org/api/diagnostics_channel, since 22.12).
    subscribe("http.client.request.created", (message) => {
      const { request } = message as { request: ClientRequest };
      for (const [name, value] of Object.entries(outgoing.getStore() ?? {})) request.setHeader(name, value);
    });
  }
  return outgoing.run(headers, body);
}

/** The same headers, for clients other than `node:http`. */
export function outgoingHeaders(): Readonly<Record<string, string>> {
  return outgoing.getStore() ?? {};
}
