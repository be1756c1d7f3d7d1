import { capResult, resultCapTokens } from "../context/index.ts";
import { CLEAN, isClean, joinTaint, taintOf } from "../policy/index.ts";
import type { JsonObject, Taint, ToolContext } from "../protocol/index.ts";
import { Audited } from "./audited.ts";
import type { ReadyCall } from "./check.ts";
import type { RunContext } from "./context.ts";
import { digestOf } from "./digest.ts";
import { execute } from "./execute.ts";
import { permit } from "./permit.ts";
import { READ_RESULT } from "./read-result.ts";
import { isSelfBounded } from "./self-bounded.ts";
import { Slots } from "./slots.ts";

/**
 * Runs calls: policy, approval, slot, intent into the log, the tool, its result. Sequential is a width of one.
 * A call starts the moment it is complete; `settled` waits for all.
 */
export class Dispatcher {
  readonly #context: RunContext;
  readonly #slots: Slots;
  readonly #perTool = new Map<string, Slots>();
  readonly #tasks: Promise<void>[] = [];
  /** Calls that wait for an approval. */
  readonly #asking = new Map<string, ReadyCall>();

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
    // A call may store a long result as its last act.
    while (this.#tasks.length > 0) await Promise.all(this.#tasks.splice(0));
  }

  /** Starts calls whose approval came while others of their answer still ran. True where there was one. */
  startApproved(): boolean {
    const { pending, state } = this.#context;
    const approved = pending.filter(({ callId }) => state.approvals.has(callId) && this.#asking.has(callId));
    for (const one of approved) {
      pending.splice(pending.indexOf(one), 1);
      this.start(one.callId, this.#asking.get(one.callId)!);
    }
    return approved.length > 0;
  }

  async #run(callId: string, call: ReadyCall): Promise<void> {
    const guarded = await this.#guard(callId, call);
    if (typeof guarded === "string") {
      this.#finish(callId, call, { ok: false, content: guarded }, 0);
      return;
    }
    const halted = this.#context.halt?.reason;
    if (halted !== undefined) {
      this.#finish(callId, call, { ok: false, content: `Not run: ${halted}` }, 0);
      return;
    }
    const allowed = await permit(this.#context, callId, guarded);
    if (allowed === "waiting") {
      this.#asking.set(callId, call);
      return;
    }
    const audited = new Audited(this.#context, callId, guarded, allowed);
    const unwritten = await audited.begin();
    if ("refused" in allowed || unwritten !== undefined) {
      const content = "refused" in allowed ? allowed.refused : `Not run: ${unwritten}`;
      this.#finish(callId, call, { ok: false, content }, 0);
      return;
    }
    const own = this.#slotsOf(call);
    const turn = own?.take();
    if (turn !== undefined) await turn;
    const place = this.#slots.take();
    if (place !== undefined) await place;
    try {
      await this.#execute(callId, call, allowed.arguments, audited, allowed.edited);
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

  async #execute(
    callId: string,
    call: ReadyCall,
    args: JsonObject,
    audited: Audited,
    edited = false,
  ): Promise<void> {
    const { recorder, clock, limits, signal, runId, workspace, state } = this.#context;
    const halted = signal.aborted ? "Stopped before it began." : this.#context.halt?.reason;
    if (halted !== undefined) {
      await audited.end({ ok: false, content: halted, ms: 0 });
      this.#finish(callId, call, { ok: false, content: halted }, 0);
      return;
    }
    recorder.emit({ type: "call.running", callId });
    const written = recorder.written();
    if (written !== undefined) await written;
    const startedAt = clock.now();
    let open = true;
    let taint = taintOf(call.tool);
    const context: Omit<ToolContext, "signal"> = {
      runId,
      callId,
      workspace,
      output: (text) => {
        if (open) recorder.emit({ type: "call.output", callId, text });
      },
      taint: state.taint,
      addTaint: (more) => {
        taint = joinTaint(taint, more);
      },
    };
    const own = call.tool.timeoutMs ?? limits.toolTimeoutMs;
    const timeoutMs = isSelfBounded(call.tool) ? own : Math.min(own, limits.toolTimeoutMs);
    const result = await execute({ tool: call.tool, arguments: args, timeoutMs, clock, signal, context });
    open = false;
    // The history shows the model's own arguments: it must know that others were run.
    if (edited) result.content = `[run with edited arguments ${JSON.stringify(args)}]\n${result.content}`;
    const ms = clock.now() - startedAt;
    await audited.end({ ...result, ms });
    const digest =
      this.#context.summariseResults && result.ok && call.tool.name !== READ_RESULT
        ? await digestOf(this.#context, call.tool.name, result.content)
        : "";
    this.#finish(callId, call, result, ms, taint, digest);
  }

  #finish(
    callId: string,
    call: ReadyCall,
    result: { ok: boolean; content: string; details?: JsonObject },
    ms: number,
    taint: Taint = CLEAN,
    digest = "",
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
      content: digest === "" ? capped.content : `[summary by the model: ${digest}]\n${capped.content}`,
      ...(result.details === undefined ? {} : { details: result.details }),
      ms: Math.round(ms),
      ...(capped.whole === undefined ? {} : { truncated: true }),
      ...(typeof sandbox === "string" ? { sandbox } : {}),
      ...(isClean(taint) ? {} : { taint }),
    });
  }

  #store(id: string, content: string): void {
    const { journal, recorder, runId } = this.#context;
    const stored = journal.putArtifact(runId, id, content);
    if (stored instanceof Promise) this.#tasks.push(stored);
    recorder.emit({ type: "artifact.stored", id, bytes: Buffer.byteLength(content) });
  }
}
