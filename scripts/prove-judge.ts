/** `npm run prove:judge`: the shared attack inputs through the judge, counted by kind and verdict, with the time it takes. */
import { judgeShell } from "../packages/tools/src/judge/index.ts";
import { attacks, judgeAll } from "../packages/tools/test/attacks.ts";

const rows = attacks();
if (rows === undefined) {
  console.log("The shared data is not here (HEARTH_SHARED names its folder).");
  process.exit(1);
}
const judged = await judgeAll(rows);
for (const kind of ["shell", "path", "url"]) {
  const mine = judged.filter(({ attack }) => attack.kind === kind);
  const refused = mine.filter(({ wanted }) => wanted === "deny");
  const passing = mine.filter(({ wanted }) => wanted === "allow");
  const through = refused.filter(({ verdict }) => verdict === "allow").length;
  const passed = passing.filter(({ verdict }) => verdict === "allow").length;
  console.log(
    `${kind.padEnd(6)} to refuse: ${refused.length}, let through: ${through}; to allow: ${passing.length}, allowed: ${passed}`,
  );
}
const wrong = judged.filter(({ wanted, verdict }) => wanted !== verdict);
for (const { attack, mode, wanted, verdict } of wrong)
  console.log(`  ${attack.input} (${mode}): ${verdict}, not ${wanted}`);
const commands = rows.filter(({ kind }) => kind === "shell").map(({ input }) => input);
const times: number[] = [];
for (let round = 0; round < 5; round++) {
  for (const command of commands) {
    const began = performance.now();
    await judgeShell(command, { mode: "pipeline", workspace: "/workspace" });
    times.push(performance.now() - began);
  }
}
times.sort((a, b) => a - b);
console.log(
  `time a command: median ${times[times.length >> 1]?.toFixed(2)} ms, 95 % ${times[Math.floor(times.length * 0.95)]?.toFixed(2)} ms`,
);
if (wrong.length > 0) process.exitCode = 1;
