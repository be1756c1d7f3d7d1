import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isObject, type JsonObject, ToolError, type ToolResult, UsageError } from "hearth";
import { Group, LineReader } from "../children/index.ts";
import { findPython } from "./find-python.ts";

export interface PythonOptions {
  /** The interpreter, for example that of a virtual environment. Default: `python3` on PATH, outside the workspace. */
  python?: string;
  /** The folder whose programs are not trusted; no interpreter is taken from there. */
  workspace?: string;
  /** Folders that modules are imported from. Default: the folder of the file that is loaded. */
  roots?: readonly string[];
  /** Variables for the tools, beside the usual few. */
  env?: Readonly<Record<string, string>>;
  /** Folder the tools run in. Default: the current one. */
  cwd?: string;
  /** Milliseconds one call, or the loading of a module, may take. Default 60,000. */
  timeoutMs?: number;
}

export interface LoadRequest {
  kind: "registry" | "module";
  path: string;
  roots: readonly string[];
  names?: readonly string[];
  compat?: "ollama";
  init?: JsonObject;
}

export interface PythonTool {
  name: string;
  description: string;
  parameters: JsonObject;
  /** The tool in ollama-python's form, where it was asked for and can be had. */
  ollama?: JsonObject;
}

export interface PythonFault {
  name: string;
  /** Why it can't be used; absent for a tool that is switched off. */
  fault?: string;
}

const DEFAULT_TIMEOUT_MS = 60_000;
/** How long a cancelled call may take to end by itself before the child is killed. */
const CANCEL_MS = 250;
const STOP_MS = 300;
/** Bytes of one line: results are bounded in the child. */
const LINE_BYTES = 16 * 1024 * 1024;

/** A child, and who waits for its answers, by the number of the request. */
interface Child {
  group: Group;
  waiting: Map<number, Waiting>;
}

interface Waiting {
  resolve(answer: JsonObject): void;
  reject(error: Error): void;
}

/** The script: beside this file, or, in a build, in the package's sources. */
function script(): string {
  const near = fileURLToPath(new URL("./python/host.py", import.meta.url));
  return existsSync(near)
    ? near
    : fileURLToPath(new URL("../../src/bridges/python/host.py", import.meta.url));
}

/**
 * Python tools in a child process that speaks lines of JSON. Calls run one after the other; one that hangs, or that brings
 * the child down, costs that child, and the next call starts another and loads the tools again.
 */
export class PythonHost {
  readonly #options: PythonOptions;
  readonly #loads: LoadRequest[] = [];
  #child: Child | undefined;
  #ready: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #ids = 0;
  #closed = false;

  constructor(options: PythonOptions) {
    this.#options = options;
  }

  /** Process id of the child, while there is one. */
  get pid(): number | undefined {
    return this.#child?.group.pid;
  }

  /** Loads tools; they are called with the number given back. @throws UsageError where they can't be loaded */
  load(request: LoadRequest): Promise<{ number: number; tools: PythonTool[]; faults: PythonFault[] }> {
    return this.#next(async () => {
      await this.#alive();
      const number = this.#loads.length;
      const answer = await this.#loadOne(request, number);
      this.#loads.push(request);
      const { tools, faults } = answer;
      return {
        number,
        tools: (Array.isArray(tools) ? tools : []).flatMap((tool) => (isPythonTool(tool) ? [tool] : [])),
        faults: (Array.isArray(faults) ? faults : []).flatMap((fault) => (isFault(fault) ? [fault] : [])),
      };
    });
  }

  /** Runs a tool. What goes wrong in it is a failed result; the signal's reason is thrown. */
  call(load: number, name: string, args: JsonObject, signal?: AbortSignal): Promise<ToolResult> {
    return this.#next(async () => {
      signal?.throwIfAborted();
      await this.#alive();
      const id = ++this.#ids;
      const late = AbortSignal.timeout(this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      const stop = signal === undefined ? late : AbortSignal.any([signal, late]);
      const asked = this.#ask(id, { op: "call", tool: `${load}/${name}`, arguments: args });
      const answer = await this.#bounded(asked, id, stop);
      if (answer === "stopped") {
        signal?.throwIfAborted();
        const seconds = (this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS) / 1000;
        return { ok: false, content: `${name} did not finish within ${seconds} s and was stopped.` };
      }
      if (answer instanceof Error) {
        return {
          ok: false,
          content: `${answer.message} Whether ${name} took effect is unknown.`,
          details: { outcome: "unknown" },
        };
      }
      return { ok: answer["ok"] === true, content: String(answer["content"] ?? "") };
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    this.#child = undefined;
    await child?.group.stop(STOP_MS);
  }

  /** One after the other: a child that is killed for one call must not take another with it. */
  #next<T>(body: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(body, body);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** The answer, an error where the child ended, or "stopped" where it had to be. */
  async #bounded(
    asked: Promise<JsonObject>,
    id: number,
    stop: AbortSignal,
  ): Promise<JsonObject | Error | "stopped"> {
    const settled = asked.catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    const stopped = new Promise<"stopped">((resolve) => {
      if (stop.aborted) resolve("stopped");
      stop.addEventListener("abort", () => resolve("stopped"), { once: true });
    });
    const first = await Promise.race([settled, stopped]);
    if (first !== "stopped") return first;
    this.#write({ id: 0, op: "cancel", call: id });
    const ended = await Promise.race([
      settled,
      new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), CANCEL_MS)),
    ]);
    // A plain function can't be stopped from within: it ends with its process.
    if (ended === undefined || isHanging(ended)) this.#kill();
    return "stopped";
  }

  async #alive(): Promise<void> {
    if (this.#closed) throw new ToolError("The Python tools were closed.");
    if (this.#child === undefined) this.#ready = this.#start();
    await this.#ready;
  }

  async #start(): Promise<void> {
    const { python, workspace, env, cwd } = this.#options;
    const program = findPython(python, workspace);
    const group = new Group({
      program,
      args: ["-u", "-X", "utf8", script()],
      env: { PYTHONDONTWRITEBYTECODE: "1", ...env },
      cwd,
      stderrChars: 8192,
    });
    const child: Child = { group, waiting: new Map() };
    this.#child = child;
    const lines = new LineReader(
      LINE_BYTES,
      (line) => take(child, line),
      () => this.#kill(),
    );
    group.stdout.on("data", (chunk: Buffer) => lines.push(chunk));
    const over = (why: string): void => {
      if (this.#child === child) this.#child = undefined;
      const said = group.stderr.lines();
      const error = new ToolError(`The Python process ${why}${said === "" ? "" : `: ${said}`}.`);
      for (const { reject } of child.waiting.values()) reject(error);
      child.waiting.clear();
    };
    group.ended.then(
      // What it said last is still on its way.
      ({ code, signal }) => setTimeout(() => over(`ended with ${signal ?? `code ${code}`}`), 20),
      (error: unknown) => over(error instanceof Error ? error.message : String(error)),
    );
    for (const [number, request] of this.#loads.entries()) await this.#loadOne(request, number);
  }

  async #loadOne(request: LoadRequest, number: number): Promise<JsonObject> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const id = ++this.#ids;
    const asked = this.#ask(id, {
      op: "load",
      load: number,
      ...request,
      roots: [...request.roots],
      names: request.names === undefined ? null : [...request.names],
    });
    const answer = await this.#bounded(asked, id, AbortSignal.timeout(timeoutMs));
    const fault =
      answer === "stopped"
        ? `it did not load within ${timeoutMs / 1000} s`
        : answer instanceof Error
          ? answer.message
          : answer["fault"];
    if (typeof fault === "string") {
      this.#kill();
      throw new UsageError(
        `The Python tools of ${request.path} can't be loaded: ${fault.replace(/\.$/, "")}.`,
        {
          remedy: "Import the module by hand with the same python; `python` and `roots` choose where from.",
        },
      );
    }
    return isObject(answer) ? answer : {};
  }

  #ask(id: number, message: JsonObject): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      const child = this.#child;
      if (child === undefined) return reject(new ToolError("The Python process has ended."));
      child.waiting.set(id, { resolve, reject });
      this.#write({ id, ...message });
    });
  }

  #write(message: JsonObject): void {
    // Where the child has gone, `ended` says so to whoever waits.
    this.#child?.group.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #kill(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.group.kill();
  }
}

function take({ waiting }: Child, line: string): void {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    // Only the host script writes here: a broken line can come but from its end.
    return;
  }
  if (!isObject(message) || typeof message["id"] !== "number") return;
  const one = waiting.get(message["id"]);
  waiting.delete(message["id"]);
  one?.resolve(message);
}

/** A plain function goes on in its thread after its task was cancelled; the child says only that it stopped waiting. */
function isHanging(answer: JsonObject | Error): boolean {
  return !(answer instanceof Error) && answer["thread"] === true;
}

function isPythonTool(value: unknown): value is PythonTool & JsonObject {
  return (
    isObject(value) &&
    typeof value["name"] === "string" &&
    typeof value["description"] === "string" &&
    isObject(value["parameters"])
  );
}

function isFault(value: unknown): value is PythonFault & JsonObject {
  return isObject(value) && typeof value["name"] === "string";
}
