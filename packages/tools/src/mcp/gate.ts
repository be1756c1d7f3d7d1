import {
  type AuditedCall,
  type Auditor,
  CLEAN,
  defaultPolicy,
  type Halt,
  type JsonObject,
  joinTaint,
  mayRunUnwritten,
  type Policy,
  type Taint,
  type Tool,
  type ToolResult,
  taintOf,
  underTaint,
} from "hearth";
import { brief } from "./failures.ts";

export interface GateOptions {
  /** `auto`: what the policy would ask for is run; `never`: it is refused. There is nobody to ask here. */
  approve: "auto" | "never";
  /** Default: looking is free, all else is asked for. The taint rule comes on top of it. */
  policy?: Policy;
  /** Is told of each call before it runs and after. */
  auditor?: Auditor;
  /** The emergency stop: while it holds no call starts. */
  halt?: Halt;
}

/** A call that was let through, until it is over. */
export interface Admitted {
  /** What its result brings beside what the tool declares. */
  addTaint(taint: Taint): void;
  over(result: Pick<ToolResult, "content" | "details"> & { ok: boolean }): Promise<void>;
}

/**
 * What stands between a client and the tools, as the loop's own policy does between a model and them. The client's model has read what
 * was answered here, whatever else it has read: that counts for all calls after it, in this process.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #policy: Policy;
  #taint: Taint = CLEAN;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#policy = underTaint(options.policy ?? defaultPolicy);
  }

  get taint(): Taint {
    return this.#taint;
  }

  /** Lets the call through, or says why not. */
  async admit(tool: Tool, args: JsonObject, callId: string): Promise<Admitted | string> {
    const { halt, auditor } = this.#options;
    const stopped = halt?.reason;
    if (stopped !== undefined) return `Not run: ${stopped}`;
    const decision = this.#decide(tool, args);
    const { refused, by, why } = decision;
    const call: AuditedCall = {
      runId: "mcp",
      callId,
      tool,
      arguments: args,
      verdict: refused === undefined ? "allow" : "refuse",
      by,
      ...(why === undefined ? {} : { why }),
    };
    try {
      await auditor?.decided(call);
    } catch (error) {
      if (!mayRunUnwritten(tool)) return refused ?? `Not run: ${brief(error)}`;
    }
    return refused ?? this.#admitted(call);
  }

  #admitted(call: AuditedCall): Admitted {
    const began = performance.now();
    let taint = taintOf(call.tool);
    return {
      addTaint: (more) => {
        taint = joinTaint(taint, more);
      },
      over: async ({ ok, content, details }) => {
        this.#taint = joinTaint(this.#taint, taint);
        const ms = performance.now() - began;
        const result = { ok, content, ms, ...(details === undefined ? {} : { details }) };
        // What was done is done; that its end is not written is told where this process tells such things.
        await this.#options.auditor?.finished(call, result).catch((error: unknown) => {
          process.emitWarning(brief(error), "AuditWarning");
        });
      },
    };
  }

  #decide(tool: Tool, args: JsonObject): { by: string; why?: string; refused?: string } {
    const verdict = this.#policy({ tool, arguments: args, taint: this.#taint });
    const by = verdict.rule === undefined ? "policy" : `rule ${verdict.rule}`;
    if (verdict.verdict === "allow") return { by };
    const { why } = verdict;
    if (verdict.verdict === "deny") return { by, why, refused: `Refused: ${why}` };
    if (verdict.person === true)
      return { by: "taint rule", why, refused: `Refused: ${why} ${TAINTED(tool)}` };
    if (this.#options.approve === "auto") return { by: "auto", why };
    return { by: "never", why, refused: `Refused: ${why} ${UNASKED}` };
  }
}

const UNASKED =
  "It needs an approval, and nobody can be asked here: start `hearth mcp` with --approve auto to let such calls run.";
const TAINTED = ({ name }: Tool): string =>
  `Only a person may let it run, and nobody can be asked here; --approve auto does not do it. Whoever starts \`hearth mcp\` may allow it by a rule: --allow ${name}.`;
