/**
 * Servers that speak OpenAI's chat completions. Owns the assembly of streamed calls and what servers have beside that
 * wire, found out by asking. Does not parse calls out of text, render prompts or choose models.
 */
import type { Engine, ModelRef } from "../types.ts";
import { OpenAIEngine, type OpenAIOptions } from "./engine.ts";

export type { OpenAIOptions } from "./engine.ts";

/** An OpenAI-compatible server. Connects when first used. Raises `ConfigError` for an address that can't be read. */
export function createOpenAI(options: OpenAIOptions = {}): Engine {
  return new OpenAIEngine(options);
}

/** A model on an OpenAI-compatible server; without a name, the first that the server names. */
export function openai(model?: string, options: OpenAIOptions = {}): ModelRef {
  return { engine: createOpenAI(options), ...(model === undefined ? {} : { model }) };
}
