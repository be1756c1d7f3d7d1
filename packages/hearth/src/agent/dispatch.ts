import { capResult, resultCapTokens } from "../context/index.ts";
import type { ApprovalAnswer } from "../policy/index.ts";
import type { JsonObject, ToolContext } from "../protocol/index.ts";
import type { ReadyCall } from "./check.ts";
import type { RunContext } from "./context.ts";
import { execute } from "./execute.ts";
import { READ_RESULT } from "./read-result.ts";
import { Slots } from "./slots.ts";

const REFUSED =
  "Refused: this call needs an approval and did not get one. Go on without it, or say what is missing.";

/**
 * Runs calls: policy, approval, slot, intent into the log, the tool, its result. Sequential is a width of one.
 * A call starts the moment it is complete; `settled` waits for all.
 */
export class Dispatcher {
  readonly #context: RunContext;
  readonly #slots: Slots;
  readonly #perTool = new Map<string, Slots>();
  readonly #tasks: Promise<void>[] = [];

  constructor(context: RunContext) {
    this.#context = context;
    this.#slots = new Slots(context.limits.maxParallel);
  }

  start(callId: string, call: ReadyCall): void {
    const task = this.#run(callId, call);
    task.catch(() => undefined);
    this.#tasks.push(task);
  }

  /** Raises only what the journal raises: a tool's failure is a result. */
  async settled(): Promise<void> {
    await Promise.all(this.#tasks.splice(0));
  }

  async #run(callId: string, call: ReadyCall): Promise<void> {
    const guarded = await this.#guard(callId, call);
    if (typeof guarded === "string") {
      this.#finish(callId, call, { ok: false, content: guarded }, 0);
      return;
    }
    const permit = await this.#permit(callId, guarded);
    if (permit === "waiting") return;
    if (permit === "refused") {
      this.#finish(callId, call, { ok: false, content: REFUSED }, 0);
      return;
    }
    const own = this.#slotsOf(call);
    const turn = own?.take();
    if (turn !== undefined) await turn;
    const place = this.#slots.take();
    if (place !== undefined) await place;
    try {
      await this.#execute(callId, call, permit);
    } finally {
      this.#slots.release();
      own?.release();
    }
  }

  /** The call as the program lets it run, or why it does not. */
  async #guard(callId: string, call: ReadyCall): Promise<ReadyCall | string> {
    const { hooks, recorder } = this.#context;
    const { name } = call.tool;
    const decision = await hooks.guardToolCall?.({ callId, name, arguments: call.arguments });
    if (decision?.decision === "deny") {
      recorder.emit({ type: "approval.given", callId, decision: "refuse", by: "guardToolCall" });
      return `Refused${decision.reason === undefined ? "" : `: ${decision.reason}`}. Go on without this call.`;
    }
    return decision?.decision === "modify" ? { ...call, arguments: decision.arguments } : call;
  }

  #slotsOf(call: ReadyCall): Slots | undefined {
    const { name, concurrency } = call.tool;
    if (concurrency === undefined) return undefined;
    const known = this.#perTool.get(name) ?? new Slots(concurrency);
    this.#perTool.set(name, known);
    return known;
  }

  async #execute(callId: string, call: ReadyCall, args: JsonObject): Promise<void> {
    const { recorder, clock, limits, signal, runId, workspace } = this.#context;
    if (signal.aborted) {
      this.#finish(callId, call, { ok: false, content: "Stopped before it began." }, 0);
      return;
    }
    recorder.emit({ type: "call.running", callId });
    const startedAt = clock.now();
    let open = true;
    const context: Omit<ToolContext, "signal"> = {
      runId,
      callId,
      workspace,
      output: (text) => {
        if (open) recorder.emit({ type: "call.output", callId, text });
      },
    };
    const timeoutMs = Math.min(call.tool.timeoutMs ?? limits.toolTimeoutMs, limits.toolTimeoutMs);
    const result = await execute({ tool: call.tool, arguments: args, timeoutMs, clock, signal, context });
    open = false;
    this.#finish(callId, call, result, clock.now() - startedAt);
  }

  #finish(
    callId: string,
    call: ReadyCall,
    result: { ok: boolean; content: string; details?: JsonObject },
    ms: number,
  ): void {
    const { recorder, contextTokens, tools } = this.#context;
    const id = `${call.tool.name}-${callId}`;
    const capped = capResult(
      result.content.toWellFormed(),
      resultCapTokens(contextTokens),
      id,
      tools.has(READ_RESULT),
    );
    if (capped.whole !== undefined) this.#store(id, capped.whole);
    const sandbox = result.details?.["sandbox"];
    recorder.emit({
      type: "call.finished",
      callId,
      name: call.tool.name,
      ok: result.ok,
      content: capped.content,
      ...(result.details === undefined ? {} : { details: result.details }),
      ms: Math.round(ms),
      ...(capped.whole === undefined ? {} : { truncated: true }),
      ...(typeof sandbox === "string" ? { sandbox } : {}),
    });
  }

  #store(id: string, content: string): void {
    const { journal, recorder, runId } = this.#context;
    const stored = journal.putArtifact(runId, id, content);
    if (stored instanceof Promise) this.#tasks.push(stored);
    recorder.emit({ type: "artifact.stored", id, bytes: Buffer.byteLength(content) });
  }

  /** The arguments to run with, or why not. */
  async #permit(callId: string, call: ReadyCall): Promise<JsonObject | "refused" | "waiting"> {
    const { policy, recorder, runId, pending, state } = this.#context;
    const given = state.approvals.get(callId);
    if (given !== undefined)
      return given.decision === "refuse" ? "refused" : (given.arguments ?? call.arguments);
    const verdict = policy({ tool: call.tool, arguments: call.arguments });
    if (verdict.verdict === "allow") return call.arguments;
    const { name } = call.tool;
    if (verdict.verdict === "deny") {
      recorder.emit({ type: "approval.given", callId, decision: "refuse", by: "policy" });
      return "refused";
    }
    const request = { runId, callId, name, arguments: call.arguments, why: verdict.why };
    const answer = await this.#answer(request);
    if (answer === undefined) {
      pending.push({ callId, name, why: verdict.why });
      return "waiting";
    }
    recorder.emit({
      type: "approval.given",
      callId,
      decision: answer.decision,
      by: answer.by,
      ...(answer.arguments === undefined ? {} : { arguments: answer.arguments }),
    });
    return answer.decision === "refuse" ? "refused" : (answer.arguments ?? call.arguments);
  }

  async #answer(request: {
    runId: string;
    callId: string;
    name: string;
    arguments: JsonObject;
    why: string;
  }): Promise<ApprovalAnswer | undefined> {
    const { approver, recorder, signal } = this.#context;
    if (approver === "auto") return { decision: "approve", by: "auto" };
    if (approver === "never") return { decision: "refuse", by: "never" };
    const { callId, name, why } = request;
    recorder.emit({ type: "approval.requested", callId, name, arguments: request.arguments, why });
    return approver === "ask" ? undefined : approver(request, signal);
  }
}
