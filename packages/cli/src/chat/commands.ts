import { writeFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { isUsable, loadConfig, lookAround, nearest, places } from "@hearth/runtime";
import { asHearthError, UsageError } from "hearth";
import type { CommandContext } from "../command.ts";
import { reportError } from "../fail.ts";
import { plain } from "../terminal/plain.ts";
import type { Session } from "./session.ts";
import { transcript } from "./transcript.ts";

interface Row {
  /** What follows the name. */
  form: string;
  about: string;
  run(session: Session, rest: string, context: CommandContext): void | Promise<void>;
}

/** What can be said to the chat itself. Answers go to stderr: stdout is for the model's words. */
const ROWS: Readonly<Record<string, Row>> = {
  help: { form: "", about: "These commands.", run: help },
  tools: { form: "", about: "The tools that the model has.", run: tools },
  model: { form: "[NAME]", about: "The model, or go on with another one.", run: model },
  context: { form: "", about: "How full the model's window is.", run: context },
  save: {
    form: "FILE",
    about: "Write the conversation to FILE: .json as messages, else as Markdown.",
    run: save,
  },
  new: { form: "", about: "Forget what was said and begin anew.", run: begin },
  undo: { form: "", about: "Take the last exchange back.", run: undo },
  quit: { form: "", about: "End the session (Ctrl-D does it too).", run: () => undefined },
};

/** For completion. */
export const COMMAND_WORDS: readonly string[] = Object.keys(ROWS).map((name) => `/${name}`);

const KEYS = [
  "Ctrl-C stops the answer, twice the session.",
  "What you type while the model works reaches it with its next step.",
  "A line that begins with a space is no command; one that ends with \\ goes on in the next.",
  "What you paste stays one message.",
];

/**
 * Carries out `/NAME REST`. A slash that begins no word is no command: paths and the like are said to the model.
 * Answers `undefined` where the line is none, `quit` where the session is to end.
 */
export async function command(
  line: string,
  session: Session,
  context: CommandContext,
): Promise<"done" | "quit" | undefined> {
  const parts = /^\/([a-z]+)(?:\s+(.*))?$/is.exec(line.trimEnd());
  if (parts === null) return undefined;
  const [, name = "", rest = ""] = parts;
  const known = name === "exit" ? "quit" : name.toLowerCase();
  if (known === "quit") return "quit";
  const row = Object.hasOwn(ROWS, known) ? ROWS[known] : undefined;
  try {
    if (row === undefined) throw unknown(name);
    await row.run(session, rest.trim(), context);
  } catch (error) {
    // The conversation goes on whatever a command of its own could not do.
    if (context.signal.aborted) throw error;
    reportError(asHearthError(error), context.out, false);
  }
  return "done";
}

function unknown(name: string): UsageError {
  const near = nearest(name, Object.keys(ROWS));
  return new UsageError(
    `There is no command /${name}${near?.close ? `; the nearest is /${near.name}` : ""}.`,
    {
      remedy: "/help lists them; to say it to the model, begin the line with a space.",
    },
  );
}

function help(_session: Session, _rest: string, { out }: CommandContext): void {
  for (const [name, { form, about }] of Object.entries(ROWS))
    out.note(`${`/${name} ${form}`.padEnd(16)}${about}`);
  for (const line of KEYS) out.note(line);
}

function tools({ parts }: Session, _rest: string, { out }: CommandContext): void {
  const list = parts.options.tools;
  if (list.length === 0) out.note("No tools (--tools names some).");
  const width = Math.max(0, ...list.map(({ name }) => name.length));
  for (const { name, description } of list) {
    const first = /^.*?[.!?](?=\s|$)/s.exec(description)?.[0] ?? description;
    out.note(plain(`${name.padEnd(width)}  ${first.replace(/\s+/g, " ").trim()}`));
  }
}

function context({ measured, messages, model }: Session, _rest: string, { out }: CommandContext): void {
  const said = `${messages.length} messages`;
  if (measured === undefined) {
    out.note(`${said}; ${model} has not been asked yet.`);
    return;
  }
  const { used, window } = measured;
  const share = window > 0 ? ` (${Math.round((100 * used) / window)} %)` : "";
  out.note(`${used} of ${window} tokens${share}, ${said}, ${model}`);
}

async function model(session: Session, name: string, run: CommandContext): Promise<void> {
  const { args, env, out, signal } = run;
  if (name === "") {
    out.note(`${session.model} on ${session.parts.connection.name}`);
    const found = await lookAround(places(session.config.settings), signal);
    const others = found.flatMap((server) =>
      server.models.filter(isUsable).map((one) => `${server.name}/${one.name}`),
    );
    out.note(plain(`Others: ${[...others, "embedded/pocket"].join(", ")}`));
    return;
  }
  const flags = [
    ...args.settings.filter(({ key }) => key !== "model"),
    { name: "/model", key: "model" as const, raw: name },
  ];
  const before = session.parts.notices;
  await session.switchTo(loadConfig({ env, cwd: process.cwd(), flags }));
  for (const notice of session.parts.notices) if (!before.includes(notice)) out.note(`hearth: ${notice}`);
  out.note(`Now ${session.model} on ${session.parts.connection.name}; it knows all that was said.`);
}

async function save(session: Session, name: string, { folder, out }: CommandContext): Promise<void> {
  if (name === "") throw new UsageError("/save needs a file.", { remedy: "Write /save FILE." });
  const file = resolve(folder, name);
  const content =
    extname(file) === ".json"
      ? `${JSON.stringify(session.messages, null, 2)}\n`
      : transcript(session.messages);
  try {
    await writeFile(file, content, { flag: session.saved.has(file) ? "w" : "wx", mode: 0o600 });
  } catch (error) {
    const there = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new UsageError(there ? `${file} is there already.` : `${file} can't be written.`, {
      remedy: "Name another file.",
      cause: error,
    });
  }
  session.saved.add(file);
  out.note(`${session.messages.length} messages are in ${file}.`);
}

function begin(session: Session, _rest: string, { out }: CommandContext): void {
  session.clear();
  out.note("A new conversation.");
}

function undo(session: Session, _rest: string, { out }: CommandContext): void {
  out.note(
    session.undo()
      ? `The last exchange is taken back; ${session.messages.length} messages are left. What its tools did is not undone.`
      : "There is nothing to take back.",
  );
}
