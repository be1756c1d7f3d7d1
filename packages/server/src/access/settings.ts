import { join } from "node:path";
import type { Config } from "@hearth/runtime";
import { type KeyRing, watchKeys } from "./keys/index.ts";
import type { AccessLimits } from "./limits.ts";

/** Where the keys of the service are: as it is set, else in the user's own folder of state. */
export function keysFileOf({ settings, paths }: Pick<Config, "settings" | "paths">): string {
  return settings.keysFile ?? join(paths.state, "keys.json");
}

/** What the settings say of access, as `serve` takes it. */
export interface AccessSettings {
  keys: KeyRing;
  allowHosts: readonly string[];
  allowOrigins: readonly string[];
  limits: AccessLimits;
}

/**
 * Reads the keys and follows their file until `signal` fires. Raises `UsageError` where the file can't be trusted.
 * @param note hears what is wrong with the file later
 */
export function accessOf(
  config: Pick<Config, "settings" | "paths">,
  note: (text: string) => void,
  signal: AbortSignal,
): AccessSettings {
  const { settings } = config;
  const { ring, close } = watchKeys(keysFileOf(config), { note });
  signal.addEventListener("abort", close, { once: true });
  return {
    keys: ring,
    allowHosts: settings.allowHost,
    allowOrigins: settings.allowOrigin,
    limits: {
      maxBodyBytes: settings["http.bodyMb"] * 1024 * 1024,
      maxHeaderBytes: settings["http.headerKb"] * 1024,
      headersTimeoutS: settings["http.headersTimeout"],
      requestTimeoutS: settings["http.requestTimeout"],
      maxConnections: settings["http.connections"],
      ratePerMinute: settings["http.rate"],
      runsPerKey: settings["http.runs"],
      openPerKey: settings["http.open"],
    },
  };
}
