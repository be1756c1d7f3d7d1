import { isClean, joinTaint } from "../policy/index.ts";
import {
  asHearthError,
  CancelledError,
  ContextExceededError,
  EngineError,
  errorInfo,
  type HearthError,
  JournalError,
  type Outcome,
  type StopReason,
} from "../protocol/index.ts";
import type { RunContext } from "./context.ts";
import { goOn, handOffText } from "./handoff.ts";

/** The run's time is over. */
export class RunTimeoutError extends CancelledError {}

/** How a drive ends. */
export interface End {
  reason: StopReason;
  /** The answer; left out, a hand-off text is made. */
  text?: string;
  /** The text is only what there is of an answer: how to go on is said below it. */
  partial?: boolean;
  /** Why, in words, for the hand-off text. */
  detail?: string;
  error?: HearthError;
}

/** Calls that nobody has answered for end the drive, not the run: it holds nothing while it waits. */
export function waitingEnd({ pending }: RunContext): End | undefined {
  if (pending.length === 0) return undefined;
  const names = pending.map((call) => call.name).join(", ");
  return { reason: "waiting", detail: `${names} waits for an approval` };
}

/** Any thrown value as an end; only what the journal raises, and faults of programs and of Hearth, stay thrown. */
export function endOf(context: RunContext, thrown: unknown): End {
  const error = asHearthError(thrown);
  if (error instanceof JournalError) throw error;
  const { reason } = context.signal;
  if (context.signal.aborted && reason instanceof JournalError) throw reason;
  if (error instanceof RunTimeoutError || (context.signal.aborted && reason instanceof RunTimeoutError))
    return {
      reason: "timeout",
      error: error instanceof RunTimeoutError ? error : reason,
      detail: reason?.message,
    };
  if (context.signal.aborted || error instanceof CancelledError) return { reason: "cancelled", error };
  if (error instanceof ContextExceededError) {
    const detail = `${error.message} ${error.remedy ?? "Start anew with less, or with a larger --context."}`;
    return { reason: "context", error, detail };
  }
  if (error instanceof EngineError) {
    return { reason: "engine_error", error, detail: [error.message, error.remedy ?? ""].join(" ").trim() };
  }
  throw error;
}

/** The last event of a drive, and the outcome. */
export function finish(context: RunContext, end: End): Outcome {
  const { recorder, state, pending, journal, runId } = context;
  const resumable = journal.durable === true ? runId : undefined;
  const { reason, detail } = end;
  const { messages, task } = state;
  const said = end.text?.trim() ? end.text : handOffText({ reason, messages, task, resumable, detail });
  const text = end.partial === true ? `${said}\n${goOn(reason, resumable)}` : said;
  const { step: steps, usage } = state;
  const error = end.error === undefined ? {} : { error: errorInfo(end.error) };
  const waiting = pending.length === 0 ? {} : { pending: [...pending] };
  const stopReason = end.reason;
  recorder.emit({ type: "run.finished", stopReason, text, steps, usage, ...error, ...waiting });
  const taint = joinTaint(state.taint, state.coming);
  const brought = isClean(taint) ? {} : { taint };
  return {
    runId,
    text,
    stopReason,
    steps,
    usage,
    messages: state.messages,
    ...error,
    ...waiting,
    ...brought,
  };
}
