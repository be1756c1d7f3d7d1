/**
 * Raw text to calls and back. Owns the formats as data (`dialects/`), the one engine that reads them (`engine/`, `values/`),
 * the families, and what makes untrusted text harmless. Does not talk to engines, run tools or decide about calls.
 */

export { type Audit, type AuditRow, auditRows, auditTemplate } from "./audit/index.ts";
export {
  compileResponseTemplate,
  type Detected,
  type DetectedHow,
  type DetectedRow,
  detect,
  detectModel,
  detectRow,
  formatOfModel,
  type ModelSources,
} from "./detect/index.ts";
export { type Dialect, dialectById, dialects, markersOf } from "./dialects/index.ts";
export { type Family, families, familyOf } from "./families.ts";
export {
  auditGoTemplate,
  type GoPromptInput,
  GoTemplateError,
  goTemplateFormat,
  isGoTemplate,
  renderGoPrompt,
} from "./gotemplate/index.ts";
export {
  type CallGrammar,
  type CallGrammarInput,
  callArguments,
  callGrammar,
  callSchema,
  choose,
  chosen,
  type GrammarNote,
  gbnfOfSchema,
  SchemaGrammarError,
  type SchemaGrammarOptions,
} from "./grammar/index.ts";
export {
  type PromptInput,
  renderNous,
  renderPrompt,
  renderPrompt as render,
  templateFormat,
  writeCalls,
} from "./history/index.ts";
export { neutralise } from "./neutralise.ts";
export { collect, createParser, cut, type Parsed, type ParseInput, parse } from "./parse.ts";
export { promptFormatOf } from "./prompts.ts";
export { createRescuer, type RescueOptions } from "./rescue.ts";
export { type FormatRow, listFormats, parseRow, type RowAnswer, type RowSources } from "./rows.ts";
export { type RenderedRow, renderRow, renderTemplate, TemplateError } from "./templates/index.ts";
export { toolSchemas } from "./tools.ts";
export type * from "./types.ts";
