import { type ApprovalAnswer, type ApprovalRequest, approvalHash, callKey } from "../policy/index.ts";
import type { JsonObject } from "../protocol/index.ts";
import { checkArguments } from "../schema/index.ts";
import type { ReadyCall } from "./check.ts";
import type { RunContext } from "./context.ts";

/** How often somebody who edits the arguments is asked again because they don't fit. */
const MAX_EDITS = 3;

/** What may be run, or why not now. */
export type Permit = { arguments: JsonObject; edited?: boolean } | { refused: string } | "waiting";

const REFUSED =
  "Refused: this call needs an approval and did not get one. Go on without it, or say what is missing.";

/**
 * Policy, then approval. An approval counts once, and only for the call as it was shown; edited arguments are checked like the
 * model's own and judged again.
 */
export async function permit(context: RunContext, callId: string, call: ReadyCall): Promise<Permit> {
  const { policy, recorder, pending, state } = context;
  const { name } = call.tool;
  const given = state.approvals.get(callId);
  if (given?.decision === "refuse") return { refused: REFUSED };
  if (given !== undefined && given.for === callKey(name, call.arguments))
    return taken(context, callId, call, given);
  const verdict = policy({ tool: call.tool, arguments: call.arguments });
  if (verdict.verdict === "allow") return { arguments: call.arguments };
  if (verdict.verdict === "deny") {
    recorder.emit({ type: "approval.given", callId, decision: "refuse", by: "policy" });
    return { refused: `Refused: ${verdict.why} Go on without this call.` };
  }
  const answer = await answerTo(context, callId, call, verdict.why);
  if (answer === undefined) {
    pending.push({ callId, name, why: verdict.why });
    return "waiting";
  }
  const { decision, by, arguments: edited } = answer;
  recorder.emit({
    type: "approval.given",
    callId,
    decision,
    by,
    ...(edited === undefined ? {} : { arguments: edited }),
  });
  return decision === "refuse" ? { refused: REFUSED } : taken(context, callId, call, answer);
}

/** The arguments that were approved; what was edited must not be what the policy denies. */
function taken(context: RunContext, callId: string, call: ReadyCall, answer: ApprovalAnswer): Permit {
  const edited = answer.arguments;
  if (edited === undefined) return { arguments: call.arguments };
  const verdict = context.policy({ tool: call.tool, arguments: edited });
  if (verdict.verdict !== "deny") return { arguments: edited, edited: true };
  context.recorder.emit({ type: "approval.given", callId, decision: "refuse", by: "policy" });
  return { refused: `Refused: ${verdict.why} Go on without this call.` };
}

async function answerTo(
  context: RunContext,
  callId: string,
  call: ReadyCall,
  reason: string,
): Promise<ApprovalAnswer | undefined> {
  const { approver, recorder, inbox, signal, runId } = context;
  if (approver === "auto") return { decision: "approve", by: "auto" };
  if (approver === "never") return { decision: "refuse", by: "never" };
  const { name } = call.tool;
  const args = call.arguments;
  let why = reason;
  recorder.emit({ type: "approval.requested", callId, name, arguments: args, why });
  if (approver === "ask") return undefined;
  const request: ApprovalRequest = {
    runId,
    callId,
    name,
    arguments: args,
    why,
    hash: approvalHash(name, args),
  };
  // Somebody may answer from another process while the person here is asked.
  const elsewhere = inbox.answerTo(callId);
  const over = new AbortController();
  const cancelled = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true, signal: over.signal });
  });
  cancelled.catch(() => undefined);
  try {
    if (signal.aborted) throw signal.reason;
    for (let edits = 0; edits < MAX_EDITS; edits++) {
      const here = approver({ ...request, why }, AbortSignal.any([signal, over.signal]));
      here.catch(() => undefined);
      const answer = await Promise.race([here, elsewhere.answer, cancelled]);
      if (answer?.decision !== "approve" || answer.arguments === undefined) return answer;
      const checked = checkArguments(call.tool.parameters, answer.arguments);
      if (checked.ok) return { ...answer, arguments: checked.value };
      why = `The edited arguments do not fit. ${checked.message}`;
    }
    return { decision: "refuse", by: "arguments that do not fit" };
  } finally {
    elsewhere.stop();
    over.abort();
  }
}
