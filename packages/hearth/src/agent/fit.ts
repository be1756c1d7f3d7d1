import {
  applyEdits,
  type CompactionPolicy,
  constraintsIn,
  editAt,
  filesIn,
  headLength,
  keepFrom,
  POLICIES,
  promptChars,
  promptLimit,
  stubResults,
  summaryMessage,
  TARGET_SHARE,
} from "../context/index.ts";
import {
  ContextExceededError,
  type EventBody,
  type Message,
  textOf,
  userMessage,
} from "../protocol/index.ts";
import { ask, samplingFor } from "../turn/index.ts";
import type { RunContext } from "./context.ts";

/** Tokens of the prompt as it stands, by the calibrated estimate. */
export function usedTokens(context: RunContext): number {
  return context.calibration.tokens(promptChars(context.state.messages, context.schemas));
}

/**
 * Makes the next prompt fit: nothing below the threshold, then one block edit of the oldest results, then a summary.
 * `force` compacts whatever the estimate says, because the engine said otherwise. Raises `ContextExceededError` where nothing helps.
 */
export async function fit(context: RunContext, force = false): Promise<void> {
  const policy = POLICIES[context.compaction];
  const window = context.contextTokens;
  const over = (): boolean => usedTokens(context) > editAt(window, context.threshold ?? policy.threshold);
  if (!force && !over()) return;
  const before = usedTokens(context);
  if (policy.stubs) stubOldest(context);
  if (over() || (force && usedTokens(context) === before)) await cutOldest(context, policy);
  if (usedTokens(context) > promptLimit(window) || (force && usedTokens(context) === before))
    throw tooBig(context);
}

function stubOldest(context: RunContext): void {
  const { state, recorder, contextTokens, calibration } = context;
  const before = usedTokens(context);
  const chars = promptChars(state.messages, context.schemas);
  const wanted = chars * (1 - Math.min(1, (contextTokens * TARGET_SHARE) / before));
  const edits = stubResults(state.messages, wanted);
  if (edits.length === 0) return;
  const edited = [...state.messages];
  applyEdits(edited, edits);
  const after = calibration.tokens(promptChars(edited, context.schemas));
  recorder.emit({ type: "context.compacted", before, after, how: "stubs", edits });
}

/** Removes the middle: head and newest messages stay, what was between becomes one message. */
async function cutOldest(context: RunContext, policy: CompactionPolicy): Promise<void> {
  const { state, recorder, calibration, contextTokens } = context;
  const before = usedTokens(context);
  const from = headLength(state.messages);
  const charsPerToken =
    promptChars(state.messages, []) / Math.max(1, calibration.tokens(promptChars(state.messages, [])));
  const to = keepFrom(state.messages, contextTokens * policy.keepShare * charsPerToken);
  if (to <= from) return;
  const cut = state.messages.slice(from, to);
  const text = await replacement(context, policy, cut, before);
  const messages = [userMessage(text)];
  const kept = [...state.messages.slice(0, from), ...messages, ...state.messages.slice(to)];
  const after = calibration.tokens(promptChars(kept, context.schemas));
  if (after >= before) return;
  const event: EventBody = {
    type: "context.compacted",
    before,
    after,
    how: policy.how,
    replaced: { from, to, messages },
  };
  recorder.emit(event);
}

async function replacement(
  context: RunContext,
  policy: CompactionPolicy,
  cut: Message[],
  used: number,
): Promise<string> {
  if (policy.request === undefined) return `[${cut.length} older messages were removed to make room.]`;
  const summary = used < context.contextTokens ? await askSummary(context, policy.request) : "";
  return summaryMessage(summary || digest(cut), filesIn(cut), constraintsIn(cut));
}

/** The model's own summary, asked at the end of the same prompt; empty where it gives none, and the digest stands in. */
async function askSummary(context: RunContext, request: string): Promise<string> {
  const { engine, info, state, schemas, contextTokens, signal, recorder } = context;
  let text = "";
  try {
    const events = ask(
      {
        engine,
        info,
        messages: [...state.messages, userMessage(request)],
        tools: schemas,
        toolChoice: "auto",
        sampling: { ...samplingFor(info, context.sampling), maxTokens: Math.floor(contextTokens / 8) },
        contextTokens,
      },
      signal,
    );
    for await (const event of events) {
      if (event.type === "text") text += event.text;
      else if (event.type === "usage") recorder.emit({ ...event });
    }
  } catch (error) {
    if (signal.aborted) throw error;
    recorder.emit({
      type: "notice",
      text: `No summary from the model: ${error instanceof Error ? error.message : error}`,
    });
  }
  return text;
}

/** A summary made by rule: each call and the first line of what came of it. */
function digest(cut: readonly Message[]): string {
  const lines: string[] = [];
  for (const message of cut) {
    if (message.role !== "tool") continue;
    lines.push(`- ${message.name}: ${textOf(message).split("\n", 1)[0]!.slice(0, 120).toWellFormed()}`);
  }
  return lines.length === 0 ? "Earlier turns of the conversation." : `Done:\n${lines.slice(-40).join("\n")}`;
}

function tooBig(context: RunContext): ContextExceededError {
  const used = usedTokens(context);
  const { contextTokens, state } = context;
  const biggest = state.messages.reduce((a, b) => (promptChars([b], []) > promptChars([a], []) ? b : a));
  return new ContextExceededError(
    `The prompt of about ${used} tokens does not fit the window of ${contextTokens} tokens, and nothing more can be shortened: the ${biggest.role} message is the largest part.`,
    {
      remedy: "Start anew with a shorter task, or choose a larger window with --context.",
      promptTokens: used,
      windowTokens: contextTokens,
    },
  );
}
