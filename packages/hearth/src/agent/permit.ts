import {
  type ApprovalAnswer,
  type ApprovalRequest,
  approvalHash,
  callKey,
  type Verdict,
} from "../policy/index.ts";
import type { JsonObject } from "../protocol/index.ts";
import { checkArguments } from "../schema/index.ts";
import type { ReadyCall } from "./check.ts";
import type { RunContext } from "./context.ts";

/** How often somebody who edits the arguments is asked again because they don't fit. */
const MAX_EDITS = 3;

/** What may be run, or why not now; `by` and `why` say who decided and on what ground, for the audit. */
export type Permit =
  | { arguments: JsonObject; edited?: boolean; by: string; why?: string }
  | { refused: string; by: string; why?: string }
  | "waiting";

type Asked = Extract<Verdict, { verdict: "ask" | "deny" }>;

const REFUSED =
  "Refused: this call needs an approval and did not get one. Go on without it, or say what is missing.";

/** By whom a call is refused that needs a person's word where `auto` would have to give it. */
export const TAINT_RULE = "taint rule";

/**
 * Policy, then approval. An approval counts once, and only for the call as it was shown; edited arguments are checked like the
 * model's own and judged again. A call is judged by what its prompt held, so the results of its own answer's other calls don't count.
 */
export async function permit(context: RunContext, callId: string, call: ReadyCall): Promise<Permit> {
  const { policy, recorder, pending, state } = context;
  const { name } = call.tool;
  const given = state.approvals.get(callId);
  if (given?.decision === "refuse") return { refused: REFUSED, by: given.by };
  if (given !== undefined && given.for === callKey(name, call.arguments))
    return taken(context, callId, call, given);
  const verdict = policy({ tool: call.tool, arguments: call.arguments, taint: state.taint });
  if (verdict.verdict === "allow") return { arguments: call.arguments, by: decider(verdict) };
  if (verdict.verdict === "deny") return denied(context, callId, verdict);
  const { why } = verdict;
  const answer = await answerTo(context, callId, call, verdict);
  if (answer === undefined) {
    pending.push({ callId, name, why });
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
  if (decision === "approve") return { ...taken(context, callId, call, answer), why };
  return { refused: by === TAINT_RULE ? heldBack(why) : REFUSED, by, why };
}

function decider({ rule }: Verdict): string {
  return rule === undefined ? "policy" : `rule ${rule}`;
}

function denied({ recorder }: RunContext, callId: string, verdict: Asked): Exclude<Permit, "waiting"> {
  recorder.emit({ type: "approval.given", callId, decision: "refuse", by: "policy" });
  const { why } = verdict;
  return { refused: `Refused: ${why} Go on without this call.`, by: decider(verdict), why };
}

function heldBack(why: string): string {
  return `Refused: ${why} Only a person may let it run, and nobody can be asked here. Don't try it another way: answer with what you know, and say what was not done.`;
}

/** The arguments that were approved; what was edited must not be what the policy denies. */
function taken(
  context: RunContext,
  callId: string,
  call: ReadyCall,
  { by, arguments: edited }: ApprovalAnswer,
): Exclude<Permit, "waiting"> {
  if (edited === undefined) return { arguments: call.arguments, by };
  const verdict = context.policy({ tool: call.tool, arguments: edited, taint: context.state.taint });
  return verdict.verdict === "deny"
    ? denied(context, callId, verdict)
    : { arguments: edited, edited: true, by };
}

async function answerTo(
  context: RunContext,
  callId: string,
  call: ReadyCall,
  verdict: Asked,
): Promise<ApprovalAnswer | undefined> {
  const { approver, recorder, inbox, signal, runId } = context;
  if (approver === "auto")
    return verdict.person === true
      ? { decision: "refuse", by: TAINT_RULE }
      : { decision: "approve", by: "auto" };
  if (approver === "never") return { decision: "refuse", by: verdict.person === true ? TAINT_RULE : "never" };
  const { name } = call.tool;
  const args = call.arguments;
  let { why } = verdict;
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
