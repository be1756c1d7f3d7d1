import type { Clock } from "../engines/types.ts";
import {
  CancelledError,
  type JsonObject,
  type Tool,
  type ToolContext,
  type ToolResult,
  ToolTimeoutError,
} from "../protocol/index.ts";
import { withoutExit } from "./exit.ts";
import { failedResult, normalizeResult } from "./results.ts";

/** A reason of our own: without one each abort makes a DOMException with its stack. */
const OVER = new CancelledError("The call is over.");

export interface Execution {
  tool: Tool;
  arguments: JsonObject;
  timeoutMs: number;
  clock: Clock;
  /** The run's own signal. */
  signal: AbortSignal;
  context: Omit<ToolContext, "signal">;
}

/**
 * Runs one tool inside its own boundary: whatever it throws, rejects with or never answers becomes a failed result.
 * After the timeout the tool's signal fires and its later answer is ignored.
 */
export async function execute(execution: Execution): Promise<ToolResult & { ok: boolean }> {
  const { tool, clock, timeoutMs } = execution;
  const own = new AbortController();
  const cancel = (): void => own.abort(execution.signal.reason);
  if (execution.signal.aborted) cancel();
  execution.signal.addEventListener("abort", cancel, { once: true });
  const timer = new AbortController();
  try {
    const context: ToolContext = { ...execution.context, signal: own.signal };
    const running = withoutExit(tool.name, async () => tool.run(execution.arguments, context));
    const late = clock.sleep(timeoutMs, timer.signal).then(() => {
      const error = new ToolTimeoutError(
        `${tool.name} did not finish within ${timeoutMs / 1000} s and was stopped.`,
      );
      own.abort(error);
      throw error;
    });
    const stopped = new Promise<never>((_, reject) => {
      own.signal.addEventListener("abort", () => reject(own.signal.reason), { once: true });
    });
    for (const loser of [running, late, stopped]) loser.catch(() => undefined);
    if (own.signal.aborted) throw own.signal.reason;
    return normalizeResult(await Promise.race([running, late, stopped]));
  } catch (error) {
    if (error instanceof CancelledError) return { ok: false, content: "Stopped: the run was cancelled." };
    return failedResult(error);
  } finally {
    timer.abort(OVER);
    execution.signal.removeEventListener("abort", cancel);
  }
}
