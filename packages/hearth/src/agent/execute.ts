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
  const { tool, clock, timeoutMs, signal } = execution;
  const own = new AbortController();
  const cancel = (): void => own.abort(signal.reason);
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const value = await new Promise<unknown>((resolve, reject) => {
      own.signal.addEventListener("abort", () => reject(own.signal.reason), { once: true });
      if (own.signal.aborted) throw own.signal.reason;
      const context: ToolContext = { ...execution.context, signal: own.signal };
      withoutExit(tool.name, async () => tool.run(execution.arguments, context)).then(resolve, reject);
      clock.sleep(timeoutMs, own.signal).then(
        () =>
          own.abort(
            new ToolTimeoutError(`${tool.name} did not finish within ${timeoutMs / 1000} s and was stopped.`),
          ),
        () => undefined,
      );
    });
    return normalizeResult(value);
  } catch (error) {
    if (error instanceof CancelledError) return { ok: false, content: "Stopped: the run was cancelled." };
    return failedResult(error);
  } finally {
    signal.removeEventListener("abort", cancel);
    // Whatever the tool has left running may stop now.
    own.abort(OVER);
  }
}
