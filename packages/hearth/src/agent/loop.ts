import { chooseWindow } from "../context/index.ts";
import {
  asHearthError,
  CancelledError,
  ContextExceededError,
  callsOf,
  EngineError,
  errorInfo,
  type HearthError,
  JournalError,
  type Outcome,
  type StopReason,
  type ToolChoice,
  textOf,
  userMessage,
} from "../protocol/index.ts";
import { describeModel } from "../turn/index.ts";
import { type Answer, hasText, messageOf } from "./answer.ts";
import type { RunContext } from "./context.ts";
import { Dispatcher } from "./dispatch.ts";
import { structuredAnswer } from "./final.ts";
import { checkLoop } from "./guard.ts";
import { handOffText } from "./handoff.ts";
import { recover } from "./recover.ts";
import { withRetry } from "./retry.ts";
import { runStep } from "./step.ts";

/** Empty answers in a row that are asked again before the run is handed off. */
const MAX_EMPTY = 2;

/** The run's time is over. */
export class RunTimeoutError extends CancelledError {}

/** How a run comes to be driven. */
export interface Opening {
  /** It was interrupted, or waited; its log was folded. */
  resumed?: boolean;
  /** What went wrong before it could begin. */
  failure?: unknown;
}

interface End {
  reason: StopReason;
  /** The answer; left out, a hand-off text is made. */
  text?: string;
  /** Why, in words, for the hand-off text. */
  detail?: string;
  error?: HearthError;
}

/**
 * Drives a run from where its state stands to its end. Whatever happens becomes an end with a reason and a text;
 * only a journal that can't be written is thrown, for then nothing can be said any more.
 */
export async function drive(context: RunContext, opening: Opening = {}): Promise<Outcome> {
  const dispatcher = new Dispatcher(context);
  let end: End;
  try {
    if (opening.failure !== undefined) throw opening.failure;
    if (opening.resumed === true) await recover(context, dispatcher);
    end = waiting(context) ?? answered(context) ?? (await goOn(context, dispatcher));
  } catch (error) {
    await dispatcher.settled();
    end = endOf(context, error);
  }
  return finish(context, end);
}

/** Learns of the model and fixes the window: it stays the same for the whole run, for engines reload on a change. */
async function prepare(context: RunContext): Promise<void> {
  const { engine, signal, recorder, clock } = context;
  context.info = await withRetry(context, () => describeModel(engine, context.info.name, clock, signal));
  context.contextTokens = chooseWindow(context.info, context.wishedContextTokens);
  const warning = context.info.details?.["warning"];
  if (typeof warning === "string") recorder.emit({ type: "notice", text: warning });
}

async function goOn(context: RunContext, dispatcher: Dispatcher): Promise<End> {
  await prepare(context);
  const end = await steps(context, dispatcher);
  if (context.output === undefined || end.reason !== "answer") return end;
  const text = await structuredAnswer(context, context.output);
  return text === undefined
    ? { reason: "handoff", detail: "the answer could not be put into the wished schema" }
    : { ...end, text };
}

/** Calls that nobody has answered for end the drive, not the run: it holds nothing while it waits. */
function waiting({ pending }: RunContext): End | undefined {
  if (pending.length === 0) return undefined;
  const names = pending.map((call) => call.name).join(", ");
  return { reason: "waiting", detail: `${names} waits for an approval` };
}

/** The answer was there already when the run was interrupted. */
function answered({ state }: RunContext): End | undefined {
  const last = state.messages.at(-1);
  if (state.step === 0 || last?.role !== "assistant" || callsOf(last).length > 0) return undefined;
  return { reason: "answer", text: textOf(last) };
}

async function steps(context: RunContext, dispatcher: Dispatcher): Promise<End> {
  const { state, recorder, limits } = context;
  let empty = 0;
  let maxTokens = context.sampling.maxTokens;
  for (;;) {
    const step = state.step + 1;
    const last = step >= limits.maxSteps + context.stepsBefore;
    const fromSeq = recorder.seq + 1;
    const answer = await runStep(context, dispatcher, {
      step,
      toolChoice: choiceFor(context, last),
      ...(maxTokens === undefined ? {} : { maxTokens }),
    });
    report(context, answer);
    if (answer.calls === 0 && !hasText(answer)) {
      recorder.emit({ type: "step.discarded", fromSeq, why: "the answer was empty" });
      if (last || ++empty > MAX_EMPTY)
        return { reason: last ? "max_steps" : "handoff", detail: emptyDetail(answer) };
      recorder.emit({
        type: "message.added",
        message: userMessage("Your answer was empty. Answer in words, or call a tool."),
      });
      continue;
    }
    empty = 0;
    recorder.emit({ type: "step.finished", step, message: messageOf(answer) });
    if (answer.calls === 0) {
      if (answer.finish === "length") {
        // More room once; a second cut is the end.
        if (last || maxTokens === undefined || maxTokens !== context.sampling.maxTokens)
          return cutEnd(context, answer);
        maxTokens *= 2;
        recorder.emit({
          type: "message.added",
          message: userMessage("Your answer was cut off. Say it again, shorter."),
        });
        continue;
      }
      return {
        reason: last && state.finished.length > 0 ? "max_steps" : "answer",
        text: textOf(messageOf(answer)),
      };
    }
    await dispatcher.settled();
    const stop = waiting(context) ?? afterCalls(context);
    if (stop !== undefined) return stop;
  }
}

/** The last step must answer; so must every step after the first round where only one round is wished. */
function choiceFor({ state, toolChoice, toolsAfterFirstRound }: RunContext, last: boolean): ToolChoice {
  const called = state.finished.length > 0;
  if (last || (called && !toolsAfterFirstRound)) return "none";
  return called ? "auto" : toolChoice;
}

/** Usage and window into the log. */
function report(context: RunContext, answer: Answer): void {
  const { recorder } = context;
  if (answer.usage === undefined) return;
  recorder.emit({ type: "usage", ...answer.usage });
  const window = answer.contextTokens ?? context.contextTokens;
  if (Number.isFinite(window)) {
    recorder.emit({ type: "context.measured", used: answer.usage.input + answer.usage.output, window });
  }
}

/** The guards, once the results of a step are there. */
function afterCalls(context: RunContext): End | undefined {
  const { state, recorder, limits } = context;
  if (state.denied >= limits.maxDenied) return { reason: "denied" };
  const verdict = checkLoop(state.finished, state.finishedNames);
  if (!verdict.trip) return undefined;
  const { kind, action, count } = verdict;
  recorder.emit({ type: "guard.tripped", kind, action });
  const name = state.finishedNames.at(-1) ?? "a tool";
  if (action === "stop") {
    return {
      reason: "loop",
      detail: `the model called ${name} ${count} times in a ${kind} without progress`,
    };
  }
  const lesson = `You have called ${name} ${count} times and learned nothing new: the result does not change. Use what you know and answer, or try something else.`;
  recorder.emit({ type: "message.added", message: userMessage(lesson) });
  return undefined;
}

function emptyDetail(answer: Answer): string {
  if (answer.finish === "length") return "the model used all its room without an answer";
  return "the model gave an empty answer each time";
}

function cutEnd(context: RunContext, answer: Answer): End {
  const wished = context.sampling.maxTokens;
  const detail =
    wished === undefined
      ? `the answer filled the window of ${context.contextTokens} tokens and was cut; start anew with less, or with a larger --context`
      : `the answer was cut at ${wished} tokens, and again with twice as many`;
  return {
    reason: wished === undefined ? "context" : "budget",
    detail,
    text: `${textOf(messageOf(answer))}\n[cut off: ${detail}]`,
  };
}

/** Any thrown value as an end. */
function endOf(context: RunContext, thrown: unknown): End {
  const error = asHearthError(thrown);
  if (error instanceof JournalError) throw error;
  if (error instanceof RunTimeoutError) return { reason: "timeout", error };
  if (context.signal.aborted || error instanceof CancelledError) {
    return context.signal.reason instanceof RunTimeoutError
      ? { reason: "timeout", error }
      : { reason: "cancelled", error };
  }
  if (error instanceof ContextExceededError) {
    const detail = `${error.message} ${error.remedy ?? "Start anew with less, or with a larger --context."}`;
    return { reason: "context", error, detail };
  }
  if (error instanceof EngineError) {
    return { reason: "engine_error", error, detail: [error.message, error.remedy ?? ""].join(" ").trim() };
  }
  throw error;
}

function finish(context: RunContext, end: End): Outcome {
  const { recorder, state, pending } = context;
  const text = end.text?.trim() ? end.text : handOffText(end.reason, state.messages, end.detail);
  const { step: stepCount, usage } = state;
  const error = end.error === undefined ? {} : { error: errorInfo(end.error) };
  const waiting = pending.length === 0 ? {} : { pending: [...pending] };
  recorder.emit({
    type: "run.finished",
    stopReason: end.reason,
    text,
    steps: stepCount,
    usage,
    ...error,
    ...waiting,
  });
  return {
    runId: context.runId,
    text,
    stopReason: end.reason,
    steps: stepCount,
    usage,
    messages: state.messages,
    ...error,
    ...waiting,
  };
}
