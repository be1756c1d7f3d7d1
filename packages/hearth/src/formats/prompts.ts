import { InternalError } from "../protocol/index.ts";
import { createParser } from "./parse.ts";
import { pocketAnswer, pocketGrammar, pocketPrompt } from "./pocket/index.ts";
import type { PromptFormat } from "./types.ts";

const pocket: PromptFormat = {
  id: "pocket",
  render: pocketPrompt,
  parser: (options) => createParser("hermes", options),
  grammar: pocketGrammar,
  answer: pocketAnswer,
};

/** Formats whose prompts are ours; every other model's prompt comes from its chat template. */
const own: ReadonlyMap<string, PromptFormat> = new Map([pocket].map((format) => [format.id, format]));

/** How to write to and read from a model that takes raw text, from what its engine says of it. */
export function promptFormatOf(model: { name: string; format?: string }): PromptFormat {
  const format = model.format === undefined ? undefined : own.get(model.format);
  if (format === undefined) throw new InternalError(`No prompt format is known for the model ${model.name}.`);
  return format;
}
