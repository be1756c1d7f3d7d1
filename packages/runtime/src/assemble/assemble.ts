import { join } from "node:path";
import { POCKET } from "@hearth/llama";
import {
  type AgentOptions,
  type Approver,
  type AskUser,
  ConfigError,
  type Journal,
  type JsonSchema,
  memoryJournal,
  sqliteJournal,
  type Tool,
} from "hearth";
import { type Config, isDatabase } from "../config/index.ts";
import { type Connection, type ConnectOptions, connect } from "../discovery/index.ts";
import { type DebugLog, loggedEngine } from "../log/index.ts";
import { adjustable } from "./adjust.ts";
import { nobodyLine, personAsked } from "./ask.ts";
import { readInstructions, readSchemaFile } from "./files.ts";
import { guardsOf } from "./guards.ts";
import { workspaceNames } from "./names.ts";
import { type OpenTools, openTools } from "./open.ts";
import { entrusted, withheldLine } from "./pocket.ts";

export interface AssembleOptions {
  signal?: AbortSignal;
  /** Who is asked where the settings say `ask`; left out: the run waits. */
  ask?: Approver;
  /** Who answers a question of the model, where `tools` has `+ask`. */
  askUser?: AskUser;
  log?: DebugLog | undefined;
  /** Opens what keeps the runs; it is closed with the rest. Left out: the file of the settings, or memory. */
  journal?: () => Promise<Journal>;
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
  // A file of instructions that is not there is named before anything is opened.
  readInstructions(settings.system);
  const output = settings.schema === undefined ? undefined : readSchemaFile(settings.schema);
  const connecting = connect(config, { signal: options.signal, onDownload: options.onDownload });
  connecting.catch(() => undefined);
  const tools = await openTools(config, options.signal);
  const connection = await connecting.catch(async (error: unknown) => {
    await tools.close();
    throw error;
  });
  try {
    const journal = await (options.journal?.() ?? openJournal(config));
    return wired(config, options, { output, tools, connection, journal });
  } catch (error) {
    await tools.close();
    await connection.ref.engine.close();
    throw error;
  }
}

interface Parts {
  output: JsonSchema | undefined;
  tools: OpenTools;
  connection: Connection;
  journal: Journal;
}

function wired(config: Config, options: AssembleOptions, parts: Parts): Assembly {
  const { settings, workspace } = config;
  const { output, tools, connection, journal } = parts;
  const { log } = options;
  const engine = log === undefined ? connection.ref.engine : loggedEngine(connection.ref.engine, log);
  return {
    connection,
    notices: [
      ...connection.notices,
      ...withheldLine(entrusted(config, connection.ref.model, tools).withheld),
      ...tools.notices,
      ...nobodyLine(config, options.askUser),
    ],
    options: {
      model: { ...connection.ref, engine },
      ...adjustable(config),
      get tools() {
        return entrusted(config, connection.ref.model, tools).offered;
      },
      ...guardsOf(config, tools.tools),
      ...personAsked(config, options.askUser),
      approve: settings.approve === "ask" ? (options.ask ?? "ask") : settings.approve,
      journal,
      workspace,
      // The pocket model chooses best among few tools, and its results are short.
      artifacts: connection.ref.model !== POCKET,
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

/** The journal of the settings, where it is no database. */
export function openJournal(config: Pick<Config, "settings" | "paths">): Journal {
  const { journal } = config.settings;
  if (journal !== undefined && isDatabase(journal))
    throw new ConfigError("A journal in a database is opened by @hearth/server/postgres.", {
      remedy: "Use the `hearth` command, or pass the journal in.",
    });
  return journal === "none" ? memoryJournal() : sqliteJournal(journalFile(config));
}

/** The file of the journal, where it is not kept in memory. */
export function journalFile({ settings, paths }: Pick<Config, "settings" | "paths">): string {
  return settings.journal ?? join(paths.state, "journal.sqlite");
}
