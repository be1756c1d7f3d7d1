import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { NativeFound } from "../native/find.ts";
import type { OpenOptions } from "../protocol.ts";

/** Space for prefix states: some 40 of pocket's tool sets. */
const PREFIX_BYTES = 256 * 1024 * 1024;
/** Tokens of the window where neither the request nor the model says. */
export const DEFAULT_CONTEXT_TOKENS = 8192;

/** What is opened, apart from the native library. */
export interface ModelFiles {
  model: string;
  adapter?: string;
}

export interface OpenSettings {
  contextTokens: number;
  threads?: number | undefined;
  gpuLayers: number;
  cache: string;
}

/** The options of a child. Raises the file system's error where a file is not there. */
export function openOptions(native: NativeFound, files: ModelFiles, settings: OpenSettings): OpenOptions {
  const options: OpenOptions = {
    addon: native.addon,
    backends: native.backends,
    ...files,
    contextTokens: settings.contextTokens,
    gpuLayers: settings.gpuLayers,
    prefix: {
      folder: join(settings.cache, "prefix"),
      maxBytes: PREFIX_BYTES,
      identity: identity(native, files, settings),
    },
  };
  return settings.threads === undefined ? options : { ...options, threads: settings.threads };
}

/** As many layers as the GPU's memory holds; the child sees how much that is. */
const ALL_THAT_FIT = -1;

/** Layers to ask for with this build of the native library. */
export function gpuLayersFor(native: NativeFound): number {
  return native.gpu === false ? 0 : ALL_THAT_FIT;
}

/** Whether a child opened with `has` can do what one opened with `wants` could: the same model, and a window that is large enough. */
export function serves(has: OpenOptions, wants: OpenOptions): boolean {
  const rest = ({ contextTokens: _window, prefix: _prefix, ...others }: OpenOptions) =>
    JSON.stringify(others);
  return has.contextTokens >= wants.contextTokens && rest(has) === rest(wants);
}

/** A state fits only what made it: files, window, library, and the machine's kind. */
function identity(native: NativeFound, files: ModelFiles, settings: OpenSettings): string {
  const file = (path: string | undefined) => {
    if (path === undefined) return "none";
    const { size, mtimeMs } = statSync(path);
    return `${path}:${size}:${mtimeMs}`;
  };
  const parts = [
    file(files.model),
    file(files.adapter),
    settings.contextTokens,
    settings.gpuLayers,
    native.version,
    native.gpu,
    process.arch,
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
