import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Folders of the user's own, by the XDG base directory specification; relative values of its variables are ignored, as it says. */
export interface Paths {
  home: string;
  config: string;
  state: string;
  cache: string;
  data: string;
  /** The user's file of settings. */
  userConfig: string;
  /** Which workspaces' files may count. */
  trustStore: string;
}

export function userPaths(env: Environment): Paths {
  const home = env["HOME"] ?? env["USERPROFILE"] ?? homedir();
  const folder = (name: string, fallback: string): string => {
    const set = env[name];
    return join(set !== undefined && isAbsolute(set) ? set : join(home, fallback), "hearth");
  };
  const config = folder("XDG_CONFIG_HOME", ".config");
  const state = folder("XDG_STATE_HOME", ".local/state");
  return {
    home,
    config,
    state,
    cache: folder("XDG_CACHE_HOME", ".cache"),
    data: folder("XDG_DATA_HOME", ".local/share"),
    userConfig: join(config, "config.json"),
    trustStore: join(state, "trust.json"),
  };
}

/**
 * The folder the user stands in. npm runs a start script from the package's root and leaves the caller's folder in
 * `INIT_CWD`; that is honoured for this repository's own start script only, not for scripts that happen to call `hearth`.
 */
export function startFolder(env: Environment, cwd: string): string {
  const ours = env["npm_lifecycle_event"] === "start" && env["npm_package_name"] === "hearth-workspace";
  return (ours && env["INIT_CWD"]) || cwd;
}

/** What sandboxed programs leave outside the workspace: installed packages, scratch files. `hearth sandbox reset` clears it. */
export function sandboxFolder({ state }: Pick<Paths, "state">): string {
  return join(state, "sandbox");
}
