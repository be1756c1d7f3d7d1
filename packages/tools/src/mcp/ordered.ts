import type { Transport } from "@modelcontextprotocol/client";

type OnMessage = NonNullable<Transport["onmessage"]>;

/**
 * Makes a transport hand on its messages one after the other: the SDK looks at a notification only after the turn it came in,
 * so a result that came with the same bytes would overtake the progress before it.
 */
export function ordered<T extends Transport>(transport: T): T {
  let given: OnMessage | undefined;
  const queue: Parameters<OnMessage>[] = [];
  let paused = false;
  const drain = (): void => {
    paused = false;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      given?.(...next);
      if ("id" in next[0]) continue;
      paused = true;
      setImmediate(drain);
      return;
    }
  };
  const take: OnMessage = (...message) => {
    queue.push(message);
    if (!paused) drain();
  };
  Object.defineProperty(transport, "onmessage", {
    get: () => (given === undefined ? undefined : take),
    set: (handler: OnMessage | undefined) => {
      given = handler;
    },
  });
  return transport;
}
