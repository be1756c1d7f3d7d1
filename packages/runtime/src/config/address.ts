import type { JsonValue } from "hearth";
import type { Reading } from "./setting.ts";

/** Ports on which the engines listen when nobody says otherwise. */
export const ENGINE_PORTS = { ollama: 11434, lmstudio: 1234, "llama-server": 8080, vllm: 8000 } as const;

export type ServerName = keyof typeof ENGINE_PORTS;

export const SERVER_NAMES: readonly ServerName[] = ["ollama", "lmstudio", "llama-server", "vllm"];

/** Words that `--engine` takes beside a URL. */
export const ENGINE_WORDS: readonly string[] = ["auto", "embedded", ...SERVER_NAMES];

export function isServerName(name: string): name is ServerName {
  return name in ENGINE_PORTS;
}

const EXPECTED = `one of ${ENGINE_WORDS.join(", ")}, or a URL such as http://127.0.0.1:8080`;

/**
 * An address as people write it: with or without scheme, port and path. `0.0.0.0` and `::` are where a server listens,
 * not where a client connects, and become loopback. `undefined`: no address of HTTP.
 * @param defaultPort the port of an address that has neither scheme nor port; left out, such an address is refused
 */
export function readAddress(raw: string, defaultPort?: number): string | undefined {
  const written = raw.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") return undefined;
  const bare = /^:(?!:)/.test(written) ? `127.0.0.1${written}` : written;
  const ipv6 = /^[0-9a-f:]*::[0-9a-f:]*$/i.test(bare) ? `[${bare}]` : bare;
  let url: URL;
  try {
    url = new URL(scheme === undefined ? `http://${ipv6}` : written);
  } catch {
    return undefined;
  }
  if (scheme === undefined && url.port === "" && !/:\d+(\/|$)/.test(ipv6)) {
    if (defaultPort === undefined) return undefined;
    url.port = String(defaultPort);
  }
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  url.search = "";
  url.hash = "";
  return url.href.replace(/\/+$/, "");
}

/** What `--engine` may say. */
export function readEngine(raw: JsonValue): Reading<string> {
  if (typeof raw !== "string") return { ok: false, expected: EXPECTED };
  const word = raw.trim().toLowerCase();
  if (ENGINE_WORDS.includes(word)) return { ok: true, value: word };
  const address = readAddress(raw, /^localhost$|\./.test(word) ? 80 : undefined);
  return address === undefined ? { ok: false, expected: EXPECTED } : { ok: true, value: address };
}

/** Whether this address is this machine, as far as its text tells. */
export function isLoopback(address: string): boolean {
  let host: string;
  try {
    host = new URL(address).hostname;
  } catch {
    return false;
  }
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(host)
  );
}

/** An engine's root: an address with or without `/v1` or `/api` at its end (the paths of the wires). */
export function engineRoot(address: string): string {
  return address.replace(/\/+$/, "").replace(/\/(v1|api)$/, "");
}
