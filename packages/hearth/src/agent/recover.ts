import { approvalHash } from "../policy/index.ts";
import type { CallBlock, Tool } from "../protocol/index.ts";
import type { RunContext } from "./context.ts";
import type { Dispatcher } from "./dispatch.ts";

/**
 * Brings an interrupted run to where its next step can begin. Finished calls are never repeated; a call in flight is run again
 * only if its tool's effect allows, else a person is asked, and where nobody can be asked the model is told that its outcome is unknown.
 */
export async function recover(context: RunContext, dispatcher: Dispatcher): Promise<void> {
  const { state, recorder } = context;
  const partial = state.partial;
  const step = state.step;
  recorder.emit({ type: "run.resumed" });
  if (partial !== undefined) {
    if (partial.content.some((block) => block.type === "call")) {
      recorder.emit({
        type: "step.finished",
        step,
        message: { role: "assistant", content: partial.content },
      });
    } else {
      recorder.emit({ type: "step.discarded", fromSeq: partial.fromSeq, why: "the run was interrupted" });
    }
  }
  // What somebody decided while nobody drove the run.
  await context.inbox.poll();
  const open = state.open.filter((call) => !state.results.has(call.id));
  for (const call of open) await goOn(context, dispatcher, call);
  await dispatcher.settled();
}

async function goOn(context: RunContext, dispatcher: Dispatcher, call: CallBlock): Promise<void> {
  const { state, tools } = context;
  const tool = tools.get(call.name);
  if (tool === undefined) {
    return report(context, call, `The tool ${call.name} is not there any more; the call was not run.`);
  }
  const inFlight = state.running.has(call.id);
  if (inFlight && state.approvals.get(call.id)?.decision === "refuse")
    return report(context, call, unknownOutcome(call.name));
  if (!inFlight || (tool.effect !== undefined && tool.effect !== "once") || state.approvals.has(call.id)) {
    dispatcher.start(call.id, { tool, arguments: call.arguments, repairs: [] });
    return;
  }
  await ask(context, dispatcher, call, tool);
}

/** `auto` and `never` are no person: they don't run again what may have happened already. */
async function ask(context: RunContext, dispatcher: Dispatcher, call: CallBlock, tool: Tool): Promise<void> {
  const { approver, recorder, pending, runId, signal } = context;
  const { id: callId, name } = call;
  const unknown = unknownOutcome(name);
  if (approver === "auto" || approver === "never") return report(context, call, unknown);
  const hash = approvalHash(name, call.arguments);
  const why = `The program was interrupted while ${name} ran; its outcome is unknown. Run it again?`;
  recorder.emit({ type: "approval.requested", callId, name, arguments: call.arguments, why });
  const answer =
    approver === "ask"
      ? undefined
      : await approver({ runId, callId, name, arguments: call.arguments, why, hash }, signal);
  if (answer === undefined) {
    pending.push({ callId, name, why });
    return;
  }
  recorder.emit({
    type: "approval.given",
    callId,
    decision: answer.decision,
    by: answer.by,
    ...(answer.arguments === undefined ? {} : { arguments: answer.arguments }),
  });
  if (answer.decision === "refuse") return report(context, call, unknown);
  dispatcher.start(callId, { tool, arguments: call.arguments, repairs: [] });
}

function unknownOutcome(name: string): string {
  return `Outcome unknown: the program was interrupted while ${name} ran, and it was not run again. Find out what happened before you repeat it.`;
}

function report(context: RunContext, call: CallBlock, content: string): void {
  context.recorder.emit({
    type: "call.finished",
    callId: call.id,
    name: call.name,
    ok: false,
    content,
    ms: 0,
  });
}
