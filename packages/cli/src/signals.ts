import { CancelledError } from "hearth";
import type { Output } from "./output.ts";

export const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type SignalName = (typeof SIGNALS)[number];

/**
 * A signal that fires when somebody wants the command to end: the first SIGINT (or SIGTERM, SIGHUP) cancels, the second
 * ends at once with code 130. It also fires when nobody reads stdout any more.
 */
export function watchSignals(out: Output, names: readonly SignalName[] = SIGNALS): AbortSignal {
  const controller = new AbortController();
  const cancel = (why: string): void => controller.abort(new CancelledError(why));
  for (const name of names) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      if (name === "SIGINT" && out.stderrIsTerminal) out.note("\nStopping; once more to stop at once.");
      cancel(name === "SIGINT" ? "interrupted" : `ended by ${name}`);
    });
  }
  out.onGone(() => cancel("nobody reads the output any more"));
  return controller.signal;
}
