import type { Dispatcher } from "undici";
import type { Endpoint } from "./endpoint.ts";

/** A quiet connection is kept so long, or as the server says by `Keep-Alive: timeout=`. */
const KEEP_MS = 60_000;

/**
 * Connections to one endpoint, made as they are needed: one for each request under way. Loaded on first use. Other machines are
 * reached through the proxies that `env` names, this one never is.
 */
export async function openConnections(
  { secure, origin, loopback }: Endpoint,
  connectTimeoutMs: number,
  env: NodeJS.ProcessEnv,
): Promise<Dispatcher> {
  const { EnvHttpProxyAgent, Pool } = await import("./undici.ts");
  const options = {
    connectTimeout: connectTimeoutMs,
    keepAliveTimeout: KEEP_MS,
    // A large prompt on a small machine takes minutes; undici's own walls stand at five.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  };
  const named = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? "";
  const httpProxy = named("HTTP_PROXY");
  const httpsProxy = named("HTTPS_PROXY");
  if (loopback || (secure ? httpsProxy : httpProxy) === "") return new Pool(origin, options);
  // A tunnel is for what the proxy must not read.
  const proxies = { httpProxy, httpsProxy, noProxy: named("NO_PROXY"), proxyTunnel: secure };
  return new EnvHttpProxyAgent({ ...options, ...proxies });
}
