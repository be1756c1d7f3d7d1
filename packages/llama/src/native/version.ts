/** The release of node-llama-cpp whose native library we speak to; another one may have other calls. 3.22.1 failed `npm ci`. */
export const LLAMA_VERSION = "3.20.0";

/** A build of the native library: npm package `@node-llama-cpp/NAME`, the library in its `bins/NAME`. */
export interface Build {
  name: string;
  gpu: false | "metal" | "cuda" | "vulkan";
  /** A package with compute backends that do not fit into the first one. */
  extra?: string;
}

/** Builds per `platform-arch`, GPU ones first. */
const BUILDS: Record<string, Build[]> = {
  "linux-x64": [
    { name: "linux-x64-cuda", gpu: "cuda", extra: "linux-x64-cuda-ext" },
    { name: "linux-x64-vulkan", gpu: "vulkan" },
    { name: "linux-x64", gpu: false },
  ],
  "linux-arm64": [{ name: "linux-arm64", gpu: false }],
  "linux-arm": [{ name: "linux-armv7l", gpu: false }],
  "win32-x64": [
    { name: "win-x64-cuda", gpu: "cuda", extra: "win-x64-cuda-ext" },
    { name: "win-x64-vulkan", gpu: "vulkan" },
    { name: "win-x64", gpu: false },
  ],
  "win32-arm64": [{ name: "win-arm64", gpu: false }],
  "darwin-arm64": [{ name: "mac-arm64-metal", gpu: "metal" }],
  "darwin-x64": [{ name: "mac-x64", gpu: false }],
};

export function buildsFor(
  platform: string = process.platform,
  arch: string = process.arch,
): readonly Build[] {
  return BUILDS[`${platform}-${arch}`] ?? [];
}
