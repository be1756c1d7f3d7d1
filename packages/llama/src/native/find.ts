import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { engineFolder } from "../folders.ts";
import { type Build, buildsFor, LLAMA_VERSION } from "./version.ts";

/** A native library that is there and of the right release. */
export interface NativeFound {
  addon: string;
  /** Folders with compute backends, in the order in which they are loaded. */
  backends: string[];
  gpu: Build["gpu"];
  version: string;
}

/** Why none is there. */
export interface NativeMissing {
  missing: string;
}

/** Folders whose `node_modules` may hold it: from this package upward, then the user's own. */
function roots(from: string): string[] {
  const found: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    found.push(folder);
    if (dirname(folder) === folder) return found;
  }
}

export interface FindOptions {
  /** False: leave GPU builds aside. Default true. */
  gpu?: boolean;
  /** Where to look, in place of this package's folders and the user's. */
  folders?: readonly string[];
}

/**
 * Looks for the native part: what npm installed beside this package, then the user's own folder (`hearth engine install`).
 * Some file look-ups, no loading; under a millisecond.
 */
export function findLlama(options: FindOptions = {}): NativeFound | NativeMissing {
  const builds = buildsFor();
  const where = `${process.platform}-${process.arch}`;
  if (builds.length === 0) return { missing: `there is no build for ${where}` };
  const folders = options.folders ?? [engineFolder(), ...roots(dirname(fileURLToPath(import.meta.url)))];
  let other: string | undefined;
  for (const build of builds) {
    if (build.gpu !== false && build.gpu !== "metal" && options.gpu === false) continue;
    for (const folder of folders) {
      const at = (name: string) => join(folder, "node_modules", "@node-llama-cpp", name);
      const bins = join(at(build.name), "bins", build.name);
      const addon = join(bins, "llama-addon.node");
      if (!existsSync(addon)) continue;
      const version = versionOf(at(build.name));
      if (version !== LLAMA_VERSION) {
        other ??= version;
        continue;
      }
      const extra = build.extra === undefined ? undefined : join(at(build.extra), "bins", build.extra);
      const backends = extra !== undefined && existsSync(extra) ? [bins, extra] : [bins];
      return { addon, backends, gpu: build.gpu, version };
    }
  }
  if (other !== undefined) return { missing: `release ${other} is there, but ${LLAMA_VERSION} is needed` };
  return { missing: `it is not installed for ${where}` };
}

function versionOf(folder: string): string {
  try {
    const read: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    if (typeof read === "object" && read !== null && "version" in read) return String(read.version);
  } catch {
    // An unreadable package counts as one of unknown release.
  }
  return "unknown";
}
