import { createHash } from "node:crypto";
import { isObject, type JsonObject, type Tool } from "hearth";
import type { AuditLog } from "./log.ts";
import { redact } from "./redact.ts";

/** Characters of the arguments kept in the audit; their hash covers all of them. */
const MAX_ARGUMENTS = 2000;

export interface AuditWho {
  /** Who the run is for. */
  user?: string;
  /** What the policy said and by which rule, where it is known. */
  verdict?: (tool: Tool, args: JsonObject) => string;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * The same tools, each call of them written to the audit: a line before it runs, so that nothing runs unwritten, and a line after it.
 * Outputs stand there by hash and size only.
 */
export function auditTools(tools: readonly Tool[], log: AuditLog, who: AuditWho = {}): Tool[] {
  return tools.map((tool) => ({
    ...tool,
    run: async (args, context) => {
      const text = JSON.stringify(args);
      const common: JsonObject = {
        user: who.user ?? "local",
        runId: context.runId,
        callId: context.callId,
        tool: tool.name,
      };
      const verdict = who.verdict?.(tool, args);
      await log.append({
        time: new Date().toISOString(),
        what: "call",
        ...common,
        effect: tool.effect ?? "once",
        argumentsHash: sha256(text),
        arguments: redact(text).slice(0, MAX_ARGUMENTS),
        ...(verdict === undefined ? {} : { verdict }),
      });
      const began = performance.now();
      const after = (outcome: JsonObject) =>
        log.append({
          time: new Date().toISOString(),
          what: "result",
          ...common,
          ms: Math.round(performance.now() - began),
          ...outcome,
        });
      try {
        const result = await tool.run(args, context);
        await after(outcomeOf(result));
        return result;
      } catch (error) {
        await after({
          ok: false,
          error: redact(error instanceof Error ? error.message : String(error)).slice(0, 500),
        });
        throw error;
      }
    },
  }));
}

function outcomeOf(result: unknown): JsonObject {
  const object = isObject(result) && typeof result["content"] === "string" ? result : undefined;
  const text = object === undefined ? (JSON.stringify(result) ?? "") : String(object["content"]);
  const out: JsonObject = {
    ok: object?.["ok"] !== false,
    outputHash: sha256(text),
    outputBytes: Buffer.byteLength(text),
  };
  const details = object?.["details"];
  if (isObject(details))
    for (const key of ["sandbox", "exitCode", "limit", "verdict"])
      if (details[key] !== undefined) out[key] = details[key];
  return out;
}
