import { type AuditedCall, type AuditedResult, mayRunUnwritten } from "../policy/index.ts";
import type { ReadyCall } from "./check.ts";
import type { RunContext } from "./context.ts";
import type { Permit } from "./permit.ts";

/** One call as the audit is told of it, where the run has one. */
export class Audited {
  readonly #context: RunContext;
  readonly #call: AuditedCall;

  constructor(context: RunContext, callId: string, { tool, arguments: args }: ReadyCall, permit: Told) {
    const refused = "refused" in permit;
    this.#context = context;
    this.#call = {
      runId: context.runId,
      callId,
      tool,
      arguments: refused ? args : permit.arguments,
      verdict: refused ? "refuse" : "allow",
      by: permit.by,
      ...(permit.why === undefined ? {} : { why: permit.why }),
    };
  }

  /** Writes the decision; answers why the call must not run, where that fails. What only looks goes on, and the run says so. */
  async begin(): Promise<string | undefined> {
    const { auditor } = this.#context;
    if (auditor === undefined) return undefined;
    try {
      await auditor.decided(this.#call);
      return undefined;
    } catch (error) {
      if (!mayRunUnwritten(this.#call.tool)) return words(error);
      this.#notice(`${this.#call.tool.name} is not in the audit: ${words(error)}`);
      return undefined;
    }
  }

  /** Writes what came of it. What was done can't be undone, so a failure is told and no more. */
  async end(result: AuditedResult): Promise<void> {
    try {
      await this.#context.auditor?.finished(this.#call, result);
    } catch (error) {
      this.#notice(`The result of ${this.#call.tool.name} is not in the audit: ${words(error)}`);
    }
  }

  #notice(text: string): void {
    this.#context.recorder.emit({ type: "notice", text });
  }
}

type Told = Exclude<Permit, "waiting">;

function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "remedy" in error && typeof error.remedy === "string"
    ? `${error.message} ${error.remedy}`
    : error.message;
}
