import { PassThrough, type Readable, type Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { CallToolResult, Server, ServerContext, Tool as WireTool } from "@modelcontextprotocol/server";
import {
  checkArguments,
  isObject,
  nearestNames,
  normalizeResult,
  type Tool,
  type ToolContext,
  type ToolResult,
} from "hearth";
import { brief } from "./failures.ts";
import { type Admitted, Gate, type GateOptions } from "./gate.ts";
import { ProgressSender } from "./progress.ts";

export interface McpServerOptions extends GateOptions {
  tools: readonly Tool[];
  /** The folder that tools work in, absolute. */
  workspace: string;
  /** Milliseconds one call may take. Default 60,000. */
  toolTimeoutMs?: number;
  /** Calls that run at the same time; further ones wait. Default 5. */
  maxParallel?: number;
  /** Told to clients. */
  version: string;
  /** What went wrong beside the calls themselves. */
  log?(text: string): void;
}

export interface ServeMcpOptions extends McpServerOptions {
  input: Readable;
  output: Writable;
  signal: AbortSignal;
}

/** Hearth's tools as servers of the SDK, one a connection. */
export interface ToolServers {
  make(): Server;
  /** Resolves when all calls are answered. */
  idle(): Promise<void>;
  /** Stops all calls. */
  stop(): void;
}

/** Characters of one result that are sent. */
const MAX_RESULT = 1_000_000;
/** How long calls may still take when the client has closed its end. */
const LAST_ANSWERS_MS = 1500;

/** Makes servers of tools, for any transport of the SDK. */
export async function toolServers(options: McpServerOptions): Promise<ToolServers> {
  const { Server } = await import("@modelcontextprotocol/server");
  const caller = new Caller(options);
  return {
    make() {
      const server = new Server(
        { name: "hearth", version: options.version },
        { capabilities: { tools: {} } },
      );
      server.setRequestHandler("tools/list", () => ({ tools: options.tools.map(wireTool) }));
      server.setRequestHandler("tools/call", ({ params }, context) =>
        caller.call(params.name, params.arguments, context),
      );
      server.onerror = (error) => options.log?.(`mcp: ${brief(error)}`);
      return server;
    },
    idle: () => caller.idle(),
    stop: () => caller.stop(),
  };
}

/**
 * Serves tools over MCP on a pair of streams until the client closes its end, or the signal fires. Both protocols are
 * spoken: `initialize` (up to 2025-11-25) and the stateless one of 2026-07-28.
 */
export async function serveMcp(options: ServeMcpOptions): Promise<void> {
  const { serveStdio, StdioServerTransport } = await import("@modelcontextprotocol/server/stdio");
  const { input, output, signal, log } = options;
  const servers = await toolServers(options);
  // The SDK drops what is under way when its input ends; whoever pipes requests in still wants the answers.
  const held = new PassThrough();
  input.pipe(held, { end: false });
  const transport = new StdioServerTransport(held, output);
  const handle = serveStdio(servers.make, { transport, onerror: (error) => log?.(`mcp: ${brief(error)}`) });
  try {
    const left = await new Promise<boolean>((resolve) => {
      for (const event of ["end", "close", "error"]) input.once(event, () => resolve(true));
      output.once("error", () => resolve(false));
      if (signal.aborted) resolve(false);
      signal.addEventListener("abort", () => resolve(false), { once: true });
    });
    if (left) await Promise.race([servers.idle(), sleep(LAST_ANSWERS_MS, undefined, { ref: false })]);
  } finally {
    servers.stop();
    held.destroy();
    await handle.close();
  }
}

/** A tool as clients see it; the hints follow from what it declares. */
export function wireTool(tool: Tool): WireTool {
  const effect = tool.effect ?? "once";
  return {
    name: tool.name,
    description: tool.description,
    inputSchema: { ...tool.parameters, type: "object" },
    annotations: {
      readOnlyHint: effect === "none",
      destructiveHint: effect !== "none",
      idempotentHint: effect !== "once",
      openWorldHint: tool.egress ?? true,
    },
  };
}

/** Runs the calls of clients: known tool, valid arguments, policy, a free slot, the tool in its own boundary. */
class Caller {
  readonly #options: McpServerOptions;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #over = new AbortController();
  readonly #waiting: (() => void)[] = [];
  readonly #gate: Gate;
  #running = 0;
  #open = 0;
  #calls = 0;

  constructor(options: McpServerOptions) {
    this.#options = options;
    this.#tools = new Map(options.tools.map((tool) => [tool.name, tool]));
    this.#gate = new Gate(options);
  }

  stop(): void {
    this.#over.abort(new Error("The server is closing."));
  }

  /** Resolves when all calls are answered. */
  async idle(): Promise<void> {
    // What was read last is not a call yet.
    await sleep(20);
    while (this.#open > 0) await sleep(5);
  }

  async call(name: string, given: unknown, context: ServerContext): Promise<CallToolResult> {
    this.#open++;
    try {
      return await this.#answer(name, given, context);
    } finally {
      this.#open--;
    }
  }

  async #answer(name: string, given: unknown, { mcpReq }: ServerContext): Promise<CallToolResult> {
    const tool = this.#tools.get(name);
    if (tool === undefined) return failure(unknownTool(name, [...this.#tools.keys()]));
    const checked = checkArguments(tool.parameters, given ?? {});
    if (!checked.ok) return failure(`${name} was not run. ${checked.message}`);
    const callId = `mcp-${++this.#calls}`;
    const admitted = await this.#gate.admit(tool, checked.value, callId);
    if (typeof admitted === "string") return failure(admitted);
    const { signal } = mcpReq;
    const token = mcpReq._meta?.progressToken;
    const progress =
      token === undefined
        ? undefined
        : new ProgressSender((text, count) =>
            mcpReq.notify({
              method: "notifications/progress",
              params: { progressToken: token, progress: count, message: text },
            }),
          );
    await this.#slot(signal);
    try {
      const call = { tool, arguments: checked.value, callId, admitted };
      const result = await this.#run(call, signal, (text) => progress?.push(text));
      await admitted.over(result);
      return wireResult(result);
    } finally {
      progress?.end();
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  /** Resolves when the call may begin. */
  async #slot(signal: AbortSignal): Promise<void> {
    while (this.#running >= (this.#options.maxParallel ?? 5)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (signal.aborted) {
        this.#waiting.shift()?.();
        throw signal.reason;
      }
    }
    this.#running++;
  }

  async #run(
    { tool, arguments: args, callId, admitted }: Call,
    cancel: AbortSignal,
    output: (text: string) => void,
  ): Promise<ToolResult & { ok: boolean }> {
    const { workspace, toolTimeoutMs = 60_000, halt } = this.#options;
    const timeoutMs = Math.min(tool.timeoutMs ?? toolTimeoutMs, toolTimeoutMs);
    const late = AbortSignal.timeout(timeoutMs);
    const halted = new AbortController();
    const unsubscribe = halt?.subscribe((reason) => halted.abort(new Error(reason)));
    const signal = AbortSignal.any([cancel, late, this.#over.signal, halted.signal]);
    const { taint } = this.#gate;
    const context: ToolContext = {
      signal,
      runId: "mcp",
      callId,
      workspace,
      output,
      taint,
      addTaint: (more) => admitted.addTaint(more),
    };
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    stopped.catch(() => undefined);
    try {
      const running = (async () => tool.run(args, context))();
      running.catch(() => undefined);
      return normalizeResult(await Promise.race([running, stopped]));
    } catch (error) {
      if (late.aborted && !cancel.aborted)
        return failed(`${tool.name} did not finish within ${timeoutMs / 1000} s and was stopped.`);
      if (cancel.aborted) return failed("Stopped: the call was cancelled.");
      const remedy = isObjectWithRemedy(error) ? ` ${error.remedy}` : "";
      return failed(`Error: ${error instanceof Error ? error.message : String(error)}${remedy}`);
    } finally {
      unsubscribe?.();
    }
  }
}

interface Call {
  tool: Tool;
  arguments: ToolArguments;
  callId: string;
  admitted: Admitted;
}

function wireResult({ ok, content, details }: ToolResult & { ok: boolean }): CallToolResult {
  return {
    content: [{ type: "text", text: shortened(content.toWellFormed()) }],
    isError: !ok,
    ...(details === undefined ? {} : { _meta: { "hearth/details": details } }),
  };
}

const failed = (content: string): { ok: false; content: string } => ({ ok: false, content });

type ToolArguments = Parameters<Tool["run"]>[0];

function isObjectWithRemedy(error: unknown): error is { remedy: string } {
  return (isObject(error) || error instanceof Error) && "remedy" in error && typeof error.remedy === "string";
}

function failure(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

function unknownTool(name: string, known: readonly string[]): string {
  const near = nearestNames(name, known);
  const shown =
    near.length > 0 ? `Nearest: ${near.join(", ")}.` : `There are: ${known.slice(0, 30).join(", ")}.`;
  return `There is no tool "${name.slice(0, 80)}". ${known.length === 0 ? "No tool is offered." : shown}`;
}

function shortened(text: string): string {
  if (text.length <= MAX_RESULT) return text;
  const half = MAX_RESULT / 2;
  const left = (text.length - MAX_RESULT).toLocaleString("en-US");
  return `${text.slice(0, half)}\n[… ${left} characters left out …]\n${text.slice(-half)}`.toWellFormed();
}
