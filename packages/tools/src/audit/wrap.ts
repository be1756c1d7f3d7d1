import { type AuditedCall, type Auditor, mayRunUnwritten, normalizeResult, type Tool } from "hearth";
import { redact } from "./redact.ts";

export interface AuditWho {
  /** Who or what let the call run. Default `by hand`: a person called the tool. */
  by?: string;
}

/**
 * The same tools, each call of them told to the audit, for callers that have no loop around them. A tool whose call can't be written
 * does not run, unless it only looks.
 */
export function auditTools(
  tools: readonly Tool[],
  auditor: Auditor,
  { by = "by hand" }: AuditWho = {},
): Tool[] {
  return tools.map((tool) => ({
    ...tool,
    run: async (args, context) => {
      const { runId, callId } = context;
      const call: AuditedCall = { runId, callId, tool, arguments: args, verdict: "allow", by };
      await auditor.decided(call).catch((error: unknown) => {
        if (!mayRunUnwritten(tool)) throw error;
      });
      const began = performance.now();
      const ms = (): number => performance.now() - began;
      try {
        const result = normalizeResult(await tool.run(args, context));
        await told(auditor.finished(call, { ...result, ms: ms() }));
        return result;
      } catch (error) {
        const content = redact(error instanceof Error ? error.message : String(error));
        await told(auditor.finished(call, { ok: false, content, ms: ms() }));
        throw error;
      }
    },
  }));
}

/** What was done is done: that its end could not be written does not change the result. */
async function told(writing: Promise<void>): Promise<void> {
  await writing.catch((error: unknown) => {
    process.emitWarning(error instanceof Error ? error.message : String(error), "AuditWarning");
  });
}
