/** What kills, freezes and restarts did to runs: from their logs, from what the engine was asked, and from what the tools left behind. */
import type { RunEvent } from "hearth";
import { BILLS, logOf, type World } from "./world.ts";

export interface Toll {
  runs: number;
  lost: number;
  /** Finished steps that were asked again, or stand in the log twice. */
  repeatedSteps: number;
  /** Questions of services that had lost the run while they were frozen; their answers count for nothing. */
  strays: number;
  /** Calls that run once, run twice. */
  twice: number;
  /** Bills that were neither paid nor reported as uncertain. */
  forgotten: number;
  faults: string[];
}

/** @param frozen whether services were frozen: then one may still ask what it was just about to ask */
export async function tollOf(
  world: World,
  runs: readonly { who: string; runId: string }[],
  frozen = false,
): Promise<Toll> {
  const toll: Toll = {
    runs: runs.length,
    lost: 0,
    repeatedSteps: 0,
    strays: 0,
    twice: 0,
    forgotten: 0,
    faults: [],
  };
  const paid = world.paid();
  for (const { who, runId } of runs) {
    const log = await logOf(world.journal, runId);
    const last = log.at(-1);
    if (last?.type !== "run.finished" || last.stopReason !== "answer") {
      toll.lost++;
      toll.faults.push(
        `${runId} (${who}) stands at ${last === undefined ? "nothing" : textOf(last)} after ${log.filter(({ type }) => type === "run.resumed").length} restarts`,
      );
      continue;
    }
    if (log.some((event, i) => event.seq !== i + 1)) toll.faults.push(`${runId} has a gap`);
    const asked = repeated(world, who, log);
    const steps = log.flatMap((event) => (event.type === "step.finished" ? [event.step] : []));
    const again = steps.length - new Set(steps).size + (frozen ? 0 : asked);
    toll.repeatedSteps += again;
    if (frozen) toll.strays += asked;
    const mine = paid.filter((line) => line.startsWith(`${who} `));
    const twice = mine.length - new Set(mine).size;
    toll.twice += twice;
    const uncertain = log.filter(
      (event) => event.type === "call.finished" && event.name === "pay" && !event.ok,
    ).length;
    const forgotten = Math.max(0, BILLS - new Set(mine).size - uncertain);
    toll.forgotten += forgotten;
    if (again + twice + forgotten > 0)
      toll.faults.push(
        `${runId} (${who}): ${again} repeated, ${twice} twice, ${forgotten} forgotten; ${historyOf(world, who, log)}`,
      );
  }
  return toll;
}

/** Questions for a step whose answer was in the log already. */
function repeated(world: World, who: string, log: readonly RunEvent[]): number {
  const finished = log.filter(({ type }) => type === "step.finished").map(({ time }) => Date.parse(time));
  return world.asked.filter((one) => {
    const before = finished.filter((time) => time < one.atMs).length;
    return one.who === who && one.steps < before;
  }).length;
}

const textOf = (event: RunEvent): string =>
  event.type === "run.finished" ? `${event.stopReason}: ${event.text.slice(0, 200)}` : event.type;

/** What was asked and what was written, in ms from the run's start: what a fault is found by. */
function historyOf(world: World, who: string, log: readonly RunEvent[]): string {
  const zero = Date.parse(log[0]?.time ?? "");
  const asked = world.asked.filter((one) => one.who === who);
  const marks = new Set(["run.resumed", "step.started", "step.finished", "step.discarded"]);
  return [
    ...asked.map(({ steps, atMs }) => ({ at: atMs - zero, what: `asked ${steps}` })),
    ...log
      .filter(({ type }) => marks.has(type))
      .map(({ type, time, seq }) => ({ at: Date.parse(time) - zero, what: `${type} (${seq})` })),
  ]
    .sort((a, b) => a.at - b.at)
    .map(({ at, what }) => `${at} ${what}`)
    .join(", ");
}

/** How long after `fromMs` each of these runs went on: ms, in order. */
export async function resumedAfter(
  world: World,
  runIds: readonly string[],
  fromMs: number,
): Promise<number[]> {
  const times: number[] = [];
  for (const runId of runIds) {
    const log = await logOf(world.journal, runId);
    const resumed = log.find(({ type, time }) => type === "run.resumed" && Date.parse(time) >= fromMs);
    times.push(resumed === undefined ? Number.POSITIVE_INFINITY : Date.parse(resumed.time) - fromMs);
  }
  return times.sort((a, b) => a - b);
}
