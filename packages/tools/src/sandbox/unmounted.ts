import { dirname, join } from "node:path";
import { ToolError } from "hearth";
import { NODE_FOLDER, NODE_INSIDE } from "./bwrap.ts";
import type { Confined } from "./types.ts";

/** A program as a level sees it that has no mounts of its own: everything is where it is. */
export interface Unmounted {
  argv: string[];
  /** Folder to start in. */
  cwd: string;
  env: Record<string, string>;
  /** What beside the system and the workspace may be read. */
  readable: string[];
}

/** Only our own Node is known by another name inside; to show anything else elsewhere takes mounts, and is refused. */
export function unmounted(
  level: string,
  argv: readonly string[],
  request: Confined,
  scratch: string,
): Unmounted {
  const show = Object.entries(request.show ?? {});
  for (const [from, to] of show) {
    if (from !== to && to !== NODE_INSIDE)
      throw new ToolError(`${level} can't show ${from} at another place.`);
  }
  const folder = (path: string) => (path === NODE_FOLDER ? dirname(process.execPath) : path);
  const { workspace, cwd } = request;
  return {
    argv: argv.map((word, at) => (at === 0 && word === NODE_INSIDE ? process.execPath : word)),
    cwd: cwd === undefined || cwd === "." ? workspace : join(workspace, cwd),
    env: {
      PATH: [...(request.path ?? []).map(folder), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
      HOME: scratch,
      TMPDIR: scratch,
      LANG: "C.UTF-8",
      ...request.env,
    },
    readable: show.map(([from]) => from),
  };
}
