/**
 * The same pocket model on the same tasks of several steps, once in this loop and once in a plain one; n, shares and 95 % intervals.
 * `[ROUNDS]`, 8 by default; a round is six tasks.
 */
import { scoreLoops } from "../bench/pocket-loop.ts";
import { wilson } from "./embedded/score.ts";

console.log("ours plain");
const score = await scoreLoops(Number(process.argv[2] ?? 8), (line) => console.log(line));
const { tasks, solved, only, secondsPerTask } = score;
for (const loop of ["ours", "plain"] as const) {
  const [low, high] = wilson(solved[loop], tasks);
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  console.log(
    `${loop}: ${solved[loop]} of ${tasks} solved, ${percent(solved[loop] / tasks)} (${percent(low)}–${percent(high)}), ${secondsPerTask[loop]} s a task`,
  );
}
for (const { loop, ask, text } of score.misses.filter((miss) => miss.loop === "ours").slice(0, 8))
  console.log(`miss (${loop}) ${ask} → ${text.replace(/\s+/g, " ").slice(0, 160)}`);
const better = solved.ours > solved.plain;
console.log(
  `${better ? "ok  " : "FAIL"} solved by this loop alone: ${only.ours}, by the plain one alone: ${only.plain}`,
);
process.exitCode = better ? 0 : 1;
