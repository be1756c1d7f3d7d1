import { allTools, connectMcp, type McpTools, parseMcp } from "@hearth/tools";
import type { Tool } from "hearth";
import type { Config } from "../config/index.ts";
import { heedStop } from "../stop/index.ts";
import { chosenTools, moduleTools, toolboxOptions } from "./tools.ts";
import { widened } from "./widened.ts";

/** The tools of the settings, while they are held open. */
export interface OpenTools {
  /** As of now: servers may change theirs. A run that began keeps those it began with. */
  readonly tools: readonly Tool[];
  /** Those among them that are MCP servers'. */
  readonly served: readonly Tool[];
  /** What of the servers' tools was left out or renamed, in words. */
  readonly notices: readonly string[];
  /** Ends the servers. */
  close(): Promise<void>;
}

/** Names that the loop gives to tools of its own. */
const RESERVED = ["read_result", "ask_user", "find_tools"];

/**
 * The tools of a run with those of MCP servers, which stand beside those of the modules and never take another's name.
 * Commands are started in the folder that paths on the command line are meant from. While they are held, the user's emergency stop
 * reaches this process.
 * @throws UsageError for a server that can't be used, ConfigError where files may not be read outside the workspace as the settings say
 */
export async function openTools(config: Config, signal?: AbortSignal): Promise<OpenTools> {
  const { settings, workspace, folder } = config;
  const wide = await widened(config);
  const servers = settings.mcp.map((line) => {
    const server = parseMcp(line);
    return server.kind === "stdio" ? { ...server, cwd: folder } : server;
  });
  const modules = await moduleTools(config);
  let mcp: McpTools | undefined;
  if (servers.length > 0) {
    const names = [...allTools(toolboxOptions(config)), ...modules].map((tool) => tool.name);
    const stop = signal === undefined ? {} : { signal };
    mcp = await connectMcp({ servers, workspace, taken: [...names, ...RESERVED], ...stop });
  }
  const notices: string[] = wide === undefined ? [] : [wide];
  const unheed = heedStop(config.paths, process.argv.slice(2, 3).join(""), (text) => notices.push(text));
  const chosen = (): Tool[] => chosenTools(config, [...modules, ...(mcp?.tools ?? [])]);
  const close = async (): Promise<void> => {
    unheed();
    await mcp?.close();
  };
  try {
    // What can't be chosen is said at once.
    chosen();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    get tools() {
      return chosen();
    },
    get served() {
      return mcp?.tools ?? [];
    },
    get notices() {
      return [...notices, ...(mcp?.notices ?? [])];
    },
    close,
  };
}
