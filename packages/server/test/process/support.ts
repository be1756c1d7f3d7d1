/** A real `hearth serve` in a process of its own, over an engine that says what a test wants. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const SHARED = process.env["HEARTH_SHARED"] ?? join(ROOT, "../shared");
const MOCK = join(SHARED, "checks/mock_engine.mjs");

/** Why these tests are skipped, or false. */
export const skip: string | false = existsSync(MOCK) ? false : `${MOCK} is not there`;

/** What the engine answers to one request (mock_engine.mjs says which fields there are). */
export interface Turn {
  text?: string;
  thinking?: string;
  calls?: { name: string; args?: object; raw?: string; id?: string }[];
  gapMs?: number;
  textChunk?: number;
  delayMs?: number;
  hang?: boolean;
  status?: number;
  body?: object;
  finish?: string;
  cut?: string;
  promptTokens?: number;
}

export interface EngineRequest {
  model?: string;
  messages?: { role: string; content: unknown; tool_calls?: unknown; images?: unknown }[];
  tools?: unknown[];
  format?: unknown;
  think?: unknown;
  options?: Record<string, unknown>;
}

export interface Chat {
  body: EngineRequest;
  closedAbs?: number;
  closedEarly?: boolean;
}

export interface Engine {
  url: string;
  chats: Chat[];
  reset(): void;
  close(): Promise<void>;
}

export type Turns = (body: EngineRequest, n: number) => Turn;

export interface Service extends AsyncDisposable {
  url: string;
  token: string;
  engine: Engine;
  /** Ends the process as `kill` does, and starts another on the same journal and engine. */
  restart(): Promise<void>;
  /** Memory of the process in MB. */
  rssMb(): number;
}

const DROPPED = /^(HEARTH_|OLLAMA_|OPENAI_|ANTHROPIC_|npm_|XDG_|MODEL_NAME$|DEBUG$|INIT_CWD$|[A-Z_]*proxy$)/i;

const TOOLS = `/** Add two numbers. @param a one @param b the other @effect none */
export function add(a: number, b: number): number { return a + b; }
/** Send a letter. @param to whom @effect once */
export function send_letter(to: string): string { return "sent to " + to; }
/** Wait a while. @param ms milliseconds @effect none */
export function pause(ms: number): Promise<string> { return new Promise((resolve) => setTimeout(() => resolve("rested"), ms)); }
`;

/** A scripted engine that speaks Ollama's wire. */
export async function startEngine(turns: Turns, scenario: object = {}): Promise<Engine> {
  const mock: { startEngine(scenario: object): Promise<Engine> } = await import(MOCK);
  return mock.startEngine({ kind: "ollama", window: 16384, turns, ...scenario });
}

/** @param args more arguments of `hearth serve`, `env` more of its environment */
export async function startService(
  turns: Turns,
  {
    args = [],
    scenario = {},
    env = {},
  }: { args?: string[]; scenario?: object; env?: Record<string, string> } = {},
): Promise<Service> {
  const engine = await startEngine(turns, scenario);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "hearth-serve-")));
  writeFileSync(join(folder, "tools.ts"), TOOLS);
  const common = ["--engine", engine.url, "--wire", "ollama", "--model", "mock", "--workspace", folder];
  const own = ["--tool-module", join(folder, "tools.ts"), "--tools", "none"];
  const journal = ["--journal", join(folder, "journal.sqlite")];
  const launch = () => startServer([...common, ...own, ...journal, ...args], folder, env);
  let server = await launch().catch(async (error) => {
    await engine.close();
    throw error;
  });
  const service: Service = {
    url: server.url,
    token: server.token,
    engine,
    async restart() {
      await end(server.child, "SIGKILL");
      server = await launch();
      service.url = server.url;
      service.token = server.token;
    },
    rssMb: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, "utf8"))?.[1]) / 1024,
    async [Symbol.asyncDispose]() {
      await end(server.child, "SIGTERM");
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return service;
}

export interface Server {
  child: ChildProcess;
  url: string;
  token: string;
}

/** A `hearth serve` with these arguments. */
export function startServer(
  args: string[],
  home: string,
  more: Record<string, string> = {},
): Promise<Server> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !DROPPED.test(name)));
  const main = join(ROOT, "packages/cli/src/main.ts");
  const child = spawn(
    process.execPath,
    ["--conditions=@hearth/source", main, "serve", "--json", "--port", "0", ...args],
    { cwd: home, env: { ...env, HOME: home, HEARTH_DRAIN: "0", ...more }, stdio: ["ignore", "pipe", "pipe"] },
  );
  return new Promise((resolve, reject) => {
    let out = "";
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      out += chunk;
      if (!out.includes("\n")) return;
      const { url, token } = JSON.parse(out.slice(0, out.indexOf("\n"))) as { url: string; token: string };
      resolve({ child, url, token });
    });
    child.once("exit", (code) => reject(new Error(`hearth serve ended with ${code}: ${said}`)));
  });
}

export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await gone;
}

/** Text of the newest message, or of its parts. */
export function lastText({ messages = [] }: EngineRequest): string {
  const content = messages.at(-1)?.content;
  return typeof content === "string" ? content : JSON.stringify(content);
}

/** Waits until it holds; raises after `ms`. */
export async function until(holds: () => boolean, ms = 5000): Promise<void> {
  const began = Date.now();
  while (!holds()) {
    if (Date.now() - began > ms) throw new Error("It did not come about in time.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
