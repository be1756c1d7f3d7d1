import { type Tool, UsageError } from "hearth";
import { McpConnection } from "./connection.ts";
import { freeName } from "./names.ts";
import { resourceTool } from "./resources.ts";
import { serverTools } from "./tools.ts";
import type { McpServer } from "./types.ts";

export interface McpOptions {
  servers: readonly McpServer[];
  /** Told to servers as their root; they are started in their own `cwd`. */
  workspace: string;
  /** Names of tools that are there already: no server's tool can take their place. */
  taken?: readonly string[];
  /** Milliseconds to connect. Default 60,000. */
  connectMs?: number;
  signal?: AbortSignal;
}

/** Servers that are connected, and their tools. */
export interface McpTools {
  /** Tools as of now. A run takes them at its start; a list that changed meanwhile counts for the next. */
  readonly tools: readonly Tool[];
  /** What was left out, renamed or cut, in words. */
  readonly notices: readonly string[];
  readonly connections: readonly McpConnection[];
  /** Reads the lists again; concurrent calls share one reading. */
  refresh(signal?: AbortSignal): Promise<void>;
  /** Ends all connections and the processes behind them. */
  close(): Promise<void>;
}

/**
 * Connects to servers, all at once, and reads what they offer.
 * @throws UsageError naming the first that can't be used; the others are ended then
 */
export async function connectMcp(options: McpOptions): Promise<McpTools> {
  const { servers, workspace, taken = [], connectMs, signal } = options;
  let tools: readonly Tool[] = [];
  let notices: readonly string[] = [];
  let reading: Promise<void> | undefined;
  let closed = false;

  const connections = servers.map(
    (server) =>
      new McpConnection(server, {
        workspace,
        // A failure here leaves the lists as they were; the next refresh says why.
        onChanged: () => void refresh().catch(() => undefined),
        ...(connectMs === undefined ? {} : { connectMs }),
      }),
  );

  const close = async (): Promise<void> => {
    closed = true;
    await Promise.all(connections.map((connection) => connection.close()));
  };

  const read = async (stop: AbortSignal | undefined): Promise<void> => {
    const found: Tool[] = [];
    const said: string[] = [];
    for (const connection of connections) {
      await connection.connect(stop);
      const listed = await serverTools(connection, [...taken, ...found.map((tool) => tool.name)], stop);
      found.push(...listed.tools);
      said.push(...listed.notices);
    }
    const names = [...taken, ...found.map((tool) => tool.name)];
    const reader = await resourceTool(connections, freeName("read_resource", "mcp", names), stop);
    if (reader !== undefined) found.push(reader);
    tools = found;
    notices = said;
  };

  async function refresh(stop?: AbortSignal): Promise<void> {
    if (closed) return;
    reading ??= read(stop).finally(() => {
      reading = undefined;
    });
    await reading;
  }

  try {
    await Promise.all(connections.map((connection) => connection.connect(signal)));
    await refresh(signal);
  } catch (error) {
    await close();
    signal?.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    const remedy = "remedy" in error && typeof error.remedy === "string" ? { remedy: error.remedy } : {};
    throw new UsageError(error.message, { cause: error, ...remedy });
  }
  return {
    get tools() {
      return tools;
    },
    get notices() {
      return notices;
    },
    connections,
    refresh,
    close,
  };
}
