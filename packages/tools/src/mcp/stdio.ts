import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { isObject } from "hearth";
import { Group, LineReader, Tail } from "../children/index.ts";
import { MCP_LIMITS, MCP_TIMES, type StdioServer } from "./types.ts";

/** What still comes after the end of the process: it may have answered with its last breath. */
const DRAIN_MS = 50;
/** How long a process may live on that can't answer any more. */
const CLOSED_MS = 300;

/**
 * MCP over the stdin and stdout of a child process. The SDK's own ends only the process it started, reads without bound for a
 * broken line, and keeps nothing of stderr; this one ends the whole tree, and can say why a server died.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #server: StdioServer;
  readonly #noise = new Tail(1024);
  #group: Group | undefined;
  #noisy = 0;
  #closed = false;
  #why: string | undefined;

  constructor(server: StdioServer) {
    this.#server = server;
  }

  /** Why it is over, in words: what broke, the exit code, and the last that was said on stderr. */
  get why(): string | undefined {
    return this.#why;
  }

  get pid(): number | undefined {
    return this.#group?.pid;
  }

  start(): Promise<void> {
    const { program, args, env = {}, cwd } = this.#server;
    const group = new Group({ program, args, env, cwd, stderrChars: MCP_LIMITS.stderr });
    this.#group = group;
    const lines = new LineReader(
      MCP_LIMITS.messageBytes,
      (line) => this.#take(line),
      () => this.#break(`it sent a message of more than ${MCP_LIMITS.messageBytes / 1024 / 1024} MiB`),
    );
    group.stdout.on("data", (chunk: Buffer) => lines.push(chunk));
    // Where the process ends too, its exit code says more.
    group.stdout.once("end", () => setTimeout(() => this.#break("it closed its stdout"), CLOSED_MS).unref());
    return new Promise((resolve, reject) => {
      group.ended.then(
        ({ code, signal }) => {
          const drained = setTimeout(() => {
            this.#end(`it ended with ${signal ?? `code ${code ?? "unknown"}`}${this.#said()}`);
            reject(new Error(this.#why));
          }, DRAIN_MS);
          drained.unref();
        },
        (error: unknown) => {
          this.#end(error instanceof Error ? error.message : String(error));
          reject(error);
        },
      );
      if (group.pid !== undefined) resolve();
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    const group = this.#group;
    if (group === undefined || this.#closed) return Promise.reject(new Error("The server has ended."));
    return new Promise((resolve, reject) => {
      group.stdin.write(`${JSON.stringify(message)}\n`, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
  }

  async close(): Promise<void> {
    const group = this.#group;
    this.#end("it was closed");
    await group?.stop(MCP_TIMES.close);
  }

  #take(line: string): void {
    if (this.#closed || line.trim() === "") return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      this.#ignore(line);
      return;
    }
    // A batch (2025-03-26) is its messages, one after the other.
    for (const one of Array.isArray(value) ? value : [value]) {
      if (isMessage(one)) this.onmessage?.(one);
      else this.#ignore(line);
    }
  }

  /** Servers print greetings and logs where only messages belong: they are passed over, and told where it fails for them. */
  #ignore(line: string): void {
    this.#noisy++;
    this.#noise.push(`${line.slice(0, 200)}\n`);
    this.onerror?.(new Error("A line on stdout is no message of the protocol."));
  }

  #said(): string {
    const errors = this.#group?.stderr.lines() ?? "";
    if (errors !== "") return `; it said: ${errors}`;
    return this.#noisy === 0 ? "" : `; it printed: ${this.#noise.lines()}`;
  }

  /** What its stdout and stderr tell about a server that does not answer. */
  get hint(): string {
    return this.#said().replace(/^; /, "");
  }

  #break(why: string): void {
    this.#end(why);
    this.#group?.kill();
  }

  #end(why: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#why = why;
    this.#group?.stdout.destroy();
    this.onclose?.();
  }
}

function isMessage(value: unknown): value is JSONRPCMessage {
  if (!isObject(value) || value["jsonrpc"] !== "2.0") return false;
  const { id } = value;
  const named = typeof id === "string" || typeof id === "number";
  if (typeof value["method"] === "string") return id === undefined || named;
  return named && (isObject(value["result"]) || isObject(value["error"]));
}
