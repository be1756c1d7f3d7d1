import type { Tool } from "../protocol/index.ts";
import { selfBounded } from "./self-bounded.ts";

/** Asks the person for whom the run works; `undefined` where nobody answered. */
export type AskUser = (question: string, signal: AbortSignal) => Promise<string | undefined>;

/** How long a question stands: a person may have to look something up. */
const DEFAULT_WAIT_MS = 15 * 60_000;

/** The tool by which a model asks back instead of guessing. */
export function askUserTool(ask: AskUser, options: { timeoutMs?: number } = {}): Tool {
  return selfBounded({
    name: "ask_user",
    description:
      "Ask the user one short question when something needed for the task is unclear and no tool can tell it.",
    effect: "none",
    reads: "private",
    source: "trusted",
    egress: false,
    concurrency: 1,
    timeoutMs: options.timeoutMs ?? DEFAULT_WAIT_MS,
    parameters: {
      type: "object",
      properties: { question: { type: "string", minLength: 1, description: "The question" } },
      required: ["question"],
      additionalProperties: false,
    },
    async run(args, { signal }) {
      const answer = await ask(String(args["question"]), signal);
      if (answer !== undefined && answer.trim() !== "") return answer;
      return { ok: false, content: "Nobody answered. Go on with what you know, and say what you assumed." };
    },
  });
}
