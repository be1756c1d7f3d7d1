/**
 * The embedded engine: a GGUF model in a child process of ours, without a server. Owns that process and the talk with it, the
 * token loop, the native library's whereabouts, and the pocket model's files: their download, checks and place in the cache.
 * Folders: `child` runs in that process, `model` brings and knows the pocket model's files, `native` finds and installs the
 * library, `discovery` reads GGUF heads and finds other programs' models.
 * Does not own what a prompt looks like, how calls are read out of text, or which engine is chosen.
 */

export { type GgufFile, readGgufHeader } from "./discovery/gguf.ts";
export { findLocalModels, type LocalModel } from "./discovery/local.ts";
export { GgufError, type GgufHeader } from "./discovery/parse-gguf.ts";
export { embedded } from "./embedded.ts";
export { createEmbedded } from "./engine.ts";
export { cacheFolder, engineFolder, PULLED } from "./folders.ts";
export { BASE, type BaseModel, type DownloadProgress, HUB } from "./model/base.ts";
export { type FetchOptions, fetchModel } from "./model/download.ts";
export { hubHeaders, hubHost } from "./model/hub.ts";
export { modelsFolder, presentModel } from "./model/stamp.ts";
export { POCKET } from "./models.ts";
export { findLlama, type NativeFound, type NativeMissing } from "./native/find.ts";
export { type InstallOptions, type InstallPlan, installEngine, planInstall } from "./native/install.ts";
export { LLAMA_VERSION } from "./native/version.ts";
export type { EmbeddedEngine, EmbeddedOptions } from "./options.ts";
export { dropPrewarmed, prewarm } from "./prewarm.ts";
