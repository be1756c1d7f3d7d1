import type { JsonObject, Tool } from "../protocol/index.ts";

/** A call as it was decided. */
export interface AuditedCall {
  runId: string;
  callId: string;
  tool: Tool;
  arguments: JsonObject;
  /** Whether it runs. */
  verdict: "allow" | "refuse";
  /** Who or what decided: `policy`, `rule write_*`, `auto`, `taint rule`, `terminal`, `HTTP`, … */
  by: string;
  /** Why it was asked about or refused. */
  why?: string;
}

/** What came of a call that ran. */
export interface AuditedResult {
  ok: boolean;
  /** The whole result, before anything was cut from it. */
  content: string;
  details?: JsonObject;
  ms: number;
}

/** Is told of each call. Who implements it decides where that is kept. */
export interface Auditor {
  /** Resolves when it is written, before the call runs; a refused call is told by this alone. What it rejects with says why it could not be. */
  decided(call: AuditedCall): Promise<void>;
  finished(call: AuditedCall, result: AuditedResult): Promise<void>;
  /** The same audit for what is done on behalf of somebody else. Left out: it does not tell users apart. */
  as?(user: string): Auditor;
}

/** Whether a call may run though it could not be written down: only what looks, and sends nothing. */
export function mayRunUnwritten(tool: Tool): boolean {
  return tool.effect === "none" && tool.egress === false;
}
