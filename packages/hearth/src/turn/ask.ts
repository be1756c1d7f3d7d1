import { type PromptFormat, promptFormatOf } from "../formats/index.ts";
import { CapabilityError, InternalError } from "../protocol/index.ts";
import { askForced } from "./forced.ts";
import { askNative } from "./native.ts";
import { askRaw } from "./raw.ts";
import type { AskInput, TurnEvent } from "./types.ts";

/**
 * How a model on an engine is asked: in messages where the engine takes them, else as raw text in a format of ours.
 * Decided by what the engine can do, never by what it is called.
 */
export type Plan = { path: "native" } | { path: "raw"; format: PromptFormat };

export function planOf(input: Pick<AskInput, "engine" | "info">): Plan {
  if (input.engine.chat !== undefined) return { path: "native" };
  if (input.engine.complete === undefined) {
    throw new InternalError(`The engine ${input.engine.id} can neither chat nor complete.`);
  }
  return { path: "raw", format: promptFormatOf(input.info) };
}

/** One question to the model: the loop and the server's wires both ask through this. */
export function ask(input: AskInput, signal: AbortSignal): AsyncIterable<TurnEvent> {
  const { engine, info } = input;
  if (input.tools.length > 0 && info.capabilities !== undefined && !info.capabilities.includes("tools")) {
    throw new CapabilityError(`The model ${info.name} on ${engine.address} can't call tools.`, {
      remedy: "Choose a model that lists the capability `tools` with --model; `hearth models` shows them.",
    });
  }
  const plan = planOf(input);
  if (plan.path === "native") {
    const forced = input.toolChoice === "required" || typeof input.toolChoice === "object";
    return (forced ? askForced : askNative)(engine.chat!, input, signal);
  }
  return askRaw(engine.complete!, plan.format, input, signal);
}

export type { TurnEvent };
