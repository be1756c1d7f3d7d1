import {
  applyEdits,
  artifactId,
  artifactOf,
  type CompactionPolicy,
  callIdsIn,
  editAt,
  headLength,
  keepFrom,
  POLICIES,
  promptChars,
  promptLimit,
  promptText,
  type ResultEdit,
  stubResults,
  summaryMessage,
  TARGET_SHARE,
} from "../context/index.ts";
import { neutralise } from "../formats/index.ts";
import { ContextExceededError, type Message, textOf, userMessage } from "../protocol/index.ts";
import type { RunContext } from "./context.ts";
import { READ_RESULT } from "./read-result.ts";
import { askSummary } from "./summarise.ts";

/** Share of what may be sent from which the prompt is counted exactly, where the engine can. */
const COUNT_FROM = 0.6;

/** A cut that leaves the prompt below this share of where it is edited is enough. */
const ROOMY_SHARE = 0.85;

/** Tokens of the prompt as it stands, by the calibrated estimate. */
export function usedTokens(context: RunContext): number {
  return context.calibration.tokens(promptChars(context.state.messages, context.schemas));
}

/**
 * Makes the next prompt fit: nothing below the threshold, then one block edit of the oldest results, then a summary, then even the
 * newest results. `force` compacts whatever the estimate says, because the engine said otherwise. Raises `ContextExceededError` where
 * nothing helps.
 */
export async function fit(context: RunContext, force = false): Promise<void> {
  const policy = POLICIES[context.compaction];
  await countExactly(context);
  const over = (): boolean =>
    usedTokens(context) > editAt(context.contextTokens, context.threshold ?? policy.threshold);
  if (!force && !over()) return;
  const before = usedTokens(context);
  context.counted = undefined;
  if (policy.stubs) await stub(context, before * (1 - share(context, before, TARGET_SHARE)));
  if (over() || (force && usedTokens(context) === before)) await cutOldest(context, policy);
  const limit = promptLimit(context.contextTokens);
  if (usedTokens(context) > limit) await stub(context, usedTokens(context) - limit, 0);
  if (usedTokens(context) > limit || (force && usedTokens(context) === before)) throw tooBig(context);
}

function share({ contextTokens }: RunContext, used: number, target: number): number {
  return Math.min(1, (contextTokens * target) / used);
}

/** An estimate may be far off for other scripts and for code; near the limit it is worth asking. */
async function countExactly(context: RunContext): Promise<void> {
  const { engine, info, state, schemas, calibration, contextTokens, signal } = context;
  const chars = promptChars(state.messages, schemas);
  if (engine.countTokens === undefined || chars === context.countedChars) return;
  if (calibration.tokens(chars) < promptLimit(contextTokens) * COUNT_FROM && calibration.counted) return;
  if (!calibration.counted && chars < 1000) return;
  try {
    const tokens = await engine.countTokens(info.name, promptText(state.messages, schemas), signal);
    calibration.counts(chars, tokens);
    context.countedChars = chars;
  } catch (error) {
    // What is only asked to be exact must not end the run: the estimate stands.
    if (signal.aborted) throw error;
    context.countedChars = chars;
  }
}

/** One block edit of results, the oldest first, so that the prompt is this many tokens shorter. */
async function stub(context: RunContext, freeTokens: number, keepNewest?: number): Promise<void> {
  const { state, recorder, calibration, tools } = context;
  const chars = promptChars(state.messages, context.schemas);
  const before = usedTokens(context);
  const freeChars = (chars * freeTokens) / Math.max(1, before);
  const edits = stubResults(state.messages, freeChars, tools.has(READ_RESULT), keepNewest);
  if (edits.length === 0) return;
  await keep(context, edits);
  const edited = [...state.messages];
  applyEdits(edited, edits);
  const after = calibration.tokens(promptChars(edited, context.schemas));
  const shown = edits.map(({ callId, content }) => ({ callId, content }));
  recorder.emit({ type: "context.compacted", before, after, how: "stubs", edits: shown });
}

/** Stores outside the prompt what an edit takes out of it. */
async function keep(context: RunContext, edits: readonly ResultEdit[]): Promise<void> {
  for (const { store } of edits)
    if (store !== undefined) await storeArtifact(context, store.id, store.content);
}

async function storeArtifact(
  { journal, recorder, runId }: RunContext,
  id: string,
  content: string,
): Promise<void> {
  await journal.putArtifact(runId, id, content);
  recorder.emit({ type: "artifact.stored", id, bytes: Buffer.byteLength(content) });
}

/** A cut of the middle: messages `from` to `to` give way to one. */
interface Cut {
  from: number;
  to: number;
  message: Message;
  after: number;
  overflow?: string;
}

/**
 * Removes the middle: head and newest messages stay, what was between becomes one message. Less of the newest stays where that does
 * not make room enough for the next cut to be far away.
 */
async function cutOldest(context: RunContext, policy: CompactionPolicy): Promise<void> {
  const { state, recorder, contextTokens } = context;
  const before = usedTokens(context);
  const from = headLength(state.messages);
  if (keepFrom(state.messages, 0) <= from) return;
  const summary =
    policy.request !== undefined && before < contextTokens ? await askSummary(context, policy.request) : "";
  const enough = editAt(contextTokens, context.threshold ?? policy.threshold) * ROOMY_SHARE;
  let best: Cut | undefined;
  for (const keepShare of [policy.keepShare, policy.keepShare / 3, 0]) {
    const cut = cutAt(context, policy, summary, from, keepShare);
    if (cut !== undefined && cut.after < (best?.after ?? before)) best = cut;
    if (best !== undefined && best.after <= enough) break;
  }
  if (best === undefined) return;
  const { to, message, after, overflow } = best;
  if (policy.request !== undefined) await keepResults(context, state.messages.slice(from, to));
  if (overflow !== undefined) await storeArtifact(context, overflowId(context), overflow);
  const replaced = { from, to, messages: [message] };
  recorder.emit({ type: "context.compacted", before, after, how: policy.how, replaced });
}

function cutAt(
  context: RunContext,
  policy: CompactionPolicy,
  summary: string,
  from: number,
  keepShare: number,
): Cut | undefined {
  const { state, calibration, contextTokens } = context;
  const to = keepFrom(state.messages, contextTokens * keepShare * calibration.charsPerToken);
  if (to <= from) return undefined;
  const { text, overflow } = replacement(context, policy, summary, from, to);
  // It quotes results and what the model made of them, and stands where the user speaks.
  const message = userMessage(neutralise(text));
  const kept = [...state.messages.slice(0, from), message, ...state.messages.slice(to)];
  const after = calibration.tokens(promptChars(kept, context.schemas));
  return { from, to, message, after, ...(overflow === undefined ? {} : { overflow }) };
}

function replacement(
  context: RunContext,
  policy: CompactionPolicy,
  summary: string,
  from: number,
  to: number,
): { text: string; overflow?: string } {
  const { state, tools, contextTokens, calibration } = context;
  if (policy.request === undefined)
    return { text: `[${to - from} older messages were removed to make room.]` };
  const stays = callIdsIn(state.messages.slice(to));
  const head = state.messages.slice(0, from).map(textOf).join("\n");
  const kept = {
    task: head.includes(state.task) ? undefined : state.task,
    rules: [...state.rules].filter((rule) => !head.includes(rule)),
    files: [...state.files],
    calls: state.past.filter((call) => !stays.has(call.callId)),
    readable: tools.has(READ_RESULT),
  };
  return summaryMessage(summary, kept, contextTokens * calibration.charsPerToken, overflowId(context));
}

function overflowId({ state }: RunContext): string {
  return `earlier-${state.past.length}`;
}

/** Results that leave the prompt stay readable by the id that the summary names. */
async function keepResults(context: RunContext, cut: readonly Message[]): Promise<void> {
  if (!context.tools.has(READ_RESULT)) return;
  for (const message of cut) {
    if (message.role !== "tool" || artifactOf(textOf(message)) !== undefined) continue;
    await storeArtifact(context, artifactId(message.name, message.callId), textOf(message));
  }
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
