import type { Limits } from "./context.ts";
import type { RunState } from "./state.ts";

/** What the budgets leave for the next step. */
export type Bound =
  /** No step any more. */
  | { kind: "over"; detail: string }
  /** The next step must answer: it is the last one. */
  | { kind: "last"; reason: "max_steps" | "budget"; maxTokens?: number }
  | { kind: "free"; maxTokens?: number };

/** Tokens that an answer takes at least: with less left, a step is not worth its prompt. */
const SHORTEST_ANSWER_TOKENS = 64;

/**
 * Decides before a step, from what was used since the last drive of the run ended. `promptTokens`: what the next prompt will take;
 * a step is the last one when another prompt like it would no longer be paid for.
 */
export function boundOf(
  state: Pick<RunState, "step" | "usage" | "calls" | "since">,
  limits: Pick<Limits, "maxSteps" | "maxTokens" | "maxCalls">,
  promptTokens: number,
  uncountedTokens = 0,
): Bound {
  const steps = state.step - state.since.step;
  const { maxTokens, maxCalls, maxSteps } = limits;
  if (steps >= maxSteps) return { kind: "over", detail: `the limit of ${maxSteps} steps was reached` };
  const spent = state.usage.input + state.usage.output - state.since.tokens + uncountedTokens;
  const left = maxTokens === undefined ? Number.POSITIVE_INFINITY : maxTokens - spent - promptTokens;
  if (left < SHORTEST_ANSWER_TOKENS) {
    return {
      kind: "over",
      detail: `the budget of ${maxTokens} tokens is used up: ${spent} are spent and the next question takes about ${promptTokens}`,
    };
  }
  const room = Number.isFinite(left) ? { maxTokens: left } : {};
  if (maxCalls !== undefined && state.calls - state.since.calls >= maxCalls)
    return { kind: "last", reason: "budget", ...room };
  if (steps + 1 >= maxSteps) return { kind: "last", reason: "max_steps", ...room };
  if (left < promptTokens + 2 * SHORTEST_ANSWER_TOKENS) return { kind: "last", reason: "budget", ...room };
  return { kind: "free", ...room };
}
