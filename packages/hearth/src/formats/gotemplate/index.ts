/**
 * Ollama's templates (Go's text/template, from `/api/show`): read, executed, recognised, and told what Ollama itself makes of
 * them. Owns the language and Ollama's values; the formats and the repairs are those of the rooms beside it.
 */
export { auditGoTemplate, detectGoTemplate, type GoFinding, isGoTemplate } from "./detect.ts";
export { GoTemplateError } from "./errors.ts";
export { type OllamaInput, type OllamaMessage, renderOllama } from "./ollama.ts";
export { parseGoTemplate } from "./parser.ts";
export { type GoPromptInput, goTemplateFormat, renderGoPrompt } from "./prompt.ts";
