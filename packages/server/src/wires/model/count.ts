import { type AskInput, planOf, promptChars, textOf } from "hearth";
import type { WireContext } from "../context.ts";
import { askInput, calibrationOf } from "./plan.ts";
import type { Question } from "./types.ts";

/** What a chat template puts round a message, in tokens; a middle of those of the common families. */
const FRAME_TOKENS = 5;

/**
 * Tokens of a question's prompt. Exact where the prompt is written here and the engine counts; where the engine writes it, its
 * texts are counted and the frame is estimated; where it can't count, the estimate is the one learned from its own figures.
 */
export async function countTokens(
  context: WireContext,
  question: Question,
  signal: AbortSignal,
): Promise<number> {
  const { engine } = context.agent.model;
  const input = await askInput(context, engine, question, signal);
  const { info, tools, messages } = input;
  const plan = planOf(input);
  if (engine.countTokens === undefined)
    return calibrationOf(engine, info.name).tokens(promptChars(messages, tools));
  if (plan.path === "raw") {
    const { prompt } = (await plan.format()).render({ messages, tools });
    return engine.countTokens(info.name, prompt, signal);
  }
  const counted = await engine.countTokens(info.name, wordsOf(input), signal);
  return counted + FRAME_TOKENS * messages.length;
}

function wordsOf({ messages, tools }: AskInput): string {
  const parts = tools.length === 0 ? [] : [JSON.stringify(tools)];
  for (const message of messages) {
    parts.push(textOf(message));
    if (message.role !== "assistant") continue;
    for (const block of message.content) {
      if (block.type === "thinking") parts.push(block.text);
      else if (block.type === "call") parts.push(block.name, JSON.stringify(block.arguments));
    }
  }
  return parts.join("\n");
}
