import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

function base(variable: string, ...otherwise: string[]): string {
  const set = process.env[variable];
  // The XDG specification: relative paths there are to be ignored.
  return set !== undefined && isAbsolute(set) ? set : join(homedir(), ...otherwise);
}

/** The user's cache of Hearth: models, prefix states, compiled code. All of it may be deleted. `$XDG_CACHE_HOME` or `~/.cache`. */
export function cacheFolder(): string {
  return join(base("XDG_CACHE_HOME", ".cache"), "hearth");
}

/** Where `hearth engine install` puts the native part. `$XDG_DATA_HOME` or `~/.local/share`. */
export function engineFolder(): string {
  return join(base("XDG_DATA_HOME", ".local", "share"), "hearth", "engine");
}

/** Folder below that of the models: what the user had fetched by name. */
export const PULLED = "pulled";
