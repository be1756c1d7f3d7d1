import { ContextExceededError, EngineRefusedError } from "hearth";
import type { ScriptedTurn } from "hearth/testing";
import { type Behaviour, CUT } from "./simulate.ts";

const cutAnswer = (input: number): ScriptedTurn => ({
  text: `${CUT}: all is done.`,
  usage: { input, output: 8 },
});

/** Whole messages go, the oldest behind the instructions first, until the rest fits: the user's task is the first of them. */
function afterDropping(tokens: number, sizes: readonly number[], window: number): number {
  let left = tokens;
  for (const size of sizes.slice(1, -1)) {
    if (left <= window) break;
    left -= size;
  }
  return left;
}

/** The one behaviour that leaves no sure sign: fewer tokens may be dropped than a denser text would make up for. */
export const UNTOLD = "200, oldest messages dropped, window not told";

/** Engines by their true window, as named in `references/loop-context-models.md`, section 3: what each does with a prompt that is longer. */
export const ENGINES: Readonly<Record<string, (trueWindow: number) => Behaviour>> = {
  "200, cut to half": (window) => (tokens, answer) =>
    tokens > window ? cutAnswer(Math.floor(window / 2) + 2) : answer,
  [UNTOLD]: (window) => (tokens, answer, sizes) =>
    tokens > window ? cutAnswer(afterDropping(tokens, sizes, window)) : answer,
  "200, oldest messages dropped, window told": (window) => (tokens, answer, sizes) => ({
    ...(tokens > window ? cutAnswer(afterDropping(tokens, sizes, window)) : answer),
    contextTokens: window,
  }),
  "400 with the counts": (window) => (tokens, answer) =>
    tokens > window
      ? { error: new ContextExceededError("too long", { promptTokens: tokens, windowTokens: window }) }
      : answer,
  "400 without counts": (window) => (tokens, answer) =>
    tokens > window ? { error: new ContextExceededError("too long") } : answer,
  "500: no user query": (window) => (tokens, answer) =>
    tokens > window
      ? { error: new EngineRefusedError("no user query found in messages", { status: 500 }) }
      : answer,
  "200 with the window it says, no usage":
    () =>
    (_tokens, { usage: _, ...answer }) => ({
      ...answer,
      usage: { input: 0, output: 0 },
    }),
};
