import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { JsonObject, ToolResult } from "hearth";
import { normalizeResult, type Tool } from "hearth";
import { connectMcp, type McpOptions, type McpTools, type StdioServer } from "../../src/mcp/index.ts";
import { tempFolder } from "../helpers.ts";

const FIXTURE = fileURLToPath(new URL("./mcp-fixture.ts", import.meta.url));

/** The server that misbehaves as `mode` says. */
export function fixture(mode: string, log = ""): StdioServer & { name: string } {
  return { kind: "stdio", program: process.execPath, args: [FIXTURE, mode, log], name: "fixture" };
}

/** A connected fixture, with the lines it wrote to its log. */
export interface Fixture extends McpTools, AsyncDisposable {
  log(): string[];
  folder: string;
}

export async function connected(mode: string, options: Partial<McpOptions> = {}): Promise<Fixture> {
  const folder = tempFolder();
  const log = `${folder.path}/log`;
  try {
    const set = await connectMcp({ servers: [fixture(mode, log)], workspace: folder.path, ...options });
    return {
      get tools() {
        return set.tools;
      },
      get notices() {
        return set.notices;
      },
      connections: set.connections,
      refresh: set.refresh,
      close: set.close,
      folder: folder.path,
      log: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
      async [Symbol.asyncDispose]() {
        await set.close();
        folder[Symbol.dispose]();
      },
    };
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
}

export interface CallOptions {
  signal?: AbortSignal;
  output?: (text: string) => void;
}

export async function callTool(
  tools: readonly Tool[],
  name: string,
  args: JsonObject = {},
  { signal = new AbortController().signal, output = () => undefined }: CallOptions = {},
): Promise<ToolResult & { ok: boolean }> {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no tool ${name} in ${tools.map((one) => one.name).join(", ")}`);
  return normalizeResult(await tool.run(args, { signal, output, runId: "r", callId: "c", workspace: "/" }));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Waits until it is so; false after two seconds. */
export async function soon(so: () => boolean): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    if (so()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return so();
}
