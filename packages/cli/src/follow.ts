import { dropPrewarmed } from "@hearth/llama";
import {
  type Assembly,
  assemble,
  type Config,
  type DebugLog,
  debugLog,
  type LastSession,
  lastSession,
} from "@hearth/runtime";
import { CLEAN, exitCodeOf, type Outcome, type Run, type RunEvent, UsageError } from "hearth";
import type { CommandContext } from "./command.ts";
import { reportInfo } from "./fail.ts";
import { journalOf } from "./journal.ts";
import { tracedRun } from "./telemetry.ts";
import { type Person, personAtTerminal } from "./terminal/approve.ts";
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

/** What a command that drives runs holds until it ends. */
export interface Wired {
  parts: Assembly;
  status: StatusLine;
  log: DebugLog | undefined;
}

/** Settings into parts, with what the user should know of them on stderr. The caller closes `parts`. */
export async function wire(
  { out, signal }: CommandContext,
  config: Config,
  person?: (status: StatusLine) => Person,
): Promise<Wired> {
  const log = debugLog(config, (text) => out.raw(text));
  const status = new StatusLine(out);
  const parts = await assemble(config, {
    signal,
    log,
    journal: () => journalOf(config),
    onDownload: ({ receivedBytes, totalBytes }) => {
      if (out.stderrIsTerminal)
        status.show(`downloading the model ${progressBar(receivedBytes, totalBytes)}`);
    },
    ...person?.(status),
  });
  if (parts.connection.name !== "embedded") dropPrewarmed();
  for (const notice of parts.notices) out.note(`hearth: ${notice}`);
  return { parts, status, log };
}

export interface ShowOptions {
  json: boolean;
  /** Whether the first line says which model answers. Default true. */
  head?: boolean;
  /** Sees each event before it is shown. */
  onEvent?: (event: RunEvent) => void;
}

/** Shows a run (or its events, with `json`) to its end, and says what failed. */
export async function show(
  { out }: CommandContext,
  { status, log }: Pick<Wired, "status" | "log">,
  run: Run,
  { json, head = true, onEvent }: ShowOptions,
): Promise<Outcome> {
  const view = new RunView({ out, status, paint: paintFor(process.stderr), head });
  for await (const event of run) {
    if (LOGGED.has(event.type)) log?.(event.type, event);
    onEvent?.(event);
    await (json ? out.json(event) : view.on(event));
  }
  const outcome = await run;
  if (outcome.error !== undefined) reportInfo(outcome.error, out);
  return outcome;
}

/** Wires a run from the settings, starts it (with what was said before, for --continue), shows it to its end, and answers the exit code. */
export async function followRun(
  context: CommandContext,
  config: Config,
  start: (parts: Assembly, session: Pick<LastSession, "messages" | "taint">) => Run,
): Promise<number> {
  const { out } = context;
  const { json } = config.settings;
  const interactive = process.stdin.isTTY === true && out.stderrIsTerminal && !json;
  const trace = await tracedRun(context.env);
  const wired = await wire(
    context,
    config,
    interactive ? (status) => personAtTerminal(status, (text) => out.note(text)) : undefined,
  );
  try {
    const session = await continued(context, config, wired.parts);
    if (session === undefined && config.settings.continue) {
      throw new UsageError(`There is no session in ${config.workspace} to go on with.`, {
        remedy: "Leave --continue away for a new one.",
      });
    }
    const parts = { ...wired.parts, options: trace.options(wired.parts.options) };
    const run = trace.begin(() => start(parts, session ?? { messages: [], taint: CLEAN }));
    const outcome = await show(context, wired, run, { json });
    return exitCodeOf(outcome.stopReason);
  } finally {
    wired.status.clear();
    await wired.parts.close();
    await trace.close();
  }
}

/** The last session of the workspace, where `--continue` asks for it. Raises `UsageError` where no journal is kept. */
export async function continued(
  { out }: Pick<CommandContext, "out">,
  { settings, workspace }: Config,
  parts: Assembly,
): Promise<Awaited<ReturnType<typeof lastSession>>> {
  if (!settings.continue) return undefined;
  if (settings.journal === "none") {
    throw new UsageError("There is no journal, so there is no last session.", {
      remedy: "Leave --journal none away, or --continue.",
    });
  }
  const session = await lastSession(parts.options.journal, workspace);
  if (session?.unfinished !== undefined) {
    out.note(
      `hearth: run ${session.unfinished} has not ended, so this goes on from ${session.runId}; \`hearth runs resume ${session.unfinished}\` would finish it.`,
    );
  }
  return session;
}
