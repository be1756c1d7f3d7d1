import type { AgentOptions, Journal, JsonObject, RunEvent } from "hearth";
import { failureOf } from "../problem.ts";
import type { Log } from "./log.ts";

/** Stands in the settings of runs that a service drives: only those go on by themselves, not those of a command somebody ended. */
const MARK = "service";
/** A run taken up so often without one more step brings its process down, or can't go on: it then waits for a person. */
const MAX_FRUITLESS = 3;
/** A full line is asked again after this: 1 s. */
const RETRY_MS = 1000;

/** The settings that tell a service's runs from others. */
export function marked(settings: AgentOptions["settings"]): JsonObject {
  return { ...settings, [MARK]: true };
}

/** Whether a service's run in this workspace stands where a process left it. */
export function isInterrupted(events: readonly RunEvent[], workspace: string): boolean {
  const first = events[0];
  if (first?.type !== "run.started" || events.at(-1)?.type === "run.finished") return false;
  return first.settings[MARK] === true && first.settings["workspace"] === workspace;
}

/** Times it was taken up since its last whole step. */
export function fruitless(events: readonly RunEvent[]): number {
  let count = 0;
  for (const event of events) {
    if (event.type === "step.finished") count = 0;
    else if (event.type === "run.resumed") count++;
  }
  return count;
}

/** Whether a run may be taken up without anybody asking for it. */
export const mayGoOn = (events: readonly RunEvent[]): boolean => fruitless(events) < MAX_FRUITLESS;

export interface ResumeOptions {
  journal: Journal;
  /** Of this service: a run belongs to the files it began with. */
  workspace: string;
  /** Takes a run up; raises what makes that impossible now. */
  resume(runId: string): Promise<unknown>;
  log: Log;
  signal: AbortSignal;
  sleep?: (ms: number) => Promise<void>;
}

/**
 * Goes on with the runs that a service left in the middle, oldest first, as the line has room for them. One that another process drives
 * is left alone: the journal refuses its lease. Says how many went on.
 */
export async function resumeInterrupted(options: ResumeOptions): Promise<number> {
  const { journal, workspace, log, signal, sleep = pause } = options;
  let count = 0;
  const open = (await journal.list()).filter((run) => run.stopReason === undefined).reverse();
  for (const { runId } of open) {
    if (signal.aborted) break;
    try {
      const events = await journal.read(runId);
      if (!isInterrupted(events, workspace)) continue;
      if (!mayGoOn(events)) {
        log.write("error", "run left as it is: it did not get a step further when it was taken up", {
          runId,
          times: MAX_FRUITLESS,
        });
        continue;
      }
      await patient(() => options.resume(runId), sleep, signal);
      count++;
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      log.write("warn", "run could not go on", { runId, error: name, reason: message });
    }
  }
  return count;
}

/** Waits where the line is full. */
async function patient(
  body: () => Promise<unknown>,
  sleep: (ms: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await body();
      return;
    } catch (error) {
      if (failureOf(error).retryAfterS === undefined || signal.aborted) throw error;
      await sleep(RETRY_MS);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
