/**
 * Ways to a model: transport only, one interface for all. Owns connections, wires and how they fail, and the wrappers that
 * are engines too. Does not loop, does not render or parse a model's own formats, runs no tools.
 */
export { after, systemClock } from "./clock.ts";
export { type EngineReply, failureOf } from "./failures.ts";
export { withFallback } from "./fallback.ts";
export { EngineAddressError, LineTooLongError } from "./http/index.ts";
export { createOllama, type OllamaOptions, ollama } from "./ollama/index.ts";
export { createOpenAI, type OpenAIOptions, openai } from "./openai/index.ts";
export { DEFAULT_RETRY_POLICY, type RetryPolicy, retryDecision } from "./retry.ts";
export * from "./scripted/index.ts";
export type * from "./types.ts";
