/**
 * `npm run prove:stop`: how long the emergency stop takes from another process with four tools that ignore SIGTERM (a program in Python, one
 * in Node, a server of tools, a function that heeds nothing), and whether any of their processes is left. Also with a busy process.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { liftUserStop, stopAll } from "@hearth/runtime";

const ROUNDS = 10;
const folder = mkdtempSync(join(tmpdir(), "hearth-stop-"));
const paths = { state: join(folder, "state") };
const marked = (mark: string): string[] =>
  readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "latin1").includes(mark);
    } catch {
      return false;
    }
  });

async function started(file: string, args: readonly string[], word: string): Promise<ChildProcess> {
  const script = new URL(`stop/${file}`, import.meta.url).pathname;
  const child = spawn(process.execPath, ["--conditions=@hearth/source", script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout! })) if (line === word) return child;
  throw new Error(`${file} ended before it said ${word}`);
}

const times: number[] = [];
let left = 0;
let wrong = 0;
try {
  for (let round = 0; round < ROUNDS; round++) {
    const mark = `mark${randomBytes(8).toString("hex")}`;
    const child = await started("driver.ts", [paths.state, folder, mark], "running");
    const before = marked(mark).filter((pid) => Number(pid) !== child.pid).length;
    const began = performance.now();
    const [stopped] = await stopAll(paths, "prove");
    for (const end = began + 3000; performance.now() < end; await sleep(5))
      if (marked(mark).every((pid) => Number(pid) === child.pid)) break;
    times.push(performance.now() - began);
    const after = marked(mark).filter((pid) => Number(pid) !== child.pid).length;
    if (before < 3 || stopped?.how !== "stopped") wrong++;
    left += after;
    child.kill("SIGKILL");
    liftUserStop(paths);
  }
  const busy = await started("busy.ts", [paths.state], "busy");
  const began = performance.now();
  const [stopped] = await stopAll(paths, "prove");
  const killed = stopped?.pid === busy.pid && stopped?.how === "killed";
  const ms = Math.max(...times);
  console.log(
    `${ROUNDS} stops of four tools that ignore SIGTERM: ${ms.toFixed(0)} ms at most; processes left: ${left}`,
  );
  console.log(
    `a process whose thread is busy: ${killed ? "killed" : "NOT killed"} after ${(performance.now() - began).toFixed(0)} ms`,
  );
  process.exitCode = ms < 1000 && left === 0 && wrong === 0 && killed ? 0 : 1;
  if (wrong > 0) console.log(`FAIL ${wrong} rounds did not go as meant`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
