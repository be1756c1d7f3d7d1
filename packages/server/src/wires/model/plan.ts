import {
  type AskInput,
  Calibration,
  CHARS_PER_TOKEN,
  ContextExceededError,
  chooseWindow,
  describeModel,
  type Engine,
  estimateTokens,
  planOf,
  promptChars,
  type SentPrompt,
  samplingFor,
  systemClock,
  thinkFor,
  type Usage,
  wasTruncated,
} from "hearth";
import type { WireContext } from "../context.ts";
import type { Question } from "./types.ts";

/** Question and service's settings as what the turn is asked with. Raises `ModelNotFoundError`. */
export async function askInput(
  context: Pick<WireContext, "agent">,
  engine: Engine,
  question: Question,
  signal: AbortSignal,
): Promise<AskInput> {
  const { agent } = context;
  // Described through the engine itself: what it says is remembered by engine, and needs no place in line.
  const info = await describeModel(agent.model.engine, question.model, systemClock, signal);
  const think = thinkFor(info, question.think ?? agent.think);
  return {
    engine,
    info,
    messages: question.messages,
    tools: question.tools,
    toolChoice: question.toolChoice,
    sampling: samplingFor(info, { ...agent.sampling, ...question.sampling }),
    contextTokens: chooseWindow(info, question.contextTokens ?? agent.contextTokens),
    ...(think === undefined ? {} : { think }),
    ...(question.responseSchema === undefined ? {} : { responseSchema: question.responseSchema }),
  };
}

const calibrations = new WeakMap<Engine, Map<string, Calibration>>();

/** What was learned of a model's tokens. */
export function calibrationOf(engine: Engine, model: string): Calibration {
  const models = calibrations.get(engine) ?? new Map<string, Calibration>();
  calibrations.set(engine, models);
  const calibration = models.get(model) ?? new Calibration();
  models.set(model, calibration);
  return calibration;
}

/**
 * Raises `ContextExceededError` where the engine counted far fewer tokens than were sent: it dropped the beginning without a
 * word, and answered to the rest. Requests here have nothing to do with each other, so nothing learned from others counts against
 * one, and a prompt that surely fits the window in force is not suspected. `known` is the engine itself, not a wrapper of one request.
 */
export function refuseTruncated(
  known: Engine,
  input: AskInput,
  usage: Usage | undefined,
  windowInForce: number | undefined,
): void {
  const actual = usage?.input ?? 0;
  // What an image takes differs too much from model to model to tell a cut by it.
  const pictured = input.messages.some((message) => message.content.some((block) => block.type === "image"));
  if (actual === 0 || pictured || planOf(input).path !== "native") return;
  const chars = promptChars(input.messages, input.toolChoice === "none" ? [] : input.tools);
  const expected = estimateTokens(chars);
  const sent: SentPrompt = {
    chars,
    charsPerToken: CHARS_PER_TOKEN,
    calibrated: false,
    actual,
    windowInForce,
    before: undefined,
    thinkingTokens: 0,
    growths: [],
  };
  if (expected < (windowInForce ?? 0) || !wasTruncated(sent)) {
    calibrationOf(known, input.info.name).learn(chars, actual);
    return;
  }
  throw new ContextExceededError(
    `The engine cut the prompt of about ${expected} tokens to ${actual} without saying so; its answer is not to be trusted.`,
    {
      remedy: "Send less, or start the engine with a larger window.",
      promptTokens: expected,
      windowTokens: windowInForce ?? input.contextTokens,
    },
  );
}
