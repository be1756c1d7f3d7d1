import { growthOf, promptChars, wasTruncated } from "../context/index.ts";
import { callKey } from "../policy/index.ts";
import type { ToolChoice } from "../protocol/index.ts";
import { ContextExceededError, EngineError } from "../protocol/index.ts";
import {
  type AskInput,
  ask,
  planOf,
  type RawCall,
  samplingFor,
  type TurnEvent,
  thinkFor,
} from "../turn/index.ts";
import type { Answer } from "./answer.ts";
import { type CheckedCall, checkCall } from "./check.ts";
import type { RunContext } from "./context.ts";
import type { Dispatcher } from "./dispatch.ts";
import { faultKey, faultMessage, roundOf } from "./faults.ts";
import { fit } from "./fit.ts";
import { withRetry } from "./retry.ts";

export interface StepWish {
  step: number;
  toolChoice: ToolChoice;
  maxTokens?: number;
}

/** How often one step may be shortened because the engine says that it does not fit. */
const MAX_REFITS = 3;
/** Steps whose counts tell how well the engine can be foretold. */
const MAX_GROWTHS = 12;

/** One question to the model, with its retries: events out as they come, calls dispatched the moment they are complete. */
export async function runStep(context: RunContext, dispatcher: Dispatcher, wish: StepWish): Promise<Answer> {
  const { recorder } = context;
  await fit(context);
  const fromSeq = recorder.seq + 1;
  recorder.emit({ type: "step.started", step: wish.step });
  const discard = (why: string): void => recorder.emit({ type: "step.discarded", fromSeq, why });
  for (let refits = 0; ; refits++) {
    const input = await askInput(context, wish);
    const sentChars = promptChars(input.messages, wish.toolChoice === "none" ? [] : input.tools);
    try {
      const answer = await withRetry(
        context,
        () => new Attempt(context, dispatcher, wish).run(input),
        discard,
      );
      if (!wasCut(context, answer, sentChars) || refits >= MAX_REFITS) return answer;
      if (answer.calls > 0) return answer;
      discard("the engine had cut the prompt in silence");
    } catch (error) {
      if (!isTooLong(error) || refits >= MAX_REFITS) throw error;
      learnFrom(context, error, sentChars);
      discard(error.message);
    }
    await fit(context, true);
  }
}

/**
 * Whether the engine could not take the prompt for its length. A server that finds no question in a prompt that has one has dropped it
 * for room (Ollama, #18107).
 */
function isTooLong(error: unknown): error is EngineError {
  if (error instanceof ContextExceededError) return true;
  return error instanceof EngineError && /no user query found/i.test(error.message);
}

function learnFrom(context: RunContext, error: EngineError, chars: number): void {
  const { promptTokens, windowTokens } = error instanceof ContextExceededError ? error : {};
  if (promptTokens !== undefined) context.calibration.learn(chars, promptTokens);
  // Without a word about the window, it is smaller than what was sent.
  const found = windowTokens ?? Math.floor(context.calibration.tokens(chars) * 0.8);
  context.contextTokens = Math.min(context.contextTokens, found);
}

/** Compares what the engine counted with what was sent, and learns from it where the two agree. */
function wasCut(context: RunContext, answer: Answer, chars: number): boolean {
  const { calibration, recorder } = context;
  const actual = answer.usage?.input;
  if (actual === undefined || actual === 0) return false;
  const { path } = planOf(context);
  if (path === "choose") return false;
  const windowInForce = answer.contextTokens;
  const sent = {
    chars,
    charsPerToken: calibration.charsPerToken,
    overheadTokens: calibration.overheadTokens,
    calibrated: calibration.counted,
    actual,
    windowInForce,
    before: context.counted,
    thinkingTokens: calibration.tokens(thinkingChars(context)),
    growths: context.growths,
  };
  // A prompt that we render ourselves is sent whole or not at all.
  if (path !== "native" || !wasTruncated(sent)) {
    const growth = growthOf(sent);
    if (growth !== undefined) context.growths.push(growth);
    if (context.growths.length > MAX_GROWTHS) context.growths.shift();
    calibration.learn(chars, actual);
    context.counted = { chars, tokens: actual };
    if (windowInForce !== undefined && windowInForce < context.contextTokens)
      context.contextTokens = windowInForce;
    return false;
  }
  recorder.emit({ type: "context.truncated", expected: calibration.tokens(chars), actual });
  // The window in force is smaller than the one asked for: engines keep half of it, or all but the oldest messages, when they cut.
  const half = actual < calibration.tokens(chars) / 2;
  const found = windowInForce ?? (half ? actual * 2 : Math.ceil(actual * 1.05));
  context.contextTokens = Math.min(context.contextTokens, found);
  context.counted = undefined;
  return true;
}

function thinkingChars({ state }: RunContext): number {
  let chars = 0;
  for (const message of state.messages)
    if (message.role === "assistant")
      for (const block of message.content) if (block.type === "thinking") chars += block.text.length;
  return chars;
}

async function askInput(context: RunContext, wish: StepWish): Promise<AskInput> {
  const sampling = samplingFor(context.info, context.sampling);
  const think = thinkFor(context.info, context.think);
  const names = await context.workspaceNames?.();
  return {
    engine: context.engine,
    info: context.info,
    messages: context.state.messages,
    tools: context.schemas,
    toolChoice: wish.toolChoice,
    sampling: wish.maxTokens === undefined ? sampling : { ...sampling, maxTokens: wish.maxTokens },
    contextTokens: context.askedTokens,
    protocol: context.protocol,
    ...(think === undefined ? {} : { think }),
    ...(names === undefined ? {} : { workspaceNames: names }),
  };
}

function overBudget(call: RawCall, maxCalls = 0): CheckedCall {
  const message = `Not run: the budget of ${maxCalls} tool calls is used up. Answer in words with what you have.`;
  return { name: call.name, fault: { reason: "refused", message } };
}

/** One attempt at a step. */
class Attempt {
  readonly #context: RunContext;
  readonly #dispatcher: Dispatcher;
  readonly #wish: StepWish;
  readonly #answer: Answer = { content: [], calls: 0 };
  readonly #ids = new Map<number, string>();
  readonly #waits = new Map<string, number>();
  /** Calls of this answer, and whether the engine handed them over or they stood in its text. */
  readonly #made = new Map<string, "engine" | "text">();

  constructor(context: RunContext, dispatcher: Dispatcher, wish: StepWish) {
    this.#context = context;
    this.#dispatcher = dispatcher;
    this.#wish = wish;
  }

  async run(input: AskInput): Promise<Answer> {
    const { recorder, signal } = this.#context;
    try {
      for await (const event of ask(input, signal)) {
        this.#take(event);
        const gate = recorder.gate();
        if (gate !== undefined) await gate;
      }
    } catch (error) {
      // What was dispatched can't be taken back: the answer so far stands, and the loop goes on from its results.
      if (signal.aborted || !(error instanceof EngineError) || this.#answer.calls === 0) throw error;
      recorder.emit({
        type: "notice",
        text: `The answer was cut after ${this.#answer.calls} call(s): ${error.message}`,
      });
      this.#answer.finish = "calls";
    }
    this.#answer.content = this.#context.state.partial?.content ?? [];
    return this.#answer;
  }

  #take(event: TurnEvent): void {
    const { recorder, clock } = this.#context;
    const answer = this.#answer;
    switch (event.type) {
      case "text":
        recorder.emit({ type: "text.delta", text: event.text });
        return;
      case "thinking":
        recorder.emit({ type: "thinking.delta", text: event.text });
        return;
      case "call.start":
        if (this.#mustAnswer) return;
        recorder.emit({ type: "call.started", callId: this.#idOf(event), name: event.name });
        return;
      case "call.delta": {
        const callId = this.#ids.get(event.index);
        if (callId !== undefined) recorder.emit({ type: "call.delta", callId, text: event.text });
        return;
      }
      case "call":
        if (!this.#mustAnswer) this.#call(event);
        return;
      case "usage":
        // Some protocols ask several questions a step: each counts, the last one is the measure of the prompt.
        if (answer.usage !== undefined) recorder.emit({ type: "usage", ...answer.usage });
        answer.usage = { input: event.input, output: event.output };
        if (event.cached !== undefined) answer.usage.cached = event.cached;
        return;
      case "finish":
        answer.finish = event.reason;
        if (event.contextTokens !== undefined) answer.contextTokens = event.contextTokens;
        if (event.raw !== undefined) answer.raw = event.raw;
        return;
      case "wait":
        // Told again when the place in line changes: it is one wait.
        if (!this.#waits.has(event.for)) this.#waits.set(event.for, clock.now());
        recorder.emit({
          type: "wait.started",
          for: event.for,
          ...(event.boundMs === undefined ? {} : { boundMs: event.boundMs }),
          ...(event.position === undefined ? {} : { position: event.position }),
        });
        return;
      case "wait.end":
        recorder.emit({
          type: "wait.ended",
          for: event.for,
          ms: clock.now() - (this.#waits.get(event.for) ?? clock.now()),
        });
        this.#waits.delete(event.for);
        return;
      case "diagnostic":
        recorder.emit({ type: "notice", text: event.message });
        return;
    }
  }

  get #mustAnswer(): boolean {
    return this.#wish.toolChoice === "none";
  }

  #call(call: RawCall): void {
    const { recorder, tools, state, limits } = this.#context;
    if (this.#isTwin(call)) return;
    const known = this.#ids.has(call.index);
    const callId = this.#idOf(call);
    if (!known) recorder.emit({ type: "call.started", callId, name: call.name });
    const checked = this.#isOverBudget ? overBudget(call, limits.maxCalls) : checkCall(call, tools);
    this.#answer.calls++;
    if ("fault" in checked) {
      const { fault, name } = checked;
      const { reason } = fault;
      const request = { name, arguments: call.arguments, fault };
      const round = roundOf(state.faults.get(faultKey(reason, name)), state.step);
      const message =
        this.#context.hooks.handleInvalidToolRequest?.(request) ?? faultMessage(fault, name, round);
      const args = call.arguments === undefined ? {} : { arguments: call.arguments };
      recorder.emit({ type: "call.invalid", callId, name, reason, message, ...args });
      return;
    }
    const { ready } = checked;
    const repairs = ready.repairs.length === 0 ? {} : { repairs: ready.repairs };
    recorder.emit({
      type: "call.ready",
      callId,
      name: ready.tool.name,
      arguments: ready.arguments,
      ...repairs,
    });
    this.#dispatcher.start(callId, ready);
  }

  /** Calls of one answer may be more than the budget has left. */
  get #isOverBudget(): boolean {
    const { state, limits } = this.#context;
    return limits.maxCalls !== undefined && state.calls - state.since.calls >= limits.maxCalls;
  }

  /** Some servers hand a call over and leave its text in the answer too: that is one call, not two. */
  #isTwin(call: RawCall): boolean {
    if (call.arguments === undefined) return false;
    const key = callKey(call.name, call.arguments);
    const source = call.rescued === true ? "text" : "engine";
    const other = this.#made.get(key);
    if (other === undefined) this.#made.set(key, source);
    return other !== undefined && other !== source;
  }

  /** The engine's id where it is new in this run, else one of ours: some servers give every call the same. */
  #idOf(call: { index: number; id?: string }): string {
    const known = this.#ids.get(call.index);
    if (known !== undefined) return known;
    const { usedIds } = this.#context.state;
    let id = call.id ?? "";
    for (let n = usedIds.size + 1; id === "" || usedIds.has(id); n++) id = `call_${n}`;
    usedIds.add(id);
    this.#ids.set(call.index, id);
    return id;
  }
}
