/**
 * Ollama over its native wire. Owns what that wire needs: a fixed window, no silent cutting, arguments as objects.
 * Does not parse calls out of text, render prompts or choose models.
 */
import type { Engine, ModelRef } from "../types.ts";
import { OllamaEngine, type OllamaOptions } from "./engine.ts";

export type { OllamaOptions } from "./engine.ts";

/** An Ollama server. Connects when first used. Raises `ConfigError` for an address that can't be read. */
export function createOllama(options: OllamaOptions = {}): Engine {
  return new OllamaEngine(options);
}

/** A model on an Ollama server; without a name, the first that can call tools. */
export function ollama(model?: string, options: OllamaOptions = {}): ModelRef {
  return { engine: createOllama(options), ...(model === undefined ? {} : { model }) };
}
