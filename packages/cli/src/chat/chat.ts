import { join } from "node:path";
import type { Config } from "@hearth/runtime";
import { exitCodeOf, type Message, type Run, textOf, UsageError } from "hearth";
import type { CommandContext } from "../command.ts";
import { continued, type Wired, wire } from "../follow.ts";
import { personAtTerminal } from "../terminal/approve.ts";
import { LineEditor } from "../terminal/editor.ts";
import { History } from "../terminal/history.ts";
import { clipped } from "../terminal/plain.ts";
import { COMMAND_WORDS, command } from "./commands.ts";
import { readMessage } from "./lines.ts";
import { Session } from "./session.ts";
import { pipedSource, type Source, terminalSource } from "./source.ts";

/** Answers 0 when a person ends the session; without a terminal the code of the last run that did not answer. */
export async function run(context: CommandContext): Promise<number> {
  const { args, out, signal } = context;
  if (args.positionals.length > 0) {
    throw new UsageError("hearth chat takes no task.", {
      remedy: 'Say it when it asks, or write `hearth run "TASK"`.',
    });
  }
  const config = context.config();
  const atTerminal = process.stdin.isTTY === true && out.stderrIsTerminal && !config.settings.json;
  const editor = atTerminal ? editorFor(context, config) : undefined;
  try {
    const wired = await wire(context, config, editor && ((status) => askIn(editor, status, context)));
    const source =
      editor === undefined ? pipedSource(process.stdin, signal) : terminalSource(editor, context);
    return await talk(context, config, wired, source);
  } finally {
    editor?.close();
  }
}

function editorFor({ out }: CommandContext, config: Config): LineEditor {
  const kept = config.settings.journal === "none" ? undefined : join(config.paths.state, "chat-history");
  return new LineEditor({ input: process.stdin, out, history: new History(kept), words: COMMAND_WORDS });
}

function askIn(editor: LineEditor, status: Wired["status"], { out }: CommandContext) {
  return personAtTerminal(
    status,
    (text) => out.note(text),
    (prompt, signal) => editor.read(prompt, { signal, remember: false }),
  );
}

async function talk(context: CommandContext, config: Config, wired: Wired, source: Source): Promise<number> {
  const { out, signal } = context;
  let session: Session | undefined;
  let code = 0;
  try {
    const last = await continued(context, config, wired.parts).catch(async (error: unknown) => {
      await wired.parts.close();
      throw error;
    });
    session = new Session(context, config, wired, last?.messages ?? [], last?.taint);
    if (last !== undefined) recap(last.startedAt, last.messages, context);
    else if (config.settings.continue) out.note("There is no session here to go on with; this is a new one.");
    if (source.atTerminal) {
      out.note(
        `${session.model} on ${session.parts.connection.name}. /help says what can be done here, Ctrl-D ends.`,
      );
    }
    for (;;) {
      const text = await readMessage((more) => source.next(more));
      if (text === undefined) break;
      if (text.trim() === "") continue;
      const done = await command(text, session, context);
      if (done === "quit") break;
      if (done === "done") continue;
      code = (await answered(session, text, source)) || code;
      if (signal.aborted) break;
    }
  } finally {
    await session?.close();
  }
  if (signal.aborted) return 130;
  return source.atTerminal ? 0 : code;
}

async function answered(session: Session, text: string, source: Source): Promise<number> {
  let stop: ReturnType<Source["during"]> = () => undefined;
  let heard: readonly Message[] = [];
  try {
    const { stopReason, messages } = await session.say(text, (run: Run) => {
      stop = source.during(run);
    });
    heard = messages;
    return exitCodeOf(stopReason);
  } finally {
    stop(heard);
  }
}

function recap(startedAt: string, messages: readonly Message[], { out }: CommandContext): void {
  const when = startedAt.slice(0, 16).replace("T", " ");
  out.note(`Going on with the session of ${when} UTC, ${messages.length} messages.`);
  const asked = messages.findLast(({ role }) => role === "user");
  const said = messages.at(-1);
  for (const [who, message] of [["you", asked] as const, ["model", said] as const]) {
    if (message !== undefined)
      out.note(`  ${who}: ${clipped(textOf(message), Math.max(20, out.columns - 10))}`);
  }
}
