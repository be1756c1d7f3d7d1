/**
 * Models as figures: what memory they take, what this machine has for them, which are recommended.
 * Owns the estimate, the guide and how a model is fetched. Does not own GGUF files (@hearth/llama), nor which engine answers.
 */
export { bestPick, GUIDE_CONTEXT_TOKENS, guideMemory } from "./fits.ts";
export { GUIDE, GUIDE_DATE, type GuideModel, PICKS, type Score } from "./guide.ts";
export {
  chooseFiles,
  type HubFile,
  type HubWish,
  type Pulled,
  type PullOptions,
  pullFromHub,
  readHubWish,
} from "./hub.ts";
export { type Room, roomForModels } from "./machine.ts";
export {
  CACHE_BYTES,
  type CacheOptions,
  type CacheType,
  cacheBytes,
  type Estimate,
  estimateMemory,
} from "./memory.ts";
export { type OllamaPullOptions, pullByOllama } from "./ollama-pull.ts";
export { type LayerMemory, type ModelHead, type Shape, shapeOf } from "./shape.ts";
