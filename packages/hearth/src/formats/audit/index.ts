/**
 * What a chat template loses or mangles, found by putting sentinels through it, and how Hearth repairs it.
 * Owns the questions and the words; the repairs themselves are in `history/`.
 */
export { type AuditRow, auditRows, auditTemplate } from "./audit.ts";
export type { Audit, Finding, TemplateTraits, Thinking } from "./types.ts";
