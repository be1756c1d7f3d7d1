import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { isObject } from "hearth";
import { NODE_INSIDE } from "./bwrap.ts";
import { PROBE_SCRIPT } from "./probe-script.ts";
import type { Probe, RunRequest, RunResult } from "./types.ts";

/** Runs the real attempts inside, and reports each. `run` is the level's own way to run a program. */
export async function selfTest(run: (request: RunRequest) => Promise<RunResult>): Promise<Probe[]> {
  const workspace = mkdtempSync(join(tmpdir(), "hearth-probe-"));
  const elsewhere = mkdtempSync(join(tmpdir(), "hearth-outside-"));
  const orphan = `9876.${process.pid}${Date.now() % 100_000}`;
  const canary = "PATH=";
  const socket = join(workspace, "socket");
  const servers = [createServer(), createServer()];
  try {
    const [tcp, unix] = servers;
    const port = await listen(tcp!, { host: "127.0.0.1", port: 0 });
    await listen(unix!, { path: socket });
    // Ours, so that only the sandbox keeps a program from changing it.
    const outside = join(elsewhere, "file");
    writeFileSync(outside, "outside");
    const given = JSON.stringify({
      workspace,
      home: homedir(),
      port,
      socket,
      orphan,
      canary,
      outside,
      pid: process.pid,
      runtime: ownCommandLine(),
    });
    const result = await run({
      workspace,
      show: { [process.execPath]: NODE_INSIDE },
      pipeline: [{ argv: [NODE_INSIDE, "-e", PROBE_SCRIPT, given] }],
      reserveMb: 2048,
      limits: { timeoutMs: 20_000 },
    });
    const probes = read(result);
    // A moment for the kernel to take the namespace down.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const alive = commandLines().some((line) => line.includes(orphan));
    probes.push({
      name: "orphan",
      held: !alive,
      note: alive ? "a child outlived its run" : "gone with the run",
    });
    return probes;
  } finally {
    for (const server of servers) server.close();
    for (const folder of [workspace, elsewhere]) rmSync(folder, { recursive: true, force: true });
  }
}

function read(result: RunResult): Probe[] {
  let told: unknown;
  try {
    told = JSON.parse(result.stdout);
  } catch {
    const why = result.stderr.trim().split("\n").at(-1) ?? "";
    return [{ name: "start", held: false, note: why === "" ? `exit code ${result.exitCode}` : why }];
  }
  if (!isObject(told)) return [{ name: "start", held: false, note: "no answer from inside" }];
  return Object.entries(told).map(([name, note]) => ({ name, held: note !== "reached", note: String(note) }));
}

function listen(server: Server, where: { host?: string; port?: number; path?: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on("connection", (socket) => socket.destroy());
    server.once("error", reject);
    server.listen(where, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

/** By which a program that sees the processes of this machine would know this one. */
function ownCommandLine(): string {
  return existsSync("/proc/self/cmdline") ? readFileSync("/proc/self/cmdline", "latin1") : "none";
}

function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "latin1");
      } catch {
        // Gone meanwhile.
        return "";
      }
    });
}
