import { auditTemplate } from "../audit/audit.ts";
import { dialectOf } from "../audit/traits.ts";
import { createParser } from "../parse.ts";
import type { PromptFormat } from "../types.ts";
import { type PromptInput, renderPrompt } from "./render.ts";

export type TemplateFormatOptions = Pick<
  PromptInput,
  "templateText" | "format" | "clock" | "bosToken" | "eosToken" | "extra"
>;

/** A model that takes raw text, by its chat template: how to write to it and how to read it. */
export function templateFormat(options: TemplateFormatOptions): PromptFormat {
  const { format } = auditTemplate(options.templateText, options.format);
  const dialect = dialectOf(format);
  return {
    id: dialect.id,
    render: (input) => renderPrompt({ ...options, ...input }),
    parser: (parse) => createParser(dialect, parse),
  };
}
