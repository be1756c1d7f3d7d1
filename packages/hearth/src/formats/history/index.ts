/**
 * Conversations as prompts: messages to a template's variables with what the template would lose put another way, and the
 * rendered prompt with its prefill, its stops and its stable head. Owns the repairs; what to repair is asked of `audit/`.
 */
export { type TemplateFormatOptions, templateFormat } from "./format.ts";
export { type PromptInput, renderPrompt } from "./render.ts";
export { renderNous, toolPrompt } from "./tool-prompt.ts";
export { type PlainCall, writeCalls } from "./write.ts";
