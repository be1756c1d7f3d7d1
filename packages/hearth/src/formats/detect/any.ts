import type { JsonValue } from "../../protocol/index.ts";
import { detectGoTemplate, isGoTemplate } from "../gotemplate/detect.ts";
import { type Detected, detect as detectJinja, FALLBACK } from "./detect.ts";
import { formatOfModel } from "./families.ts";
import { compileResponseTemplate } from "./response-template.ts";

/** The format of a chat template, Jinja or Ollama's Go form. */
export function detect(template: string): Detected {
  return isGoTemplate(template) ? detectGoTemplate(template) : detectJinja(template);
}

/** What may be known of a model. */
export interface ModelSources {
  /** `response_template` of its tokenizer's configuration. */
  responseTemplate?: JsonValue;
  /** Its chat template. */
  templateText?: string;
  name?: string;
}

/** The format of a model: what its tokenizer says, else what its template shows, else what its name suggests. */
export function detectModel(sources: ModelSources): Detected {
  const dialect = compileResponseTemplate(sources.responseTemplate);
  if (dialect !== undefined) return { format: dialect.id, confidence: 1, how: "response_template", dialect };
  const found = sources.templateText === undefined ? FALLBACK : detect(sources.templateText);
  if (found.how !== "fallback") return found;
  const format = sources.name === undefined ? undefined : formatOfModel(sources.name);
  return format === undefined ? found : { format, confidence: 0.5, how: "name" };
}
