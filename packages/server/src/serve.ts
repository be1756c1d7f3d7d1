import type { AddressInfo } from "node:net";
import { serve as listen, type ServerType } from "@hono/node-server";
import { asHearthError, UsageError } from "hearth";
import { Hono } from "hono";
import { guard } from "./guard.ts";
import { problem } from "./problem.ts";
import { RunQueue } from "./queue/index.ts";
import { type AgentWireOptions, agentWire } from "./wires/agent.ts";

export interface ServeOptions {
  agent: AgentWireOptions["agent"];
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
}

export interface Service {
  url: string;
  close(): Promise<void>;
}

/** The routes without a socket, for tests and for embedding in another server. */
export function createApp(options: ServeOptions): Hono {
  const app = new Hono();
  const queue = new RunQueue(options.parallel ?? 1, options.maxQueue ?? 32);
  app.use(guard(options.allowHosts ?? []));
  app.get("/livez", (c) => c.json({ ok: true }));
  agentWire(app, { agent: options.agent, queue, detached: options.detached ?? false });
  app.notFound((c) => problem(c, 404, "not_found", `There is no ${c.req.method} ${c.req.path}.`));
  app.onError((error, c) => {
    const own = asHearthError(error);
    return problem(c, 500, own.name, own.message, own.remedy);
  });
  return app;
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
  const app = createApp(options);
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
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
