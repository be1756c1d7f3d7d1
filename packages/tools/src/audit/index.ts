/**
 * What tools did, in a file that shows when it was changed: one JSON object a line, each bound to the one before by its hash.
 * Owns the file, its chain, its check, and what must not stand in it. Does not own the journal (what a run was) nor who may call what.
 */
export { fileAuditor, localUser } from "./auditor.ts";
export { type AuditCheck, verifyAudit } from "./chain.ts";
export { AuditError, AuditLog } from "./log.ts";
export * from "./redact.ts";
export * from "./wrap.ts";
