import { type Config, type Entry, loadConfig, SETTING_KEYS, type SettingKey } from "@hearth/runtime";
import { agent, forkRun, type Journal, type RunEvent, type RunSummary, replayRun, UsageError } from "hearth";
import { actionOf } from "../actions.ts";
import type { CommandContext } from "../command.ts";
import { followRun } from "../follow.ts";
import { journalOf } from "../journal.ts";
import { clipped, plain } from "../terminal/plain.ts";
import { StatusLine } from "../terminal/status.ts";
import { paintFor } from "../terminal/style.ts";
import { RunView } from "../terminal/view.ts";

/** What an action works on. */
interface Subject {
  context: CommandContext;
  config: Config;
  journal: Journal;
  rest: readonly string[];
}

type RunsAction = (subject: Subject) => Promise<number>;

const ACTIONS: Readonly<Record<string, RunsAction>> = {
  list,
  show,
  resume,
  cancel,
  fork,
  replay,
  export: exportRun,
};

/** Runs that `list` shows where nobody says how many. */
const SHOWN = 20;

/** `hearth runs …`: the journal. */
export async function run(context: CommandContext): Promise<number> {
  const { args } = context;
  const opened =
    (action: RunsAction) =>
    async (_context: CommandContext, rest: readonly string[]): Promise<number> => {
      const config = context.config();
      const journal = await journalOf(config);
      try {
        return await action({ context, config, journal, rest });
      } finally {
        await journal.close();
      }
    };
  const actions = Object.fromEntries(
    Object.entries(ACTIONS).map(([name, action]) => [name, opened(action)] as const),
  );
  const words = args.positionals.length === 0 ? ["list"] : args.positionals;
  return actionOf("runs", actions, { ...context, args: { ...args, positionals: words } });
}

/** The run that was named: by its id, the beginning of one, or `last`. */
async function idOf({ journal, rest }: Subject): Promise<string> {
  const [name, ...more] = rest;
  if (name === undefined || more.length > 0) {
    throw new UsageError(name === undefined ? "There is no ID." : "One ID is enough.", {
      remedy: "`hearth runs list` shows them; `last` is the newest.",
    });
  }
  const ids = (await journal.list()).map(({ runId }) => runId);
  const found = name === "last" ? ids.slice(0, 1) : ids.filter((id) => id === name || id.startsWith(name));
  const exact = found.find((id) => id === name) ?? (found.length === 1 ? found[0] : undefined);
  if (exact !== undefined) return exact;
  throw new UsageError(
    found.length === 0
      ? `There is no run ${name} in this journal.`
      : `${found.length} runs begin with ${name}.`,
    { remedy: "`hearth runs list` shows them." },
  );
}

async function list({ context, config, journal, rest }: Subject): Promise<number> {
  const { args, out } = context;
  if (rest.length > 0) throw new UsageError("hearth runs list takes no ID.", { remedy: "Leave it away." });
  const all = await journal.list();
  const limit = args.own.get("limit");
  const newest = all.slice(0, limit === undefined ? SHOWN : wholeNumber("--limit", limit));
  if (config.settings.json) {
    for (const one of newest) await out.json(one);
    return 0;
  }
  const rows = newest.map(cells);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const width = out.stdoutIsTerminal ? out.columns : 200;
  for (const row of rows) {
    const head = row.slice(0, 4).map((cell, i) => cell.padEnd(widths[i] ?? 0));
    const left = `${head.join("  ")}  `;
    await out.line(plain(left + clipped(row[4] ?? "", Math.max(20, width - left.length))));
  }
  if (newest.length < all.length) {
    out.note(`${all.length - newest.length} older ones are not shown; --limit N shows more.`);
  }
  if (all.length === 0) out.note("No runs yet in this journal.");
  return 0;
}

function cells({ runId, startedAt, stopReason, model, task }: RunSummary): string[] {
  return [runId, startedAt.slice(0, 16).replace("T", " "), stopReason ?? "unfinished", model, task];
}

/** The value of a flag that counts. */
function wholeNumber(flag: string, given: string | true): number {
  const value = Number(given);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`${flag} must be a whole number of 1 or more, not "${String(given)}".`, {
    remedy: "Write the number after it.",
  });
}

/** The run as it was seen when it ran. */
async function show(subject: Subject): Promise<number> {
  const { context, config, journal } = subject;
  await shown(context, config.settings.json, await journal.read(await idOf(subject)));
  return 0;
}

async function shown({ out }: CommandContext, json: boolean, events: readonly RunEvent[]): Promise<void> {
  const view = new RunView({ out, status: new StatusLine(out), paint: paintFor(process.stderr) });
  for (const event of events) await (json ? out.json(event) : view.on(event));
}

/** One JSON value: the summary and every event. */
async function exportRun(subject: Subject): Promise<number> {
  const runId = await idOf(subject);
  await subject.context.out.json({ runId, events: await subject.journal.read(runId) });
  return 0;
}

async function cancel(subject: Subject): Promise<number> {
  const { context, journal } = subject;
  const id = await idOf(subject);
  const last = (await journal.read(id)).at(-1);
  if (last?.type === "run.finished" && last.stopReason !== "waiting") {
    throw new UsageError(`Run ${id} has ended already (${last.stopReason}).`);
  }
  await journal.send(id, { kind: "cancel", by: "hearth runs cancel" });
  const waits = last?.type === "run.finished" ? " It waits: it stops when somebody resumes it." : "";
  context.out.note(`hearth: run ${id} is asked to stop.${waits}`);
  return 0;
}

async function resume(subject: Subject): Promise<number> {
  return goOn(subject, await idOf(subject));
}

/** A new run that begins as this one did, and is driven on from there. The old one stays as it is. */
async function fork(subject: Subject): Promise<number> {
  const { context, journal } = subject;
  const id = await idOf(subject);
  const at = context.args.own.get("at");
  if (at === undefined) {
    throw new UsageError("There is no event to fork at.", {
      remedy: `Write \`hearth runs fork ${id} --at SEQ\`; \`hearth runs show ${id} --json\` has the seq of each.`,
    });
  }
  const made = await forkRun(journal, id, wholeNumber("--at", at));
  const kept = (await journal.read(made)).length;
  context.out.note(`hearth: run ${made} begins as ${id} up to event ${kept}.`);
  return goOn(subject, made);
}

/** Goes on with the settings the run was started with; what the command line says now counts more. */
async function goOn({ context, config, journal }: Subject, id: string): Promise<number> {
  const own = settingsOfRun(context, id, await journal.read(id));
  const settings = { ...own.settings, journal: config.settings.journal, continue: false };
  return followRun(context, { ...own, settings }, (parts) =>
    agent(parts.options).resume(id, { signal: context.signal }),
  );
}

/**
 * The run once more with the answers and results of its log: no engine is asked and no tool is run. Flags change the loop.
 * Answers 0 where it came out the same, 3 where not, with each difference on stderr.
 */
async function replay(subject: Subject): Promise<number> {
  const { context, config, journal } = subject;
  const { out } = context;
  const id = await idOf(subject);
  const log = await journal.read(id);
  const own = settingsOfRun(context, id, log);
  const { maxSteps, contextPolicy, context: contextTokens } = own.settings;
  // A run that was resumed had its limits anew, and a replay has them once.
  const resumed = log.some(({ type }) => type === "run.resumed");
  const wanted = context.args.settings.some(({ key }) => key === "maxSteps");
  const { events, differences } = await replayRun(journal, id, {
    compaction: contextPolicy,
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(resumed && !wanted ? {} : { limits: { maxSteps } }),
  });
  await shown(context, config.settings.json, events);
  for (const difference of differences) out.note(plain(`hearth: ${difference}`));
  out.note(differences.length === 0 ? "hearth: it came out the same." : "hearth: it came out differently.");
  return differences.length === 0 ? 0 : 3;
}

/** The settings that a run was started with, below those of the command line. */
function settingsOfRun({ env, args }: CommandContext, id: string, events: readonly RunEvent[]): Config {
  return loadConfig({ env, cwd: process.cwd(), flags: [...recorded(id, events), ...args.settings] });
}

/** Settings as they stand in `run.started`, in the shape of flags. Secrets are not among them. */
function recorded(id: string, events: readonly RunEvent[]): Entry[] {
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
