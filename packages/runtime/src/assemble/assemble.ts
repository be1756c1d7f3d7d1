import { join } from "node:path";
import { POCKET } from "@hearth/llama";
import {
  type AgentOptions,
  type Approver,
  type Journal,
  type JsonSchema,
  memoryJournal,
  sqliteJournal,
  type Tool,
} from "hearth";
import { type Config, runSettings } from "../config/index.ts";
import { type Connection, type ConnectOptions, connect } from "../discovery/index.ts";
import { type DebugLog, loggedEngine } from "../log/index.ts";
import { readInstructions, readSchemaFile } from "./files.ts";
import { workspaceNames } from "./names.ts";
import { type OpenTools, openTools } from "./open.ts";

export interface AssembleOptions {
  signal?: AbortSignal;
  /** Who is asked where the settings say `ask`; left out: the run waits. */
  ask?: Approver;
  log?: DebugLog | undefined;
  onDownload?: ConnectOptions["onDownload"];
}

/** Everything a run needs, wired from the settings. */
export interface Assembly {
  options: AgentOptions & { tools: readonly Tool[]; journal: Journal };
  connection: Connection;
  /** What the user should know before the run. */
  notices: readonly string[];
  /**
   * The same tools and journal with the engine and model that `config` names; then only the new one is to be closed.
   * Where that fails, nothing has changed.
   */
  switchTo(config: Config): Promise<Assembly>;
  /** Lets go of the engine and the journal. */
  close(): Promise<void>;
}

/**
 * Settings into parts: engine and model, tools, instructions, limits, journal. Tools are loaded while the engines are looked for.
 * @throws what makes a run impossible: a file that is not there, an unknown tool, a model that no engine has
 */
export async function assemble(config: Config, options: AssembleOptions = {}): Promise<Assembly> {
  const { settings } = config;
  const own = {
    instructions: readInstructions(settings.system),
    output: settings.schema === undefined ? undefined : readSchemaFile(settings.schema),
  };
  const connecting = connect(config, { signal: options.signal, onDownload: options.onDownload });
  connecting.catch(() => undefined);
  const tools = await openTools(config, options.signal);
  const connection = await connecting.catch(async (error: unknown) => {
    await tools.close();
    throw error;
  });
  const journal = settings.journal === "none" ? memoryJournal() : sqliteJournal(journalFile(config));
  return wired(config, options, { ...own, tools, connection, journal });
}

interface Parts {
  instructions: string;
  output: JsonSchema | undefined;
  tools: OpenTools;
  connection: Connection;
  journal: Journal;
}

function wired(config: Config, options: AssembleOptions, parts: Parts): Assembly {
  const { settings, workspace } = config;
  const { instructions, output, tools, connection, journal } = parts;
  const { log } = options;
  const engine = log === undefined ? connection.ref.engine : loggedEngine(connection.ref.engine, log);
  return {
    connection,
    notices: [...connection.notices, ...widened(settings), ...tools.notices],
    options: {
      model: { ...connection.ref, engine },
      instructions,
      get tools() {
        return tools.tools;
      },
      limits: limitsOf(settings),
      sampling: samplingOf(settings),
      think: settings.think === "auto" ? "auto" : settings.think === "on",
      approve: settings.approve === "ask" ? (options.ask ?? "ask") : settings.approve,
      journal,
      workspace,
      settings: runSettings(config),
      compaction: settings.contextPolicy,
      ...(settings.contextThreshold === undefined ? {} : { contextThreshold: settings.contextThreshold }),
      // The pocket model chooses best among few tools, and its results are short.
      artifacts: connection.ref.model !== POCKET,
      ...(settings.context === undefined ? {} : { contextTokens: settings.context }),
      ...(output === undefined ? {} : { output }),
      ...(engine.complete === undefined ? {} : { workspaceNames: () => workspaceNames(workspace) }),
    },
    async switchTo(next) {
      const other = await connect(next, { signal: options.signal, onDownload: options.onDownload });
      await connection.ref.engine.close();
      return wired(next, options, { ...parts, connection: other });
    },
    async close() {
      await tools.close();
      await connection.ref.engine.close();
      await journal.close();
    },
  };
}

/** The file of the journal, where it is not kept in memory. */
export function journalFile({ settings, paths }: Pick<Config, "settings" | "paths">): string {
  return settings.journal ?? join(paths.state, "journal.sqlite");
}

/** Nothing here reaches outside the workspace, whatever a setting of another program's name says. */
function widened({ restrictToWorkspace }: Config["settings"]): string[] {
  if (restrictToWorkspace) return [];
  return [
    "restrictToWorkspace is false, but tools always stay inside the workspace; --workspace names a larger one.",
  ];
}

function limitsOf(settings: Config["settings"]): NonNullable<AgentOptions["limits"]> {
  return {
    maxSteps: settings.maxSteps,
    maxParallel: settings.maxParallel,
    toolTimeoutMs: Math.round(settings.toolTimeout * 1000),
    attempts: settings.retries,
    ...(settings.timeout === undefined ? {} : { timeoutMs: Math.round(settings.timeout * 1000) }),
  };
}

function samplingOf({ temperature, seed }: Config["settings"]): NonNullable<AgentOptions["sampling"]> {
  return { ...(temperature === undefined ? {} : { temperature }), ...(seed === undefined ? {} : { seed }) };
}
