import { setTimeout as sleep } from "node:timers/promises";
import { descendants } from "@hearth/tools";
import type { Paths } from "../config/index.ts";
import { type Listed, listed } from "./processes.ts";
import { pullUserStop } from "./pulled.ts";

/** How long a process has to end what it runs, before that is done from outside: 600 ms. */
const ANSWER_MS = 600;
const LOOK_MS = 20;

/** What became of a process: it ended its tools itself, or it did not answer, and it was ended with all that it had started. */
export interface Stopped {
  pid: number;
  command: string;
  how: "stopped" | "killed";
}

/**
 * Pulls the stop for all Hearth processes of this user, and waits until they have ended what they ran. One that does not answer (its
 * thread may be busy) is killed with its descendants: its runs can be resumed. Takes less than a second.
 */
export async function stopAll(
  paths: Pick<Paths, "state">,
  reason: string,
  now: Date = new Date(),
): Promise<Stopped[]> {
  const since = now.toISOString();
  const all = listed(paths).filter(({ pid }) => pid !== process.pid);
  pullUserStop(paths, { since, reason });
  const until = performance.now() + ANSWER_MS;
  let open = all;
  while (open.length > 0 && performance.now() < until) {
    await sleep(LOOK_MS);
    const here = new Map(listed(paths).map((one) => [one.pid, one]));
    open = open.filter(({ pid }) => here.has(pid) && here.get(pid)?.done !== since);
  }
  for (const one of open) kill(one);
  const killed = new Set(open.map(({ pid }) => pid));
  return all.map(({ pid, command }) => ({ pid, command, how: killed.has(pid) ? "killed" : "stopped" }));
}

/** Its children first: those it could still kill by itself go with it, those in groups of their own don't. */
function kill({ pid }: Listed): void {
  for (const one of [...descendants(pid).map((child) => child.pid), pid]) {
    try {
      process.kill(one, "SIGKILL");
    } catch {
      // Gone already.
    }
  }
}
