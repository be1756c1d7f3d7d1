import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { principalOf } from "../access/principal.ts";
import { type Scope, scopeOf, within } from "./scope.ts";
import type { Exchange, Observer } from "./types.ts";

/** Clients that read a stream of events now. */
export class StreamClients {
  #open = 0;

  get open(): number {
    return this.#open;
  }

  enter(): () => void {
    this.#open++;
    return () => {
      this.#open--;
    };
  }
}

/**
 * Comes first of all, so that what is refused is seen too. An exchange is over when its answer was written or its client has left,
 * which for a stream is long after the handler returned.
 */
export function observedExchanges(observers: readonly Observer[], clients: StreamClients): MiddlewareHandler {
  return async (c, next) => {
    const atMs = performance.now();
    const scope = scopeOf(c.req.header("traceparent"), c.req.header("tracestate"));
    await within(scope, next);
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
    const stream = c.res.headers.get("content-type")?.startsWith("text/event-stream") === true;
    if (outgoing === undefined) {
      tell(observers, exchangeOf(c, scope, atMs, c.res.status, false));
      return;
    }
    const leave = stream ? clients.enter() : undefined;
    const { status } = c.res;
    outgoing.once("close", () => {
      leave?.();
      const sent = outgoing.headersSent ? outgoing.statusCode : status;
      tell(observers, exchangeOf(c, scope, atMs, sent, !outgoing.writableFinished));
    });
  };
}

function exchangeOf(c: Context, scope: Scope, atMs: number, status: number, left: boolean): Exchange {
  const exchange: Exchange = {
    method: c.req.method,
    route: routeOf(c),
    status,
    ms: performance.now() - atMs,
    left,
    tenant: principalOf(c).tenant,
  };
  const runId = c.res.headers.get("x-run-id");
  const traceId = (scope.span ?? scope.parent)?.traceId;
  if (runId !== null) exchange.runId = runId;
  if (traceId !== undefined) exchange.traceId = traceId;
  return exchange;
}

/** The last that matched: middleware stands at `/*` before it. */
function routeOf(c: Context): string {
  const path = routePath(c, -1);
  return path.endsWith("*") ? "" : path;
}

function tell(observers: readonly Observer[], exchange: Exchange): void {
  for (const observer of observers) observer.exchange?.(exchange);
}
