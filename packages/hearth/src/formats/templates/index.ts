/**
 * Chat templates, byte for byte as Python's Jinja2 renders them in Transformers.
 * Owns the language (syntax/), its runtime (run/), Python's values (values/, text/), Jinja2's filters and tests (filters/) and
 * the bounds on hostile templates. Knows nothing of messages, tools or formats: those are variables here.
 */
export { TemplateError, type TemplateErrorKind } from "./errors.ts";
export { DEFAULT_LIMITS, type TemplateLimits } from "./limits.ts";
export { pythonJson, pythonLiteral } from "./python.ts";
export { renderTemplate, type TemplateOptions, type TemplateVariables, templateFault } from "./render.ts";
export { type RenderedRow, renderRow } from "./rows.ts";
export { readJson } from "./values/convert.ts";
