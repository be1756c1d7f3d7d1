/**
 * `npm run prove:sandbox-speed`: what confinement costs, as differences and ratios of one run (bench/sandbox.ts): L0 below 2 ms, L1 at most
 * 15 ms above a plain shell and at least 3 times cheaper than sandbox-runtime's library, the judge of commands at most 1 ms.
 */
import { availableParallelism, loadavg } from "node:os";
import { type Costs, measure } from "../bench/sandbox.ts";

type Claim = [claim: string, value: number, holds: boolean];

function claims({ min }: Costs): Claim[] {
  const of = (name: string): number => min[name] ?? Number.NaN;
  const above = of("sh, L1") - of("sh, plain");
  const ratio = of("sh, sandbox-runtime") / of("sh, L1");
  return [
    ["Python in L0, ms (< 2)", of("Python, L0"), of("Python, L0") < 2],
    ["JavaScript in L0, ms (< 2)", of("JavaScript, L0"), of("JavaScript, L0") < 2],
    ["L1 above a plain sh, ms (≤ 15)", above, above <= 15],
    ["sandbox-runtime / L1 (≥ 3)", ratio, ratio >= 3],
    ["judge of a command, ms (≤ 1)", of("command judge"), of("command judge") <= 1],
  ];
}

const [load = 0] = loadavg();
const cores = availableParallelism();
const costs = await measure((so) => claims(so).every(([, , holds]) => holds));
for (const [name, ms] of Object.entries(costs.min))
  console.log(
    `${name.padEnd(22)} min ${ms.toFixed(2)} ms, median ${(costs.median[name] ?? 0).toFixed(2)} ms`,
  );
if (load > cores)
  console.log(
    `this machine is busy (load ${load.toFixed(1)} on ${cores} cores): a start waits for its turn several times`,
  );
for (const line of costs.missing) console.log(`not measured: ${line}`);
for (const [claim, value, holds] of claims(costs)) {
  const word = holds ? "holds" : Number.isNaN(value) ? "NOT MEASURED" : "FAILS";
  console.log(`${word}: ${claim}: ${value.toFixed(2)}`);
  if (!holds) process.exitCode = 1;
}
process.exit();
