import type { ModelRef } from "hearth";
import { createEmbedded } from "./engine.ts";
import { POCKET } from "./models.ts";
import type { EmbeddedOptions } from "./options.ts";

/**
 * A model that runs in a child process of this one, for `agent({model: embedded()})`: the pocket model, or a GGUF file.
 * Nothing is started or fetched before the first request.
 */
export function embedded(model?: string | EmbeddedOptions): ModelRef {
  const options = typeof model === "string" ? { model } : (model ?? {});
  return { engine: createEmbedded(options), model: options.model ?? POCKET };
}
