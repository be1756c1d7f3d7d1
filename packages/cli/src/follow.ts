import { dropPrewarmed } from "@hearth/llama";
import { type Assembly, assemble, type Config, debugLog } from "@hearth/runtime";
import { exitCodeOf, type Run, type RunEvent } from "hearth";
import type { CommandContext } from "./command.ts";
import { reportInfo } from "./fail.ts";
import { askAtTerminal } from "./terminal/approve.ts";
import { progressBar, StatusLine } from "./terminal/status.ts";
import { paintFor } from "./terminal/style.ts";
import { RunView } from "./terminal/view.ts";

/** Events that the debug log keeps: what was sent to tools and came back. Prompts are logged where they are sent. */
const LOGGED: ReadonlySet<RunEvent["type"]> = new Set([
  "run.started",
  "run.resumed",
  "call.ready",
  "call.invalid",
  "call.finished",
  "engine.retried",
  "guard.tripped",
  "run.finished",
]);

/** Wires a run from the settings, starts it, shows it (or its events, with --json) to its end, and answers the exit code. */
export async function followRun(
  { out, signal }: CommandContext,
  config: Config,
  start: (parts: Assembly) => Run,
): Promise<number> {
  const log = debugLog(config, (text) => out.raw(text));
  const status = new StatusLine(out);
  const { json } = config.settings;
  const interactive = process.stdin.isTTY === true && out.stderrIsTerminal && !json;
  const parts = await assemble(config, {
    signal,
    log,
    onDownload: ({ receivedBytes, totalBytes }) => {
      if (out.stderrIsTerminal)
        status.show(`downloading the model ${progressBar(receivedBytes, totalBytes)}`);
    },
    ...(interactive ? { ask: askAtTerminal(status) } : {}),
  });
  if (parts.connection.name !== "embedded") dropPrewarmed();
  try {
    for (const notice of parts.notices) out.note(`hearth: ${notice}`);
    const view = new RunView({ out, status, paint: paintFor(process.stderr) });
    const going = start(parts);
    for await (const event of going) {
      if (LOGGED.has(event.type)) log?.(event.type, event);
      await (json ? out.json(event) : view.on(event));
    }
    const outcome = await going;
    if (outcome.error !== undefined) reportInfo(outcome.error, out);
    return exitCodeOf(outcome.stopReason);
  } finally {
    status.clear();
    await parts.close();
  }
}
