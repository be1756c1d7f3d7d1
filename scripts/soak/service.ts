/** The service under load: a real `hearth serve` in a process of its own, and its engine in another. */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** The user's own settings have no part in it. */
const DROPPED = /^(HEARTH_|OLLAMA_|OPENAI_|OTEL_|npm_|XDG_|MODEL_NAME$|DEBUG$|INIT_CWD$|[A-Z_]*proxy$)/i;

/** SIGUSR2 collects garbage, so that the heap that is measured is the live one. */
const COLLECT = "data:text/javascript,process.on('SIGUSR2',()=>globalThis.gc())";

const TOOLS = `/** Add two numbers. @param a one @param b the other @effect none */
export function add(a: number, b: number): number { return a + b; }
/** Send a letter. @param to whom @effect once */
export function send_letter(to: string): string { return "sent to " + to; }
`;

export interface Service {
  url: string;
  token: string;
  pid: number;
  /** Lines of its log that tell of a fault: level error. */
  faults: string[];
  /** Ends it as systemd does; gives its exit code. */
  stop(): Promise<number | null>;
}

export interface Engine {
  url: string;
  stop(): void;
}

export async function startEngine(): Promise<Engine> {
  const child = spawn(process.execPath, [join(ROOT, "scripts/soak/engine.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { url: await firstLine(child), stop: () => void child.kill("SIGKILL") };
}

/** @param folder holds workspace and journal, over restarts */
export async function startService(
  folder: string,
  engine: string,
  more: readonly string[],
): Promise<Service> {
  const tools = join(folder, "tools.ts");
  writeFileSync(tools, TOOLS);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !DROPPED.test(name)));
  const args = ["serve", "--json", "--port", "0", "--engine", engine, "--wire", "ollama", "--model", "mock"];
  const own = [
    "--workspace",
    folder,
    "--tool-module",
    tools,
    "--approve",
    "auto",
    "--log",
    "json",
    "--log-level",
    "warn",
  ];
  const main = join(ROOT, "packages/cli/src/main.ts");
  const child = spawn(
    process.execPath,
    ["--conditions=@hearth/source", "--expose-gc", "--import", COLLECT, main, ...args, ...own, ...more],
    {
      cwd: folder,
      // As the unit and the image start it: else young garbage hides what grows.
      env: { ...env, HOME: folder, NODE_OPTIONS: "--max-semi-space-size=8 --max-old-space-size=1024" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const faults: string[] = [];
  let rest = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    // What is no entry of the log is a fault too: a stack of the runtime.
    for (const line of lines)
      if (/"level":"error"|^\s+at |^\w*Error/.test(line) && faults.length < 50) faults.push(line);
  });
  const { url, token } = JSON.parse(await firstLine(child)) as { url: string; token: string };
  return {
    url,
    token,
    pid: child.pid ?? 0,
    faults,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) resolve(child.exitCode);
        child.once("exit", (code) => resolve(code));
        child.kill("SIGTERM");
      }),
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      out += chunk;
      const end = out.indexOf("\n");
      if (end >= 0) resolve(out.slice(0, end));
    });
    child.once("exit", (code) => reject(new Error(`it ended with ${code} before it was ready`)));
  });
}
