import { dropPrewarmed } from "@hearth/llama";
import { type Assembly, assemble, type DebugLog, debugLog } from "@hearth/runtime";
import { agent, exitCodeOf, type Outcome, type RunEvent, UsageError } from "hearth";
import type { CommandContext } from "../command.ts";
import { reportInfo } from "../fail.ts";
import { readPiped, stdinKind, taskOf } from "../stdin.ts";
import { askAtTerminal } from "../terminal/approve.ts";
import { progressBar, StatusLine } from "../terminal/status.ts";
import { paintFor } from "../terminal/style.ts";
import { RunView } from "../terminal/view.ts";

/** Events that the debug log keeps: what was sent to tools and came back. Prompts are logged where they are sent. */
const LOGGED: ReadonlySet<RunEvent["type"]> = new Set([
  "run.started",
  "call.ready",
  "call.invalid",
  "call.finished",
  "engine.retried",
  "guard.tripped",
  "run.finished",
]);

export async function run(context: CommandContext): Promise<number> {
  const { config: settingsOf, out, signal } = context;
  const config = settingsOf();
  const task = await readTask(context);
  const log = debugLog(config, (text) => out.raw(text));
  const status = new StatusLine(out);
  const interactive = process.stdin.isTTY === true && out.stderrIsTerminal && !config.settings.json;
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
    const outcome = await drive(parts, task, context, status, log);
    if (outcome.error !== undefined) reportInfo(outcome.error, out);
    return exitCodeOf(outcome.stopReason);
  } finally {
    await parts.close();
  }
}

async function drive(
  parts: Assembly,
  task: string,
  { config, out, signal }: CommandContext,
  status: StatusLine,
  log: DebugLog | undefined,
): Promise<Outcome> {
  const { json } = config().settings;
  const view = new RunView({ out, status, paint: paintFor(process.stderr) });
  const going = agent(parts.options).run(task, { signal });
  try {
    for await (const event of going) {
      if (LOGGED.has(event.type)) log?.(event.type, event);
      await (json ? out.json(event) : view.on(event));
    }
    return await going.outcome;
  } finally {
    status.clear();
  }
}

async function readTask({ args, out }: CommandContext): Promise<string> {
  const kind = stdinKind(process.stdin.isTTY === true);
  const words = args.positionals;
  const needed = words.length === 0 || words.includes("-");
  const task = taskOf(words, await readPiped({ stream: process.stdin, kind, out, needed }));
  if (task !== "") return task;
  throw new UsageError("There is no task.", { remedy: 'Write `hearth run "TASK"`, or pipe it in.' });
}
