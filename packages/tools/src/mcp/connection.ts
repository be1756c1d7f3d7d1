import { pathToFileURL } from "node:url";
import type { Client, Progress, StandardSchemaV1, Transport } from "@modelcontextprotocol/client";
import { isObject, type JsonObject } from "hearth";
import {
  brief,
  McpConnectionError,
  McpOutcomeUnknownError,
  McpRequestError,
  neverSent,
  refused,
  statusOf,
} from "./failures.ts";
import { httpTransport } from "./http.ts";
import { ordered } from "./ordered.ts";
import { StdioTransport } from "./stdio.ts";
import { MCP_TIMES, type McpServer } from "./types.ts";

export interface ConnectionOptions {
  /** Told to the server as its root. */
  workspace: string;
  /** Called when it says that its tools have changed. */
  onChanged?: () => void;
  /** Milliseconds to connect. Default 60,000. */
  connectMs?: number;
  /** Waits between attempts; passed in for tests. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface RequestOptions {
  signal?: AbortSignal;
  /** Milliseconds; default 310,000, beyond what a tool may take. */
  timeoutMs?: number;
  onProgress?: (text: string) => void;
}

interface Live {
  client: Client;
  transport: Transport;
}

/** Waits before each new attempt to connect, in milliseconds: three attempts, then the call fails. */
const BACKOFF_MS: readonly number[] = [0, 300, 1200];
/** A server that dies this often in one connection's life is not started again. */
const MAX_RESTARTS = 10;

/** The result as it came: what of it is sound, `tools.ts` and `content.ts` decide piece by piece. */
const AS_IT_CAME: StandardSchemaV1<unknown, JsonObject> = {
  "~standard": {
    version: 1,
    vendor: "hearth",
    validate: (value) => ({ value: isObject(value) ? value : {} }),
  },
};

/**
 * One MCP server: connected when first needed, started anew when it died, a bounded number of times. A request that was
 * under way when it died is never repeated.
 */
export class McpConnection {
  readonly server: McpServer;
  readonly #options: ConnectionOptions;
  readonly #over = new AbortController();
  #live: Promise<Live> | undefined;
  #current: Live | undefined;
  #starts = 0;

  constructor(server: McpServer, options: ConnectionOptions) {
    this.server = server;
    this.#options = options;
  }

  /** What people call it. */
  get name(): string {
    return (
      this.server.name ??
      (this.server.kind === "http" ? new URL(this.server.url).hostname : this.server.program)
    );
  }

  /** What it calls itself, once connected. */
  get title(): string {
    return this.#current?.client.getServerVersion()?.name ?? this.name;
  }

  /** Process id of a server on stdio, while it runs. */
  get pid(): number | undefined {
    const transport = this.#current?.transport;
    return transport instanceof StdioTransport ? transport.pid : undefined;
  }

  /** Whether it offers this kind of thing, as far as it says. */
  offers(what: "tools" | "resources" | "prompts"): boolean {
    return this.#current?.client.getServerCapabilities()?.[what] !== undefined;
  }

  /** Connects, unless it is connected. @throws McpConnectionError */
  async connect(signal?: AbortSignal): Promise<void> {
    await this.#connected(signal);
  }

  /**
   * @throws McpRequestError what the server refused; McpOutcomeUnknownError where it went away meanwhile; McpConnectionError
   * where it could not be reached; the signal's reason
   */
  async request(method: string, params: JsonObject, options: RequestOptions = {}): Promise<JsonObject> {
    const { signal, timeoutMs = MCP_TIMES.call, onProgress } = options;
    for (let attempt = 0; ; attempt++) {
      const live = await this.#connected(signal);
      try {
        return await live.client.request({ method, params }, AS_IT_CAME, {
          timeout: timeoutMs,
          ...(signal === undefined ? {} : { signal }),
          ...(onProgress === undefined
            ? {}
            : { onprogress: (progress) => onProgress(progressText(progress)) }),
        });
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (refused(error)) throw new McpRequestError(`${brief(error)} (${error.code})`, { cause: error });
        if (neverSent(error)) {
          await this.#drop(live);
          if (attempt === 0) continue;
          throw this.#unreachable(error);
        }
        throw this.#lost(live, error, method, timeoutMs);
      }
    }
  }

  /** Ends the connection and, on stdio, the server with all that it started. */
  async close(): Promise<void> {
    if (this.#over.signal.aborted) return;
    this.#over.abort(new McpConnectionError(`The connection to ${this.name} was closed.`));
    const live = await this.#live?.catch(() => undefined);
    if (live !== undefined) await this.#drop(live);
  }

  async #connected(signal: AbortSignal | undefined): Promise<Live> {
    this.#over.signal.throwIfAborted();
    signal?.throwIfAborted();
    if (this.#live === undefined) {
      const starting = this.#start();
      this.#live = starting;
      starting.catch(() => {
        if (this.#live === starting) this.#live = undefined;
      });
    }
    return signal === undefined ? this.#live : untilAborted(this.#live, signal);
  }

  async #start(): Promise<Live> {
    const { sleep = wait } = this.#options;
    let last: unknown;
    for (const pause of BACKOFF_MS) {
      if (this.#starts > MAX_RESTARTS) break;
      // The first start is no repetition: a server that can't be started is told at once.
      if (pause > 0) await sleep(pause, this.#over.signal);
      this.#starts++;
      try {
        return await this.#open();
      } catch (error) {
        this.#over.signal.throwIfAborted();
        last = error;
        if (this.#starts === 1) break;
      }
    }
    throw this.#unreachable(last ?? new Error(`it was started ${this.#starts} times and died each time`));
  }

  async #open(): Promise<Live> {
    const { server } = this;
    if (server.kind === "stdio") return this.#either(() => new StdioTransport(server));
    try {
      return await this.#either(() => httpTransport(server, false));
    } catch (error) {
      const status = statusOf(error);
      // Servers of 2024 answer the first POST with 404 or 405, and speak HTTP with SSE.
      if (status === undefined || ![400, 404, 405].includes(status)) throw error;
      try {
        return await this.#handshake(await httpTransport(server, true), "legacy");
      } catch {
        throw error;
      }
    }
  }

  /** The handshake that every server up to 2025-11-25 knows; where that is refused, the one of 2026-07-28. */
  async #either(make: () => Transport | Promise<Transport>): Promise<Live> {
    try {
      return await this.#handshake(await make(), "legacy");
    } catch (error) {
      if (!refused(error) && statusOf(error) !== 400) throw error;
      return this.#handshake(await make(), "auto");
    }
  }

  async #handshake(transport: Transport, mode: "legacy" | "auto"): Promise<Live> {
    const { Client } = await import("@modelcontextprotocol/client");
    const { workspace, onChanged, connectMs = MCP_TIMES.connect } = this.#options;
    const client = new Client(
      { name: "hearth", version: "0.1.0" },
      { capabilities: { roots: {} }, versionNegotiation: { mode } },
    );
    client.setRequestHandler("roots/list", () => ({
      roots: [{ uri: pathToFileURL(workspace).href, name: "workspace" }],
    }));
    client.setNotificationHandler("notifications/tools/list_changed", () => onChanged?.());
    // Noise, unknown messages: what matters of them ends a request.
    client.onerror = () => undefined;
    const live: Live = { client, transport };
    client.onclose = () => this.#forget(live);
    const over = AbortSignal.any([this.#over.signal, AbortSignal.timeout(connectMs)]);
    try {
      await client.connect(ordered(transport), { timeout: connectMs, signal: over });
    } catch (error) {
      const why = transport instanceof StdioTransport ? (transport.why ?? transport.hint) : "";
      await transport.close().catch(() => undefined);
      const hint = why === "" || why === "it was closed" ? "" : `: ${why}`;
      throw over.aborted && !this.#over.signal.aborted
        ? new Error(`it did not answer within ${connectMs / 1000} s${hint}`, { cause: error })
        : hint === ""
          ? error
          : new Error(hint.slice(2), { cause: error });
    }
    this.#current = live;
    return live;
  }

  #forget(live: Live): void {
    if (this.#current !== live) return;
    this.#current = undefined;
    this.#live = undefined;
  }

  async #drop(live: Live): Promise<void> {
    this.#forget(live);
    await live.client.close().catch(() => undefined);
    await live.transport.close().catch(() => undefined);
  }

  #unreachable(error: unknown): McpConnectionError {
    const status = statusOf(error);
    const login = status === 401 || status === 403;
    return new McpConnectionError(`The MCP server ${this.name} can't be used: ${brief(error)}`, {
      cause: error,
      remedy: login
        ? 'Add a header with a key: --mcp "URL Authorization:$TOKEN_VARIABLE".'
        : this.server.kind === "http"
          ? "Check its URL, and that it runs."
          : "Run its command by hand to see what it needs.",
    });
  }

  #lost({ transport }: Live, error: unknown, method: string, timeoutMs: number): McpConnectionError {
    const late = error instanceof Error && "code" in error && error.code === "REQUEST_TIMEOUT";
    const why = transport instanceof StdioTransport ? (transport.why ?? transport.hint) : "";
    const told = late ? `it did not answer within ${timeoutMs / 1000} s` : why === "" ? brief(error) : why;
    if (method !== "tools/call") return this.#unreachable(new Error(`${method}: ${told}`, { cause: error }));
    return new McpOutcomeUnknownError(
      `The MCP server ${this.name} went away during this call (${told}). Whether the call took effect is unknown`,
      { cause: error, remedy: "It was not repeated. Look at the state first, then decide." },
    );
  }
}

function progressText({ progress, total, message }: Progress): string {
  const share = total === undefined ? `${progress}` : `${progress}/${total}`;
  return message === undefined || message === "" ? `${share}\n` : `${share} ${message.slice(0, 500)}\n`;
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
