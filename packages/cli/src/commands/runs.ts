import {
  type Config,
  type Entry,
  journalFile,
  loadConfig,
  SETTING_KEYS,
  type SettingKey,
} from "@hearth/runtime";
import { agent, type Journal, type RunEvent, sqliteJournal, UsageError } from "hearth";
import type { CommandContext } from "../command.ts";
import { followRun } from "../follow.ts";
import { StatusLine } from "../terminal/status.ts";
import { paintFor } from "../terminal/style.ts";
import { RunView } from "../terminal/view.ts";

type Action = (context: CommandContext, config: Config, journal: Journal) => Promise<number>;

const ACTIONS: Record<string, Action> = { list, show, resume, cancel, replay: show, export: exportRun };

/** `hearth runs …`: the journal. */
export async function run(context: CommandContext): Promise<number> {
  const { args, config: settingsOf } = context;
  const name = args.positionals[0] ?? "list";
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) {
    throw new UsageError(`There is no \`hearth runs ${name}\`.`, {
      remedy: `It takes ${Object.keys(ACTIONS).join(", ")}.`,
    });
  }
  const config = settingsOf();
  const journal = sqliteJournal(journalFile(config));
  try {
    return await action(context, config, journal);
  } finally {
    await journal.close();
  }
}

function idOf({ args }: CommandContext): string {
  const id = args.positionals[1];
  if (id !== undefined) return id;
  throw new UsageError("There is no ID.", { remedy: "`hearth runs list` shows them." });
}

async function list({ out }: CommandContext, config: Config, journal: Journal): Promise<number> {
  for (const run of await journal.list()) {
    if (config.settings.json) await out.json(run);
    else {
      const when = run.startedAt.slice(0, 19).replace("T", " ");
      const task = run.task.replace(/\s+/g, " ").slice(0, 60);
      await out.line(
        `${run.runId}  ${when}  ${(run.stopReason ?? "unfinished").padEnd(16)}  ${run.model}  ${task}`,
      );
    }
  }
  return 0;
}

/** The run as it was seen when it ran. */
async function show(context: CommandContext, config: Config, journal: Journal): Promise<number> {
  const { out } = context;
  const view = new RunView({ out, status: new StatusLine(out), paint: paintFor(process.stderr) });
  for (const event of await journal.read(idOf(context))) {
    if (config.settings.json) await out.json(event);
    else await view.on(event);
  }
  return 0;
}

/** One JSON value: the summary and every event. */
async function exportRun(context: CommandContext, _config: Config, journal: Journal): Promise<number> {
  const id = idOf(context);
  await context.out.json({ runId: id, events: await journal.read(id) });
  return 0;
}

async function cancel(context: CommandContext, _config: Config, journal: Journal): Promise<number> {
  const id = idOf(context);
  const last = (await journal.read(id)).at(-1);
  if (last?.type === "run.finished" && last.stopReason !== "waiting") {
    throw new UsageError(`Run ${id} has ended already (${last.stopReason}).`);
  }
  await journal.send(id, { kind: "cancel", by: "hearth runs cancel" });
  context.out.note(`hearth: run ${id} is asked to stop.`);
  return 0;
}

/** Goes on with the settings the run was started with; what the command line says now counts more. */
async function resume(context: CommandContext, config: Config, journal: Journal): Promise<number> {
  const id = idOf(context);
  const events = await journal.read(id);
  const recorded = recordedSettings(id, events);
  const { env, args } = context;
  const flags = [...recorded, ...args.settings];
  const own = loadConfig({ env, cwd: process.cwd(), flags });
  const settings = { ...own.settings, journal: config.settings.journal };
  return followRun(context, { ...own, settings }, (parts) =>
    agent(parts.options).resume(id, { signal: context.signal }),
  );
}

/** Settings as they stand in `run.started`, in the shape of flags. Secrets are not among them. */
function recordedSettings(id: string, events: readonly RunEvent[]): Entry[] {
  const first = events[0];
  if (first?.type !== "run.started") throw new UsageError(`Run ${id} has no beginning in this journal.`);
  const known = new Set<string>(SETTING_KEYS);
  const entries: Entry[] = [];
  for (const [key, raw] of Object.entries(first.settings)) {
    if (raw !== undefined && known.has(key)) entries.push({ name: `run ${id}`, key: key as SettingKey, raw });
  }
  if (!("model" in first.settings) && first.model !== "")
    entries.push({ name: `run ${id}`, key: "model", raw: first.model });
  return entries;
}
