import type { AddressInfo } from "node:net";
import { serve as listen, type ServerType } from "@hono/node-server";
import { UsageError } from "hearth";
import { Hono } from "hono";
import {
  AccessControl,
  type AccessLimits,
  type AccessNote,
  gate,
  isLoopback,
  KeyRing,
  newToken,
  socketOptions,
  tellRefusals,
  weakness,
} from "./access/index.ts";
import { openApiDocument, Routes } from "./openapi/index.ts";
import { type Drained, mayGoOn, Operations } from "./operations/index.ts";
import { failed, problem } from "./problem.ts";
import { DEFAULT_LIMITS, Scheduler, type SchedulerLimits } from "./scheduler/index.ts";
import { version } from "./version.ts";
import { Driver, WIRES, type WireContext } from "./wires/index.ts";
import { joinCrew } from "./workers/index.ts";

/**
 * How long a connection is kept for the next request: longer than balancers keep theirs (60 s), for one that closes just as they use it is
 * a 502 to their client. Node's own 5 s is shorter.
 */
const KEEP_ALIVE_MS = 65_000;

export interface ServeOptions {
  agent: WireContext["agent"];
  /** Default `127.0.0.1`. */
  host?: string;
  /** Default 4141; 0 takes a free one. */
  port?: number;
  /** Answers at once for each model. Default 1: what an engine does that is started without further words. */
  parallel?: number;
  /** Requests and runs in line. Default 32. */
  maxQueue?: number;
  /** The scheduler's other limits: models in memory, how long a wait and a pause between two calls may be. */
  schedule?: Partial<Omit<SchedulerLimits, "parallel" | "maxQueue">>;
  /** Further names this server answers to, besides loopback and its own address. */
  allowHosts?: readonly string[];
  /** Origins whose pages may ask, and see what is answered. Default: none. */
  allowOrigins?: readonly string[];
  /** The keys that count; where it holds or held one, every request needs one. Default: none. */
  keys?: KeyRing;
  /** Hears what keys do and what is refused, for an audit that can't be changed unseen. */
  audit?: (note: AccessNote) => void;
  /** Of bodies, headers, time, and each key's share. */
  limits?: Partial<AccessLimits>;
  /** Where other services that share the journal reach this one. Default `127.0.0.1`. */
  workerHost?: string;
  /** Whether runs outlive their clients. Default false. */
  detached?: boolean;
  /** Does what an admin's key does; where no keys exist, needed for approvals, resume and stop. Default: a new one. */
  token?: string;
  /** Health, figures, log, draining. Default: those of this agent, without a log. */
  operations?: Operations;
}

export interface Service {
  url: string;
  /** For approvals, resume and stop; to be shown to the person who started the service. */
  token: string;
  /** Takes no new work, lets the old end within `boundMs`, hands on what does not, then closes. */
  drain(boundMs: number): Promise<Drained>;
  close(): Promise<void>;
}

/** The routes without a socket, for tests and for embedding in another server. */
export function createApp(options: ServeOptions): Hono {
  return build(options, options.operations ?? new Operations(options)).app;
}

interface Built {
  app: Hono;
  driver: Driver;
  control: AccessControl;
}

function build(options: ServeOptions, operations: Operations): Built {
  const app = new Hono();
  const control = new AccessControl({
    ...options,
    host: options.host ?? "127.0.0.1",
    token: options.token ?? newToken(),
    ring: options.keys ?? new KeyRing(),
    tell: (note) => {
      tellRefusals(operations.log)(note);
      options.audit?.(note);
    },
  });
  app.use(operations.watch);
  app.use(gate(control));
  app.use(operations.drain.gate);
  const routes = new Routes(app, control);
  const { parallel = DEFAULT_LIMITS.parallel, maxQueue = DEFAULT_LIMITS.maxQueue, schedule } = options;
  const limits = { ...schedule, parallel, maxQueue };
  const scheduler = new Scheduler({ limits, meter: operations.queueMeter });
  operations.readQueue(() => scheduler.state());
  const context: WireContext = {
    agent: operations.agent,
    scheduler,
    detached: options.detached ?? false,
    takeRun: (principal, stop) => control.takeRun(principal, stop),
    version: version(),
    meter: operations.metrics.answers,
  };
  const driver = new Driver(context, operations.journal);
  control.ring.onEnd((keyId, why) => {
    if (why !== "expired") driver.stopKey(keyId, `its key ${keyId} was ${why}`);
  });
  operations.mount(routes);
  for (const wire of WIRES) wire(routes, context, driver);
  routes.add(
    {
      method: "GET",
      path: "/openapi.json",
      id: "openApi",
      access: "key",
      tag: "Operations",
      summary: "This document",
    },
    (c) => c.json(openApiDocument(routes.specs, version())),
  );
  app.notFound((c) => problem(c, 404, "not_found", `There is no ${c.req.method} ${c.req.path}.`));
  app.onError((error, c) => failed(c, error));
  return { app, driver, control };
}

/** Starts the service. Raises `UsageError` where it may not, or can't, listen there. */
export async function serve(options: ServeOptions): Promise<Service> {
  const host = options.host ?? "127.0.0.1";
  const port = options.port ?? 4141;
  mayListen(host, options);
  const token = options.token ?? newToken();
  const operations = options.operations ?? new Operations(options);
  const { app, driver, control } = build({ ...options, token }, operations);
  const crew = await joinCrew(options.agent.journal, {
    driver,
    workspace: options.agent.workspace ?? process.cwd(),
    host: options.workerHost,
    parallel: options.parallel ?? 1,
    maxQueue: options.maxQueue ?? 32,
    mayGoOn,
    warn: (reason) => operations.log.write("warn", "workers", { reason }),
  });
  const serverOptions = { ...socketOptions(control.limits), keepAliveTimeout: KEEP_ALIVE_MS };
  const server = await new Promise<ServerType>((resolve, reject) => {
    const starting = listen({ fetch: app.fetch, hostname: host, port, serverOptions }, () =>
      resolve(starting),
    );
    if ("maxConnections" in starting) starting.maxConnections = control.limits.maxConnections;
    starting.once("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? "something else listens there" : cause.message;
      reject(
        new UsageError(`Can't listen on ${host}:${port}: ${why}.`, {
          remedy: "Choose another --port.",
          cause,
        }),
      );
    });
  }).catch(async (error: unknown) => {
    await crew?.close();
    throw error;
  });
  const address = server.address() as AddressInfo;
  if (options.detached === true && crew === undefined)
    void operations.resume((runId) => driver.resume(runId));
  const close = async (): Promise<void> => {
    await crew?.close();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
  };
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    token,
    async drain(boundMs) {
      crew?.leave();
      const drained = await operations.end(boundMs);
      await close();
      return drained;
    },
    close,
  };
}

/** A service that others can reach asks for keys, and none of them is one that can be guessed. */
function mayListen(host: string, { keys, token }: ServeOptions): void {
  const weak = token === undefined ? undefined : weakness(token);
  if (weak !== undefined)
    throw new UsageError(`The token of the service is too weak: ${weak}.`, {
      remedy: "Leave it away: a good one is made at each start.",
    });
  if (isLoopback(host) || (keys?.required === true && keys.size > 0)) return;
  const none = keys?.required === true ? "none of its keys works any more" : "it has no keys";
  throw new UsageError(
    `This service does not listen on ${host}, for ${none} and everybody there could use it.`,
    {
      remedy: "Make one with `hearth keys create`, or leave --host at 127.0.0.1.",
    },
  );
}
