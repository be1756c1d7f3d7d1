import { createHash } from "node:crypto";
import { userInfo } from "node:os";
import { type AuditedCall, type AuditedResult, type Auditor, isObject, type JsonObject } from "hearth";
import type { AuditLog } from "./log.ts";
import { redact } from "./redact.ts";

/** Characters of the arguments kept in the audit; their hash covers all of them. */
const MAX_ARGUMENTS = 2000;
/** Characters of a reason or an error. */
const MAX_WHY = 500;

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The person this process runs for, by the system's name. */
export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    // No entry for this id, as in many containers.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

/**
 * Tells an audit file of each call: a line when it is decided, before it runs, and one when it is over. Arguments stand there without
 * secrets and cut, with the hash of the whole; outputs by hash and size only. `user`: for whom; default the user of the system.
 */
export function fileAuditor(log: AuditLog, user = localUser()): Auditor {
  const common = ({ runId, callId, tool }: AuditedCall): JsonObject => ({
    user,
    runId,
    callId,
    tool: tool.name,
  });
  return {
    as: (other) => fileAuditor(log, other),
    decided: (call) => {
      const text = JSON.stringify(call.arguments);
      return log.append({
        time: new Date().toISOString(),
        what: "call",
        ...common(call),
        effect: call.tool.effect ?? "once",
        argumentsHash: sha256(text),
        arguments: redact(text).slice(0, MAX_ARGUMENTS),
        verdict: call.verdict,
        rule: call.by,
        ...(call.why === undefined ? {} : { why: redact(call.why).slice(0, MAX_WHY) }),
      });
    },
    finished: (call, result) =>
      log.append({
        time: new Date().toISOString(),
        what: "result",
        ...common(call),
        ms: Math.round(result.ms),
        ...outcomeOf(result),
      }),
  };
}

/** Where a tool's own details say nothing of a sandbox it ran in this process. */
const IN_PROCESS = "in process";

function outcomeOf({ ok, content, details }: AuditedResult): JsonObject {
  const out: JsonObject = {
    ok,
    sandbox: IN_PROCESS,
    outputHash: sha256(content),
    outputBytes: Buffer.byteLength(content),
  };
  if (isObject(details))
    for (const key of ["sandbox", "exitCode", "limit", "verdict"])
      if (details[key] !== undefined) out[key] = details[key];
  return out;
}
