import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { principalOf } from "../access/principal.ts";
import { type Scope, scopeOf, within } from "./scope.ts";
import type { Exchange, Observer } from "./types.ts";

/** Answers that are being written now. */
export class OpenExchanges {
  /** Streams of events among them. */
  streams = 0;
  /** Asked for with POST: work, where the others only look. */
  work = 0;
}

/**
 * Comes first of all, so that what is refused is seen too. An exchange is over when its answer was written or its client has left,
 * which for a stream is long after the handler returned.
 */
export function observedExchanges(observers: readonly Observer[], open: OpenExchanges): MiddlewareHandler {
  return async (c, next) => {
    const atMs = performance.now();
    const scope = scopeOf(c.req.header("traceparent"), c.req.header("tracestate"));
    scope.tenant = () => tenantOf(c);
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
    const work = c.req.method === "POST" ? 1 : 0;
    open.work += work;
    if (outgoing === undefined) {
      await within(scope, next);
      open.work -= work;
      tell(observers, exchangeOf(c, scope, atMs, c.res.status, false));
      return;
    }
    let stream = 0;
    let status = 0;
    outgoing.once("close", () => {
      open.work -= work;
      open.streams -= stream;
      stream = 0;
      const sent = outgoing.headersSent ? outgoing.statusCode : status;
      tell(observers, exchangeOf(c, scope, atMs, sent, !outgoing.writableFinished));
    });
    await within(scope, next);
    status = c.res.status;
    if (outgoing.closed || scope.stream !== true) return;
    stream = 1;
    open.streams++;
  };
}

function exchangeOf(c: Context, scope: Scope, atMs: number, status: number, left: boolean): Exchange {
  const exchange: Exchange = {
    method: c.req.method,
    route: routeOf(c),
    status,
    ms: performance.now() - atMs,
    left,
    tenant: tenantOf(c),
  };
  const { runId } = scope;
  const traceId = (scope.span ?? scope.parent)?.traceId;
  if (runId !== undefined) exchange.runId = runId;
  if (traceId !== undefined) exchange.traceId = traceId;
  return exchange;
}

/** Whose request it is; `none` for one that was refused before that was known. */
function tenantOf(c: Context): string {
  try {
    return principalOf(c).tenant;
  } catch {
    return "none";
  }
}

/** The last that matched: middleware stands at `/*` before it. */
function routeOf(c: Context): string {
  const path = routePath(c, -1);
  return path.endsWith("*") ? "" : path;
}

function tell(observers: readonly Observer[], exchange: Exchange): void {
  for (const observer of observers) observer.exchange?.(exchange);
}
