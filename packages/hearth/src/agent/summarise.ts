import { userMessage } from "../protocol/index.ts";
import { ask, samplingFor, thinkFor } from "../turn/index.ts";
import type { RunContext } from "./context.ts";

/** Share of the window that a summary of the model may take. */
const SUMMARY_SHARE = 1 / 16;
const MIN_SUMMARY_TOKENS = 256;
const MAX_SUMMARY_TOKENS = 2048;

/**
 * The model's own summary, asked at the end of the same prompt; empty where it gives none, and what is kept by rule stands alone.
 * A call that it makes instead is not run.
 */
export async function askSummary(context: RunContext, request: string): Promise<string> {
  const { engine, info, state, schemas, contextTokens, signal, recorder } = context;
  const maxTokens = Math.min(
    MAX_SUMMARY_TOKENS,
    Math.max(MIN_SUMMARY_TOKENS, Math.floor(contextTokens * SUMMARY_SHARE)),
  );
  const think = thinkFor(info, context.think) === undefined ? {} : { think: false };
  let text = "";
  try {
    const events = ask(
      {
        engine,
        info,
        messages: [...state.messages, userMessage(request)],
        tools: schemas,
        toolChoice: "auto",
        sampling: { ...samplingFor(info, context.sampling), maxTokens },
        contextTokens: context.askedTokens,
        protocol: context.protocol,
        ...think,
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
