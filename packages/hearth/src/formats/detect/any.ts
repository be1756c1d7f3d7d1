import { detectGoTemplate, isGoTemplate } from "../gotemplate/detect.ts";
import { type Detected, detect as detectJinja } from "./detect.ts";

/** The format of a chat template, Jinja or Ollama's Go form. */
export function detect(template: string): Detected {
  return isGoTemplate(template) ? detectGoTemplate(template) : detectJinja(template);
}
