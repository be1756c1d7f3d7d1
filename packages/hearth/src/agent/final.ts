import { type JsonSchema, type JsonValue, userMessage } from "../protocol/index.ts";
import { isValid } from "../schema/index.ts";
import { ask, samplingFor } from "../turn/index.ts";
import type { RunContext } from "./context.ts";
import { withRetry } from "./retry.ts";

/** Tries to get the answer into its schema. */
const MAX_TRIES = 2;

/**
 * The answer as JSON of the wished schema, in a request of its own without tools: asked for together with tools, engines lose
 * the calls. `undefined` where the model can't.
 */
export async function structuredAnswer(context: RunContext, schema: JsonSchema): Promise<string | undefined> {
  let wish = `Now give the final answer as one JSON value of this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const text = await withRetry(context, () => askJson(context, schema, wish));
    const value = parse(text);
    if (value !== undefined && isValid(schema, value)) return JSON.stringify(value);
    wish = `That was not valid for the schema. Give only one JSON value of this JSON Schema:\n${JSON.stringify(schema)}`;
  }
  return undefined;
}

async function askJson(context: RunContext, schema: JsonSchema, wish: string): Promise<string> {
  const { engine, info, state, askedTokens, signal, recorder } = context;
  let text = "";
  const events = ask(
    {
      engine,
      info,
      messages: [...state.messages, userMessage(wish)],
      tools: [],
      toolChoice: "none",
      sampling: samplingFor(info, context.sampling),
      contextTokens: askedTokens,
      protocol: context.protocol,
      responseSchema: schema,
    },
    signal,
  );
  for await (const event of events) {
    if (event.type === "text") text += event.text;
    else if (event.type === "usage") recorder.emit({ ...event });
  }
  return text;
}

/** The JSON value in a text, also in a code fence. */
function parse(text: string): JsonValue | undefined {
  const inner = /```(?:json)?\s*([\s\S]*?)```/.exec(text)?.[1] ?? text;
  try {
    return JSON.parse(inner) as JsonValue;
  } catch {
    return undefined;
  }
}
