/** What the journal costs, held to its limits: CPU a step of 200 pieces, and the time to read 20,000 events. */
import { journalCost } from "../bench/journal.ts";

const MAX_CPU_MS_PER_STEP = 0.5;
const MAX_REPLAY_MS = 100;

const { cpuMsPerStep, loopCpuMsPerStep, replayEvents, replayMs } = await journalCost(200);
const cheap = cpuMsPerStep <= MAX_CPU_MS_PER_STEP;
const quick = replayMs <= MAX_REPLAY_MS;
console.log(
  `${cheap ? "ok  " : "FAIL"} ${cpuMsPerStep} ms of CPU a step of 200 pieces (at most ${MAX_CPU_MS_PER_STEP})`,
);
const fits = loopCpuMsPerStep <= MAX_CPU_MS_PER_STEP;
console.log(
  `${fits ? "ok  " : "FAIL"} ${loopCpuMsPerStep} ms of CPU a step more in the whole loop than with a journal in memory`,
);
console.log(
  `${quick ? "ok  " : "FAIL"} ${replayMs} ms to read ${replayEvents} events (at most ${MAX_REPLAY_MS})`,
);
process.exitCode = cheap && fits && quick ? 0 : 1;
