/**
 * The service as a gateway to an engine, beside LiteLLM's proxy (one worker, no callbacks, no database) in the same run: CPU a
 * request at 16 at once, added latency at 1, memory. Each in a process of its own, passes interleaved, the least of each counted.
 * `node --conditions=@hearth/source bench/gateway.ts [REQUESTS [PASSES]]` prints one JSON value and exits 1 where a goal is missed.
 * LiteLLM is installed into `.bench/litellm` at the first run. Reads `/proc`: Linux only.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const LITELLM = "litellm[proxy]==1.106.2";
const AT_ONCE = 16;
/** Against LiteLLM; what is added, in milliseconds. */
const GOALS = { plainCpu: 1 / 20, streamedCpu: 1 / 50, addedP50Ms: 1.5, memory: 1 / 2 };
/** As the units of `deploy/` start it, from the built packages. */
const NODE_FLAGS = ["--max-semi-space-size=8", "--max-old-space-size=1024"];
const KEY = `sk-${randomBytes(32).toString("hex")}`;
const TICK_MS = 1000 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
const [requests = 1000, passes = 5] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "hearth-gateway-"));
const children: ChildProcess[] = [];

interface Contestant {
  url: string;
  pid: number;
}

type Form = "plain" | "streamed";

const PROMPT = "Say what you know of the tides, and be brief about it. ".repeat(14);

function body(form: Form): string {
  const messages = [
    { role: "system", content: "You answer in one paragraph." },
    { role: "user", content: PROMPT },
  ];
  return JSON.stringify({ model: "bench", messages, ...(form === "streamed" ? { stream: true } : {}) });
}

/** One request to its end; milliseconds. */
function ask(url: string, form: Form, agent: http.Agent): Promise<number> {
  const began = performance.now();
  const json = body(form);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(json),
    authorization: `Bearer ${KEY}`,
  };
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}/v1/chat/completions`, { method: "POST", headers, agent });
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200 && text.includes("piece number 19"))
          resolve(performance.now() - began);
        else reject(new Error(`${response.statusCode} from ${url}: ${text.slice(0, 300)}`));
      });
    });
    request.end(json);
  });
}

async function load(url: string, form: Form, count: number, atOnce: number): Promise<number[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: atOnce });
  const times: number[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) times.push(await ask(url, form, agent));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  agent.destroy();
  return times.sort((a, b) => a - b);
}

/** CPU of a process and of those it waited for, in milliseconds. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ").map(Number);
  return (fields[11]! + fields[12]! + fields[13]! + fields[14]!) * TICK_MS;
}

function rssMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

function start(command: string, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    cwd: folder,
  });
  children.push(child);
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${child.spawnargs.slice(0, 4).join(" ")} … ended with ${code} before it was ready.`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout!), "line"), ended]);
  return String(line);
}

async function startHearth(upstream: string): Promise<Contestant> {
  const root = new URL("..", import.meta.url).pathname;
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-b", join(root, "tsconfig.build.json")]);
  const main = join(root, "packages/cli/dist/main.js");
  const flags = [
    "--engine",
    `${upstream}/v1`,
    "--wire",
    "openai",
    "--model",
    "bench",
    "--parallel",
    "64",
    "--max-queue",
    "256",
  ];
  const child = start(
    process.execPath,
    [...NODE_FLAGS, main, "serve", "--port", "0", "--json", "--workspace", folder, ...flags],
    { HOME: folder, XDG_STATE_HOME: folder },
  );
  child.stderr!.pipe(process.stderr);
  return { url: JSON.parse(await firstLine(child)).url, pid: child.pid! };
}

async function startLiteLlm(upstream: string): Promise<Contestant> {
  const venv = new URL("../.bench/litellm", import.meta.url).pathname;
  if (!existsSync(join(venv, "bin/litellm"))) {
    console.error(`installing ${LITELLM} …`);
    mkdirSync(venv, { recursive: true });
    execFileSync("python3", ["-m", "venv", venv]);
    execFileSync(join(venv, "bin/pip"), ["install", "--quiet", LITELLM], { stdio: ["ignore", 2, 2] });
  }
  const config = join(folder, "litellm.yaml");
  const params = `{ model: openai/bench, api_base: "${upstream}/v1", api_key: none }`;
  writeFileSync(config, `model_list:\n  - model_name: bench\n    litellm_params: ${params}\n`);
  const port = 4700 + Math.floor(Math.random() * 200);
  const child = start(
    join(venv, "bin/litellm"),
    ["--config", config, "--host", "127.0.0.1", "--port", String(port), "--num_workers", "1"],
    {
      LITELLM_LOCAL_MODEL_COST_MAP: "True",
      LITELLM_LOG: "ERROR",
      LITELLM_MASTER_KEY: KEY,
      PATH: `${venv}/bin:${process.env["PATH"]}`,
    },
  );
  const said: string[] = [];
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data) => said.push(String(data)));
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 240; i++) {
    const up = await fetch(`${url}/health/liveliness`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return { url, pid: child.pid! };
    if (child.exitCode !== null) break;
    await sleep(500);
  }
  throw new Error(`LiteLLM did not start: ${said.join("").slice(-2000)}`);
}

interface Figures {
  plainCpuMs: number;
  streamedCpuMs: number;
  p50Ms: number;
  streamedP50Ms: number;
  rssMb: number;
}

const middle = (sorted: readonly number[]): number => sorted[sorted.length >> 1] ?? Number.NaN;

async function cpuOf({ url, pid }: Contestant, form: Form, count: number): Promise<number> {
  const before = cpuMs(pid);
  await load(url, form, count, AT_ONCE);
  return (cpuMs(pid) - before) / count;
}

/** The slow one gets fewer requests; CPU is counted a request. */
async function figures(contestant: Contestant, share: number): Promise<Figures> {
  const count = Math.max(AT_ONCE * 4, Math.round(requests! * share));
  return {
    plainCpuMs: await cpuOf(contestant, "plain", count),
    streamedCpuMs: await cpuOf(contestant, "streamed", count),
    p50Ms: middle(await load(contestant.url, "plain", Math.max(50, count >> 2), 1)),
    streamedP50Ms: middle(await load(contestant.url, "streamed", Math.max(50, count >> 2), 1)),
    rssMb: rssMb(contestant.pid),
  };
}

/** The least of each, but the most memory. */
function best(a: Figures | undefined, b: Figures): Figures {
  if (a === undefined) return b;
  const out = { ...b };
  for (const key of ["plainCpuMs", "streamedCpuMs", "p50Ms", "streamedP50Ms"] as const)
    out[key] = Math.min(a[key], b[key]);
  out.rssMb = Math.max(a.rssMb, b.rssMb);
  return out;
}

try {
  const engine = start(process.execPath, [new URL("gateway-upstream.ts", import.meta.url).pathname]);
  const upstream = await firstLine(engine);
  const direct: Contestant = { url: upstream, pid: engine.pid! };
  const contestants = {
    direct: { ...direct, share: 1 },
    hearth: { ...(await startHearth(upstream)), share: 1 },
    litellm: { ...(await startLiteLlm(upstream)), share: 0.2 },
  };
  const found: Partial<Record<keyof typeof contestants, Figures>> = {};
  for (let pass = -1; pass < passes!; pass++) {
    for (const name of ["direct", "hearth", "litellm"] as const) {
      const measured = await figures(contestants[name], contestants[name].share);
      if (pass >= 0) found[name] = best(found[name], measured);
    }
  }
  const { direct: base, hearth, litellm } = found as Required<typeof found>;
  const reached = {
    plainCpu: hearth.plainCpuMs / litellm.plainCpuMs,
    streamedCpu: hearth.streamedCpuMs / litellm.streamedCpuMs,
    addedP50Ms: hearth.p50Ms - base.p50Ms,
    memory: hearth.rssMb / litellm.rssMb,
  };
  const missed = (Object.keys(GOALS) as (keyof typeof GOALS)[]).filter(
    (key) => !(reached[key] <= GOALS[key]),
  );
  console.log(
    JSON.stringify({
      requests,
      passes,
      atOnce: AT_ONCE,
      direct: base,
      hearth,
      litellm,
      reached,
      goals: GOALS,
      missed,
    }),
  );
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
