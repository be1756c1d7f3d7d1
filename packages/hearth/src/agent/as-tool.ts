import { CLEAN, guardsItself } from "../policy/index.ts";
import type { Effect, JsonObject, Tool } from "../protocol/index.ts";
import type { Agent } from "./agent.ts";
import type { Limits } from "./context.ts";
import { selfBounded } from "./self-bounded.ts";

export interface AsToolOptions {
  name: string;
  /** What the sub-agent is good for, for the model that may give it tasks. */
  description: string;
  /** Its own budget, over its agent's limits. */
  limits?: Partial<Limits>;
  /** What its tools may do to the world. Default `once`: a run of it is never repeated by itself. */
  effect?: Effect;
}

/** Longest run of a sub-agent that names no time limit. */
const DEFAULT_TIMEOUT_MS = 10 * 60_000;
/** What it gets on top to say what it reached. */
const GRACE_MS = 5000;

/**
 * An agent as a tool of another one: a task in words, its answer as the result. It sees nothing of the conversation above, has a
 * budget of its own, and ends with the run above. Its hand-off is the result where it did not get to an answer. It stands under the taint
 * of the run above, and what it has read comes up with its answer.
 */
export function asTool(agent: Agent, options: AsToolOptions): Tool {
  const timeoutMs = options.limits?.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const tool = selfBounded({
    name: options.name,
    description: options.description,
    effect: options.effect ?? "once",
    // Of itself it brings nothing; what its run brings is said when it is known.
    source: "trusted",
    reads: "public",
    timeoutMs: timeoutMs + GRACE_MS,
    parameters: {
      type: "object",
      properties: {
        task: { type: "string", minLength: 1, description: "The whole task: nothing else is known there" },
      },
      required: ["task"],
      additionalProperties: false,
    },
    async run(args, { signal, output, taint = CLEAN, addTaint }) {
      const limits = { ...options.limits, timeoutMs };
      const run = agent.run(String(args["task"]), { signal, limits, taint });
      for await (const event of run) if (event.type === "text.delta") output(event.text);
      const { text, stopReason, runId, steps, usage, taint: brought } = await run;
      if (brought !== undefined) addTaint?.(brought);
      const details: JsonObject = { runId, stopReason, steps, usage: { ...usage } };
      return { ok: stopReason === "answer", content: text, details };
    },
  });
  return guardsItself(tool);
}
