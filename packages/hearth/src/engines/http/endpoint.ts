import { isIPv4 } from "node:net";
import { ConfigError } from "../../protocol/index.ts";

/** Where an engine listens, in the parts that a request needs. */
export interface Endpoint {
  secure: boolean;
  /** Without the brackets of IPv6. */
  hostname: string;
  port: number;
  /** Path before every route, without a slash at its end; often empty. */
  path: string;
  /** Scheme, host and port, as connections know it. */
  origin: string;
  /** For messages: no credentials in it. */
  address: string;
  /** Value of an `Authorization` header, from `user:password@` in the URL. */
  authorization?: string;
  /** This machine: never through a proxy. */
  loopback: boolean;
}

/** Ports used where neither scheme nor port is given: people write `localhost` and mean the engine's own port. */
export interface EndpointDefaults {
  port?: number;
}

/**
 * Reads a URL as people write it: without a scheme, with `0.0.0.0` (where a server listens, not where it is reached),
 * with slashes at the end. Raises `ConfigError`.
 */
export function endpointOf(url: string, defaults: EndpointDefaults = {}): Endpoint {
  const written = url.trim();
  const schemed = /^[a-z][a-z0-9+.-]*:\/\//i.test(written);
  const bare = written.startsWith(":") ? `127.0.0.1${written}` : written;
  let parsed: URL;
  try {
    parsed = new URL(schemed ? written : `http://${bare}`);
  } catch (cause) {
    throw invalid(written, "it can't be read", cause);
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw invalid(written, `the scheme ${parsed.protocol.slice(0, -1)} is not http or https`);
  }
  if (parsed.hostname === "") throw invalid(written, "it names no host");
  const secure = parsed.protocol === "https:";
  const hostname = reachable(parsed.hostname.replace(/^\[|\]$/g, ""));
  const fallback = schemed ? undefined : defaults.port;
  const port = parsed.port !== "" ? Number(parsed.port) : (fallback ?? (secure ? 443 : 80));
  const path = parsed.pathname.replace(/\/+$/, "").replace(/\/{2,}/g, "/");
  const shown = hostname.includes(":") ? `[${hostname}]` : hostname;
  const standard = port === (secure ? 443 : 80);
  const origin = `${parsed.protocol}//${shown}${standard ? "" : `:${port}`}`;
  const endpoint: Endpoint = {
    secure,
    hostname,
    port,
    path,
    origin,
    address: origin + path,
    loopback: isLoopback(hostname),
  };
  if (parsed.username !== "" || parsed.password !== "") {
    const pair = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
    endpoint.authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  return endpoint;
}

/** The same place under another path. */
export function withPath(endpoint: Endpoint, path: string): Endpoint {
  const { address } = endpoint;
  const root = endpoint.path === "" ? address : address.slice(0, -endpoint.path.length);
  return { ...endpoint, path, address: root + path };
}

function reachable(hostname: string): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  return hostname === "::" ? "::1" : hostname;
}

function isLoopback(hostname: string): boolean {
  if (hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "::1") return true;
  return isIPv4(hostname) && hostname.startsWith("127.");
}

function invalid(url: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError(`${JSON.stringify(url)} is no address of an engine: ${why}.`, {
    remedy: "Write it like http://127.0.0.1:11434.",
    ...(cause === undefined ? {} : { cause }),
  });
}
