import type { AddressInfo } from "node:net";
import { serve as listen, type ServerType } from "@hono/node-server";
import { UsageError } from "hearth";
import { Hono } from "hono";
import { guard } from "./guard.ts";
import { openApiDocument, Routes } from "./openapi/index.ts";
import { type Drained, Operations } from "./operations/index.ts";
import { failed, problem } from "./problem.ts";
import { RunQueue } from "./queue/index.ts";
import { newToken } from "./token.ts";
import { version } from "./version.ts";
import { Driver, WIRES, type WireContext } from "./wires/index.ts";

export interface ServeOptions {
  agent: WireContext["agent"];
  /** Default `127.0.0.1`. */
  host?: string;
  /** Default 4141; 0 takes a free one. */
  port?: number;
  /** Runs at once. Default 1: one GPU holds one model, one model answers one run best. */
  parallel?: number;
  /** Runs in line. Default 32. */
  maxQueue?: number;
  /** Further names this server answers to, besides loopback. */
  allowHosts?: readonly string[];
  /** Whether runs outlive their clients. Default false. */
  detached?: boolean;
  /** Needed for approvals, resume and stop. Default: a new one. */
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

function build(options: ServeOptions, operations: Operations): { app: Hono; driver: Driver } {
  const app = new Hono();
  app.use(operations.watch);
  app.use(guard(options.allowHosts ?? []));
  app.use(operations.drain.gate);
  const routes = new Routes(app);
  const parallel = options.parallel ?? 1;
  const maxQueue = options.maxQueue ?? 32;
  const queue = new RunQueue(parallel, maxQueue);
  operations.readQueue(() => ({
    waiting: queue.waiting,
    running: queue.running,
    capacity: maxQueue,
    slots: parallel,
  }));
  const context: WireContext = {
    agent: operations.agent,
    queue,
    detached: options.detached ?? false,
    token: options.token ?? newToken(),
    version: version(),
  };
  const driver = new Driver(context, operations.journal);
  operations.mount(routes);
  for (const wire of WIRES) wire(routes, context, driver);
  routes.add(
    { method: "GET", path: "/openapi.json", id: "openApi", tag: "Operations", summary: "This document" },
    (c) => c.json(openApiDocument(routes.specs, version())),
  );
  app.notFound((c) => problem(c, 404, "not_found", `There is no ${c.req.method} ${c.req.path}.`));
  app.onError((error, c) => failed(c, error));
  return { app, driver };
}

/** Starts the service. Raises `UsageError` where it may not, or can't, listen there. */
export async function serve(options: ServeOptions): Promise<Service> {
  const host = options.host ?? "127.0.0.1";
  const port = options.port ?? 4141;
  if (!isLoopback(host)) {
    throw new UsageError(`This service has no keys yet, so it does not listen on ${host}.`, {
      remedy: "Leave --host at 127.0.0.1, and put a proxy that checks keys in front of it.",
    });
  }
  const token = options.token ?? newToken();
  const operations = options.operations ?? new Operations(options);
  const { app, driver } = build({ ...options, token }, operations);
  const server = await new Promise<ServerType>((resolve, reject) => {
    const starting = listen({ fetch: app.fetch, hostname: host, port }, () => resolve(starting));
    starting.once("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? "something else listens there" : cause.message;
      reject(
        new UsageError(`Can't listen on ${host}:${port}: ${why}.`, {
          remedy: "Choose another --port.",
          cause,
        }),
      );
    });
  });
  const address = server.address() as AddressInfo;
  if (options.detached === true) void operations.resume((runId) => driver.resume(runId));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    token,
    async drain(boundMs) {
      const drained = await operations.end(boundMs);
      await close();
      return drained;
    },
    close,
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
