import { chooseWindow, reserveTokens } from "../context/index.ts";
import { callsOf, type Outcome, type ToolChoice, textOf, userMessage } from "../protocol/index.ts";
import { describeModel } from "../turn/index.ts";
import { type Answer, hasText, messageOf } from "./answer.ts";
import { type Bound, boundOf } from "./bounds.ts";
import type { RunContext } from "./context.ts";
import { Dispatcher } from "./dispatch.ts";
import { type End, endOf, finish, waitingEnd } from "./end.ts";
import { structuredAnswer } from "./final.ts";
import { fit, usedTokens } from "./fit.ts";
import { LESSONS } from "./lessons.ts";
import { recover } from "./recover.ts";
import { withRetry } from "./retry.ts";
import { runStep } from "./step.ts";
import { afterCalls } from "./watch.ts";

/** Empty answers in a row that are asked again before the run is handed off. */
const MAX_EMPTY = 2;
/** How often in a row a cut answer gets more room. */
const MAX_RAISES = 2;
/** The room that a cut answer gets at least. */
const MIN_ROOM_TOKENS = 512;

/** How a run comes to be driven. */
export interface Opening {
  /** It was interrupted, or waited; its log was folded. */
  resumed?: boolean;
  /** What went wrong before it could begin. */
  failure?: unknown;
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
    end = (await waiting(context, dispatcher)) ?? answered(context) ?? (await goOn(context, dispatcher));
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
  context.askedTokens = context.contextTokens;
  const warning = context.info.details?.["warning"];
  if (typeof warning === "string") recorder.emit({ type: "notice", text: warning });
}

async function goOn(context: RunContext, dispatcher: Dispatcher): Promise<End> {
  await prepare(context);
  const end = await new Steps(context, dispatcher).toTheEnd();
  if (context.output === undefined || end.reason !== "answer") return end;
  const text = await structuredAnswer(context, context.output);
  return text === undefined
    ? { reason: "handoff", detail: "the answer could not be put into the wished schema" }
    : { ...end, text };
}

/** Ends the drive where a call waits for somebody, unless the approval has come by now. */
async function waiting(context: RunContext, dispatcher: Dispatcher): Promise<End | undefined> {
  if (context.pending.length > 0) {
    await context.inbox.poll();
    while (dispatcher.startApproved()) await dispatcher.settled();
  }
  return waitingEnd(context);
}

/** The answer was there already when the run was interrupted. */
function answered({ state, inbox }: RunContext): End | undefined {
  const last = state.messages.at(-1);
  if (state.step === 0 || state.ended !== undefined || inbox.hasWords) return undefined;
  if (last?.role !== "assistant" || callsOf(last).length > 0) return undefined;
  return { reason: "answer", text: textOf(last) };
}

class Steps {
  readonly #context: RunContext;
  readonly #dispatcher: Dispatcher;
  #empty = 0;
  /** Room for the next answers, where a cut one asked for more than was wished. */
  #room: number | undefined;
  #raises = 0;

  constructor(context: RunContext, dispatcher: Dispatcher) {
    this.#context = context;
    this.#dispatcher = dispatcher;
  }

  async toTheEnd(): Promise<End> {
    const { state, limits, recorder } = this.#context;
    for (;;) {
      await this.#listen();
      const bound = boundOf(state, limits, usedTokens(this.#context), this.#context.uncountedTokens);
      if (bound.kind === "over") {
        return {
          reason: state.step - state.since.step >= limits.maxSteps ? "max_steps" : "budget",
          detail: bound.detail,
        };
      }
      const fromSeq = recorder.seq + 1;
      const answer = await this.#ask(bound);
      const end =
        answer.calls === 0 && !hasText(answer)
          ? this.#emptyAnswer(answer, bound, fromSeq)
          : await this.#fullAnswer(answer, bound);
      if (end !== undefined) return end;
    }
  }

  /** What others have said since the last step. */
  async #listen(): Promise<void> {
    const { inbox, recorder, signal, state } = this.#context;
    const polled = inbox.poll();
    if (polled !== undefined) await polled;
    if (signal.aborted) throw signal.reason;
    // A run that ended with words of the model goes on with words of the user.
    const last = state.messages.at(-1);
    if (state.ended !== undefined && last?.role === "assistant" && !inbox.hasWords)
      recorder.emit({
        type: "message.added",
        message: userMessage(LESSONS.goOn),
      });
    for (const text of inbox.take()) recorder.emit({ type: "message.added", message: userMessage(text) });
  }

  async #ask(bound: Exclude<Bound, { kind: "over" }>): Promise<Answer> {
    const { state, sampling, recorder } = this.#context;
    const room = least(this.#room ?? sampling.maxTokens, bound.maxTokens);
    const answer = await runStep(this.#context, this.#dispatcher, {
      step: state.step + 1,
      toolChoice: choiceFor(this.#context, bound.kind === "last"),
      ...(room === undefined ? {} : { maxTokens: room }),
    });
    if (answer.usage === undefined || answer.usage.input + answer.usage.output === 0) {
      this.#context.uncountedTokens += usedTokens(this.#context);
      return answer;
    }
    recorder.emit({ type: "usage", ...answer.usage });
    const window = answer.contextTokens ?? this.#context.contextTokens;
    if (Number.isFinite(window))
      recorder.emit({ type: "context.measured", used: answer.usage.input + answer.usage.output, window });
    return answer;
  }

  /** Nothing was said: asked again in other words, and not for ever. */
  #emptyAnswer(answer: Answer, bound: Bound, fromSeq: number): End | undefined {
    const { recorder } = this.#context;
    const thought = answer.content.some((block) => block.type === "thinking");
    const cut = answer.finish === "length";
    const what = cut ? "used all its room" : thought ? "was thinking only" : "was empty";
    recorder.emit({ type: "step.discarded", fromSeq, why: `the answer ${what}` });
    const detail = cut
      ? "the model used all its room without an answer"
      : thought
        ? "the model thought each time and gave no answer"
        : "the model gave an empty answer each time";
    if (bound.kind === "last") return { reason: bound.reason, detail };
    if (++this.#empty > MAX_EMPTY) return { reason: "handoff", detail };
    if (cut) this.#raise(answer);
    const wish = cut ? LESSONS.noRoom : thought ? LESSONS.thinkingOnly : LESSONS.empty;
    recorder.emit({ type: "message.added", message: userMessage(wish) });
    return undefined;
  }

  async #fullAnswer(answer: Answer, bound: Bound): Promise<End | undefined> {
    const { state, recorder, inbox } = this.#context;
    this.#empty = 0;
    recorder.emit({ type: "step.finished", step: state.step, message: messageOf(answer) });
    const cut = answer.finish === "length";
    if (answer.calls > 0) {
      await this.#dispatcher.settled();
      if (cut) this.#raise(answer);
      else this.#raises = 0;
      return (await waiting(this.#context, this.#dispatcher)) ?? afterCalls(this.#context);
    }
    if (cut) return this.#cutAnswer(answer, bound);
    this.#raises = 0;
    // The user has said something while the model gave its last word.
    await inbox.poll();
    if (inbox.hasWords && bound.kind !== "last") return undefined;
    const called = state.calls > state.since.calls || state.finished.length > 0;
    const reason = bound.kind === "last" && called ? bound.reason : "answer";
    return { reason, text: textOf(messageOf(answer)) };
  }

  /** An answer that broke off is asked again with more room; where there is none, the run ends and says so. */
  async #cutAnswer(answer: Answer, bound: Bound): Promise<End | undefined> {
    const { recorder, contextTokens } = this.#context;
    const { usage } = answer;
    if (bound.kind === "last" || this.#raises >= MAX_RAISES) return this.#cutEnd(answer);
    if (usage !== undefined && usage.input + usage.output >= contextTokens - 8) {
      // The window is full: room comes from the prompt alone.
      const before = usedTokens(this.#context);
      await fit(this.#context, true);
      if (usedTokens(this.#context) >= before) return this.#cutEnd(answer);
      this.#raises++;
    } else if (!this.#raise(answer)) return this.#cutEnd(answer);
    recorder.emit({ type: "message.added", message: userMessage(LESSONS.cut) });
    return undefined;
  }

  /** Twice the room for the next answer, as far as the window has it. */
  #raise(answer: Answer): boolean {
    const { contextTokens, sampling } = this.#context;
    const had = Math.max(
      this.#room ?? sampling.maxTokens ?? 0,
      answer.usage?.output ?? 0,
      MIN_ROOM_TOKENS / 2,
    );
    const free = contextTokens - usedTokens(this.#context) - 32;
    const room = Math.min(2 * had, Math.max(free, Math.floor(reserveTokens(contextTokens) / 2)));
    if (this.#raises >= MAX_RAISES || room <= had) return false;
    this.#raises++;
    this.#room = room;
    return true;
  }

  #cutEnd(answer: Answer): End {
    const { sampling, contextTokens } = this.#context;
    const detail =
      sampling.maxTokens === undefined
        ? `the answer did not fit what is left of the window of ${contextTokens} tokens and was cut; start anew with less, or with a larger --context`
        : `the answer was cut at ${this.#room ?? sampling.maxTokens} tokens`;
    const text = `${textOf(messageOf(answer))}\n[cut off: ${detail}]`;
    return { reason: sampling.maxTokens === undefined ? "context" : "budget", detail, text, partial: true };
  }
}

/** The last step must answer; so must every step after the first round where only one round is wished. */
function choiceFor({ state, toolChoice, toolsAfterFirstRound }: RunContext, last: boolean): ToolChoice {
  const called = state.finished.length > 0;
  if (last || (called && !toolsAfterFirstRound)) return "none";
  return called ? "auto" : toolChoice;
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
