import type { Context } from "hono";
import { mayUse, type Principal, principalOf, visible } from "../access/index.ts";
import type { Routes } from "../openapi/index.ts";
import type { Host } from "../scheduler/index.ts";
import type { WireContext } from "./context.ts";

/** `GET /api/queue`: how the lines stand, and where one's own requests are in them. */
export function queueWire(routes: Routes, { scheduler }: WireContext): void {
  routes.add(
    {
      method: "GET",
      path: "/api/queue",
      id: "queue",
      tag: "Operations",
      access: "key",
      summary: "Models, what runs and waits, and the places and estimates of one's own requests",
      description: "Requests of others are counted, never shown.",
    },
    (c: Context) => {
      const by = principalOf(c);
      const { tenant } = by;
      const hosts = scheduler.hosts();
      return c.json({
        ...scheduler.state(),
        engines: hosts.map((host) => ({
          engine: host.engine.id,
          models: visible(by, host.models()),
          ...changing(host, by),
        })),
        requests: hosts.flatMap((host) => own(host, tenant)),
      });
    },
  );
}

/** The change of models that goes on, for who may know both. */
function changing({ state: { turn } }: Host, by: Principal): object {
  const known = turn !== undefined && [turn.from, turn.to].every((name) => name === "" || mayUse(by, name));
  return known ? { changing: turn } : {};
}

/** Requests of a tenant: those that run, then those that wait, in their order. */
function own(host: Host, tenant: string): object[] {
  const now = host.now();
  const out: object[] = [];
  for (const { request, since } of host.state.running.values()) {
    if (!isOf(host, request, tenant)) continue;
    out.push({ ...head(host, request), status: "running", waitedMs: Math.round(since - request.at) });
  }
  for (const { request, position, estimateMs } of host.places()) {
    if (!isOf(host, request, tenant)) continue;
    out.push({
      ...head(host, request),
      status: "waiting",
      waitedMs: Math.round(now - request.at),
      position,
      estimateMs,
      boundMs: Math.max(0, Math.round(request.until - now)),
    });
  }
  return out;
}

const isOf = (host: Host, { session }: { session: number }, tenant: string): boolean =>
  host.entryOf(session)?.asker.tenant === tenant;

function head(
  host: Host,
  { session, model, priority }: { session: number; model: string; priority: string },
): object {
  return { id: host.entryOf(session)?.label ?? `q${session}`, engine: host.engine.id, model, priority };
}
