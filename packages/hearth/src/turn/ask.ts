import type { PromptFormat } from "../formats/types.ts";
import { CapabilityError, InternalError } from "../protocol/index.ts";
import { askForced } from "./forced.ts";
import { later } from "./later.ts";
import { askNative } from "./native.ts";
import type { AskInput, TurnEvent } from "./types.ts";

/**
 * How a model on an engine is asked: in messages where the engine takes them, else as raw text in a format of ours; without a tool
 * format of its own, as the wished protocol says. Decided by what the engine can do, never by what it is called.
 */
export type Plan =
  | { path: "native" | "injected" | "choose" }
  | { path: "raw"; format(): Promise<PromptFormat> };

export function planOf(input: Pick<AskInput, "engine" | "info" | "protocol">): Plan {
  const { engine, info, protocol = "native" } = input;
  if (engine.chat !== undefined) {
    if (protocol === "injected" || protocol === "choose") return { path: protocol };
    return { path: protocol === "auto" && lacksTools(input) ? "injected" : "native" };
  }
  if (engine.complete === undefined) {
    throw new InternalError(`The engine ${engine.id} can neither chat nor complete.`);
  }
  // A hundred files that write prompts and grammars: with a server that takes messages they need not be loaded.
  return { path: "raw", format: async () => (await import("../formats/prompts.ts")).promptFormatOf(info) };
}

/** What is known of a model without tools: nothing known means that it may have them. */
function lacksTools({ info }: Pick<AskInput, "info">): boolean {
  return info.capabilities !== undefined && !info.capabilities.includes("tools");
}

/** One question to the model: the loop and the server's wires both ask through this. */
export function ask(input: AskInput, signal: AbortSignal): AsyncIterable<TurnEvent> {
  const { engine } = input;
  const plan = planOf(input);
  if (plan.path === "raw") {
    refuseWithoutTools(input);
    return later(async () => {
      const [{ askRaw }, format] = await Promise.all([import("./raw.ts"), plan.format()]);
      return askRaw(engine.complete!, format, input, signal);
    });
  }
  const chat = engine.chat!;
  if (input.tools.length > 0 && plan.path !== "native")
    return later(async () =>
      plan.path === "injected"
        ? (await import("./injected.ts")).askInjected(chat, input, signal)
        : (await import("./choosing.ts")).askChoosing(chat, input, signal),
    );
  refuseWithoutTools(input);
  const forced = input.toolChoice === "required" || typeof input.toolChoice === "object";
  return (forced ? askForced : askNative)(chat, input, signal);
}

function refuseWithoutTools(input: AskInput): void {
  const { engine, info } = input;
  if (input.tools.length === 0 || !lacksTools(input)) return;
  throw new CapabilityError(`The model ${info.name} on ${engine.address} can't call tools.`, {
    remedy:
      'Choose a model that lists the capability `tools` with --model (`hearth models` shows them), or let the tools be written into its prompt: `protocol: "auto"`.',
  });
}

export type { TurnEvent };
