/**
 * The loop: steps, calls checked and dispatched, retries, guards, hand-off, and the run that a program holds.
 * Owns what happens in which order. Imports interfaces only: engines, tools, journal and clock are passed in.
 */
export { type Agent, agent, type Chat, type RunOptions } from "./agent.ts";
export { type AsToolOptions, asTool } from "./as-tool.ts";
export { type AskUser, askUserTool } from "./ask-user.ts";
export { DEFAULT_LIMITS, type Limits } from "./context.ts";
export { forkRun } from "./fork.ts";
export type { Halt } from "./halt.ts";
export type { GuardDecision, Hooks } from "./hooks.ts";
export type { AgentOptions } from "./options.ts";
export { type Replayed, replayRun } from "./replay.ts";
export { normalizeResult } from "./results.ts";
export { Run } from "./run.ts";
export { newRunId } from "./run-id.ts";
export { apply, emptyState, type RunState } from "./state.ts";
