/** What the proof of operations runs: a `hearth serve` in a process of its own, an engine that can go away, servers that can hang. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const DROPPED =
  /^(HEARTH_|OLLAMA_|OPENAI_|OTEL_|TRACE|npm_|XDG_|MODEL_NAME$|DEBUG$|INIT_CWD$|[A-Z_]*proxy$)/i;
export const JSON_TYPE = { "content-type": "application/json" };

export const folder = mkdtempSync(join(tmpdir(), "hearth-operations-"));
const servers: Server[] = [];

/** A server on loopback; gives its URL. */
export async function listen(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer({ keepAliveTimeout: 0 }, answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An engine on Ollama's wire: one word every 20 ms, `words` of them; keeps the trace context it was given. */
export const engine = { up: true, words: 5, traceparents: [] as (string | undefined)[] };
const engineUrl = await listen((req, res) => {
  if (!engine.up) return void res.destroy();
  const json = (value: object): void => void res.writeHead(200, JSON_TYPE).end(JSON.stringify(value));
  const details = { family: "qwen2", parameter_size: "7B", quantization_level: "Q4_K_M" };
  if (req.url === "/api/version") return json({ version: "0.21.0" });
  if (req.url === "/api/tags")
    return json({
      models: [{ name: "mock", model: "mock", size: 1, details, capabilities: ["completion", "tools"] }],
    });
  if (req.url === "/api/ps")
    return json({ models: [{ name: "mock", model: "mock", size: 1, context_length: 16_384 }] });
  if (req.url === "/api/show") {
    const info = { "general.architecture": "qwen2", "qwen2.context_length": 32_768 };
    return json({
      capabilities: ["completion", "tools"],
      details,
      model_info: info,
      template: "{{ .Prompt }}{{ .Tools }}",
    });
  }
  engine.traceparents.push(req.headers["traceparent"]?.toString());
  let left = engine.words;
  const line = (content: string, done: boolean): string =>
    `${JSON.stringify({ model: "mock", message: { role: "assistant", content }, done, ...(done ? { done_reason: "stop", prompt_eval_count: 5000, eval_count: engine.words } : {}) })}\n`;
  const timer = setInterval(() => {
    if (left-- > 0) res.write(line("word ", false));
    else {
      clearInterval(timer);
      res.end(line("", true));
    }
  }, 20);
  res.on("close", () => clearInterval(timer));
  return undefined;
});

export interface Service {
  url: string;
  token: string;
  child: ChildProcess;
  log: Record<string, unknown>[];
  exit: Promise<number | null>;
}

export async function start(
  env: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<Service> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !DROPPED.test(name)));
  const common = [
    "--engine",
    engineUrl,
    "--wire",
    "ollama",
    "--model",
    "mock",
    "--workspace",
    folder,
    "--tools",
    "none",
  ];
  const child = spawn(
    process.execPath,
    [
      "--conditions=@hearth/source",
      MAIN,
      "serve",
      "--json",
      "--port",
      "0",
      "--log",
      "json",
      "--parallel",
      "4",
      ...common,
      ...args,
    ],
    { cwd: folder, env: { ...own, HOME: folder, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const log: Service["log"] = [];
  let rest = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines)
      log.push(line.startsWith("{") ? (JSON.parse(line) as Record<string, unknown>) : { plain: line });
  });
  const exit = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const first = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").once("data", resolve);
    void exit.then((code) => reject(new Error(`hearth serve ended with ${code}: ${JSON.stringify(log)}`)));
  });
  return {
    ...(JSON.parse(first.slice(0, first.indexOf("\n"))) as { url: string; token: string }),
    child,
    log,
    exit,
  };
}

export const post = (url: string, path: string, body: object, headers = {}): Promise<Response> =>
  fetch(url + path, { method: "POST", headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) });
export const ask = (url: string): Promise<Response> =>
  post(url, "/v1/chat/completions", { model: "mock", messages: [{ role: "user", content: "Hi." }] });
export async function background(url: string): Promise<string> {
  return (
    (await (await post(url, "/agent", { input: "Go on, marlin.", background: true })).json()) as {
      runId: string;
    }
  ).runId;
}
export async function view(url: string, id: string): Promise<{ status: string; stopReason?: string }> {
  return (await (await fetch(`${url}/agent/runs/${id}`)).json()) as { status: string; stopReason?: string };
}
export async function until(holds: () => boolean | Promise<boolean>, ms = 10_000): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; ) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

/** Ends all servers and forgets the folder. */
export function clear(): void {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
}
