import { after } from "../engines/index.ts";
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
  let controller: AbortController | undefined;
  let reason: unknown;
  let stop = (why: unknown): void => {
    reason ??= why;
    controller?.abort(reason);
  };
  const cancel = (): void => stop(signal.reason);
  let endTimer = (): void => undefined;
  const context: ToolContext = {
    ...execution.context,
    // Made when a tool first asks for it: most never do.
    get signal(): AbortSignal {
      controller ??= new AbortController();
      if (reason !== undefined) controller.abort(reason);
      return controller.signal;
    },
  };
  try {
    const value = await new Promise<unknown>((resolve, reject) => {
      const tell = stop;
      stop = (why) => {
        tell(why);
        reject(why);
      };
      if (signal.aborted) throw signal.reason;
      signal.addEventListener("abort", cancel, { once: true });
      endTimer = after(clock, timeoutMs, () => {
        const late = `${tool.name} did not finish within ${timeoutMs / 1000} s and was stopped.`;
        stop(new ToolTimeoutError(late));
      });
      withoutExit(tool.name, async () => tool.run(execution.arguments, context)).then(resolve, reject);
    });
    return normalizeResult(value);
  } catch (error) {
    if (error instanceof CancelledError) return { ok: false, content: "Stopped: the run was cancelled." };
    return failedResult(error);
  } finally {
    endTimer();
    signal.removeEventListener("abort", cancel);
    // Whatever the tool has left running may stop now.
    stop(OVER);
  }
}
