import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "hearth";
import { NODE_INSIDE, type RunRequest, type RunResult } from "../sandbox/index.ts";
import type { EgressProxy } from "./proxy.ts";

/** Where the forwarder's files appear inside. */
const FOLDER = "/run/hearth/egress";
const OWN = dirname(fileURLToPath(import.meta.url));
const FORWARDER = `${FOLDER}/inside${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`;
/** On the sandbox's own loopback, where nothing else listens. */
const PORT = 3128;
const ADDRESS = `http://127.0.0.1:${PORT}`;

/**
 * The request with a way out through the proxy: each program is started by the forwarder, and told of it by the usual variables. Programs
 * that do not heed them have no network, as before.
 */
export function withEgress(request: RunRequest, proxy: EgressProxy): RunRequest {
  const env: Record<string, string> = { NO_PROXY: "127.0.0.1,localhost", no_proxy: "127.0.0.1,localhost" };
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]) env[name] = ADDRESS;
  return {
    ...request,
    pipeline: request.pipeline.map((stage) => ({
      ...stage,
      argv: [
        NODE_INSIDE,
        "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON",
        FORWARDER,
        String(PORT),
        ...stage.argv,
      ],
    })),
    env: { ...env, ...request.env },
    show: { ...request.show, [process.execPath]: NODE_INSIDE, [OWN]: FOLDER },
    reserveMb: Math.max(request.reserveMb ?? 0, 2048),
    channel: (stream) => proxy.attach(stream),
  };
}

/** Adds what was reached, and, where something was refused, why: the manager's own message does not say. Where
 * the content is not plain text, the reasons are in the details alone. */
export function withConnections(
  answer: { content: string; ok?: boolean; details?: JsonObject },
  { exitCode }: Pick<RunResult, "exitCode">,
  { connections }: EgressProxy,
  plain = true,
): { content: string; ok: boolean; details: JsonObject } {
  const egress = connections.map(({ host, port, verdict, reason, sent, received }) => ({
    host,
    port,
    verdict,
    sent,
    received,
    ...(reason === undefined ? {} : { reason }),
  }));
  const refused = new Set(
    connections.flatMap(({ verdict, reason }) => (verdict === "allowed" ? [] : [reason ?? verdict])),
  );
  const why =
    !plain || exitCode === 0 || refused.size === 0 ? "" : `\n[network] ${[...refused].slice(0, 3).join(" ")}`;
  return { ok: answer.ok !== false, content: answer.content + why, details: { ...answer.details, egress } };
}
