import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunEvent, sqliteJournal } from "hearth";

const DRIVER = new URL("driver.ts", import.meta.url).pathname;
/** The bills that `driver.ts` pays. */
const BILLS = 6;

/** What kills of one run led to. */
export interface Crash {
  /** Kills that came before the run's end. */
  kills: number;
  /** Finished steps that were asked again. */
  repeatedSteps: number;
  /** Bills paid twice, by a call that must run once. */
  paidTwice: number;
  /** Bills that were neither paid nor reported as uncertain. */
  unpaid: number;
  lost: boolean;
  /** From the start of a new process to the run going on, the longest. */
  resumeMs: number;
  ended: string;
}

interface Lines {
  lines: string[];
  seen(prefix: string): Promise<string | undefined>;
  kill(): void;
  done: Promise<void>;
}

function drive(...args: string[]): Lines {
  const child = spawn(process.execPath, ["--conditions=@hearth/source", DRIVER, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "hearth-crash-compiled") },
  });
  const lines: string[] = [];
  const waiting: { prefix: string; tell: (line: string | undefined) => void }[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    for (const { prefix, tell } of waiting) if (line.startsWith(prefix)) tell(line);
  });
  const done = new Promise<void>((resolve) => child.on("close", () => resolve()));
  void done.then(() => {
    for (const { tell } of waiting) tell(undefined);
  });
  return {
    lines,
    seen: (prefix) =>
      new Promise((tell) => {
        const line = lines.find((one) => one.startsWith(prefix));
        if (line === undefined) waiting.push({ prefix, tell });
        else tell(line);
      }),
    kill: () => void child.kill("SIGKILL"),
    done,
  };
}

/**
 * Kills a driving process so many milliseconds after its run began, goes on with it in another one, kills that too as long as there
 * are moments left, lets the last one end, and looks at what happened to the world.
 */
export async function crashAt(...momentsMs: number[]): Promise<Crash> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-crash-"));
  const crash: Crash = {
    kills: 0,
    repeatedSteps: 0,
    paidTwice: 0,
    unpaid: 0,
    lost: false,
    resumeMs: 0,
    ended: "",
  };
  try {
    let process = drive(folder);
    const runId = (await process.seen("started"))?.split(" ")[1] ?? "";
    for (const afterMs of momentsMs) {
      await Promise.race([sleep(afterMs), process.done]);
      process.kill();
      await process.done;
      const log = eventsOf(folder, runId);
      crash.lost ||= log === undefined;
      if (log === undefined || log.at(-1)?.type === "run.finished") break;
      crash.kills++;
      const steps = log.filter((event) => event.type === "step.finished").length;
      const asked = linesOf(folder, "asked").length;
      const startedAt = performance.now();
      process = drive(folder, runId);
      await process.seen("resumed");
      crash.resumeMs = Math.max(crash.resumeMs, performance.now() - startedAt);
      // The first question of the new process tells where it goes on.
      await Promise.race([process.done, until(() => linesOf(folder, "asked").length > asked)]);
      crash.repeatedSteps += linesOf(folder, "asked")
        .slice(asked)
        .filter((step) => Number(step) < steps).length;
    }
    await process.done;
    const log = eventsOf(folder, runId) ?? [];
    const last = log.at(-1);
    crash.ended = last?.type === "run.finished" ? last.stopReason : `${last?.type}`;
    const paid = linesOf(folder, "done");
    crash.paidTwice = paid.length - new Set(paid).size;
    const uncertain = log.filter(
      (event) => event.type === "call.finished" && /Outcome unknown/.test(event.content),
    );
    crash.unpaid = Math.max(0, BILLS - new Set(paid).size - uncertain.length);
    return crash;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5);
}

export function faultsOf(crash: Crash): string[] {
  return [
    crash.lost ? "the run is lost" : "",
    crash.repeatedSteps > 0 ? `${crash.repeatedSteps} finished steps were asked again` : "",
    crash.paidTwice > 0 ? `${crash.paidTwice} calls that run once ran twice` : "",
    crash.unpaid > 0 ? `${crash.unpaid} bills were forgotten` : "",
    crash.ended === "answer" ? "" : `it went on to: ${crash.ended}`,
  ].filter((fault) => fault !== "");
}

function eventsOf(folder: string, runId: string): RunEvent[] | undefined {
  const journal = sqliteJournal(join(folder, "runs.sqlite"));
  try {
    return journal.read(runId) as RunEvent[];
  } catch {
    return undefined;
  } finally {
    void journal.close();
  }
}

function linesOf(folder: string, name: string): string[] {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}
