import { type Dialect, dialectById } from "./dialects/index.ts";
import { goTemplateFormat } from "./gotemplate/index.ts";
import { callGrammar, SchemaGrammarError } from "./grammar/index.ts";
import { templateFormat } from "./history/index.ts";
import { createParser } from "./parse.ts";
import { pocketAnswer, pocketGrammar, pocketPrompt } from "./pocket/index.ts";
import type { GrammarInput, PromptFormat } from "./types.ts";

/** What is asked of an engine's word about a model. */
export interface PromptModel {
  format?: string;
  template?: { kind: "jinja" | "go"; text: string };
  details?: { [key: string]: unknown };
}

/** For models that bring no template: the turns most small models were trained on. */
const CHATML = `{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`;

const pocket: PromptFormat = {
  id: "pocket",
  render: pocketPrompt,
  parser: (options) => createParser("hermes", options),
  grammar: pocketGrammar,
  answer: pocketAnswer,
};

/** Formats whose prompts are ours; every other model's prompt comes from its chat template. */
const own: ReadonlyMap<string, PromptFormat> = new Map([pocket].map((format) => [format.id, format]));

/** A template's language decides who renders it. */
const BY_KIND = { jinja: templateFormat, go: goTemplateFormat } as const;

const made = new Map<string, PromptFormat>();
/** Templates kept ready; a process rarely meets more models. */
const MAX_MADE = 16;

/** How to write to and read from a model that takes raw text, from what its engine says of it. */
export function promptFormatOf(model: PromptModel): PromptFormat {
  const named = model.format === undefined ? undefined : own.get(model.format);
  if (named !== undefined) return named;
  const { kind, text } = model.template ?? { kind: "jinja" as const, text: CHATML };
  const bos = textOf(model.details?.["bos"]);
  const eos = textOf(model.details?.["eos"]);
  const key = JSON.stringify([kind, text, bos, eos]);
  const known = made.get(key);
  if (known !== undefined) return known;
  const tokens = {
    ...(bos === undefined ? {} : { bosToken: bos }),
    ...(eos === undefined ? {} : { eosToken: eos }),
  };
  const base = BY_KIND[kind]({ templateText: text, ...tokens });
  const dialect = dialectById(base.id);
  const format =
    dialect === undefined ? base : { ...base, grammar: (input: GrammarInput) => grammarOf(dialect, input) };
  if (made.size >= MAX_MADE) made.clear();
  made.set(key, format);
  return format;
}

/**
 * Calls held to their schemas: from the opening of a call on where the model may also talk, from the start where it must call.
 * A dialect for which no grammar can be made is parsed and repaired instead, unless a call is required.
 */
function grammarOf(
  dialect: Dialect,
  { tools, toolChoice }: GrammarInput,
): { gbnf: string; trigger?: string } | undefined {
  if (tools.length === 0 || toolChoice === "none") return undefined;
  try {
    const { gbnf, trigger } = callGrammar({
      dialect,
      tools,
      choice: toolChoice,
      lazy: toolChoice === "auto",
    });
    return trigger === undefined ? { gbnf } : { gbnf, trigger };
  } catch (error) {
    if (error instanceof SchemaGrammarError && toolChoice === "auto") return undefined;
    throw error;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
