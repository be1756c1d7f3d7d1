/**
 * Kills a driving process 100 times at random moments, one in four a second time while it recovers, and looks at the world
 * afterwards; then a full disk and a damaged journal. `[KILLS [SEED]]`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crashAt, faultsOf } from "../packages/hearth/test/crash/crash.ts";
import { corrupted, fullDisk, fullTmpfs } from "../packages/hearth/test/crash/disk.ts";

const [wanted = 100, seed = 20261121] = process.argv.slice(2).map(Number);
/** The longest time until a killed run goes on. */
const MAX_RESUME_MS = 3000;
/** A little more than a run takes, so that its last moments are met too. */
const RUN_MS = 420;

let state = seed;
/** Park and Miller's generator: the same moments for the same seed. */
function random(): number {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
}

let kills = 0;
let runs = 0;
let failed = 0;
const resumes: number[] = [];
const sums = { repeatedSteps: 0, paidTwice: 0, unpaid: 0, lost: 0 };
// The first start of all compiles the source; no kill is counted on it.
await crashAt(10_000);
while (kills < wanted) {
  const moments = [random() * RUN_MS, ...(random() < 0.25 ? [random() * RUN_MS * 0.5] : [])];
  const crash = await crashAt(...moments);
  runs++;
  kills += crash.kills;
  if (crash.kills > 0) resumes.push(crash.resumeMs);
  sums.repeatedSteps += crash.repeatedSteps;
  sums.paidTwice += crash.paidTwice;
  sums.unpaid += crash.unpaid;
  sums.lost += crash.lost ? 1 : 0;
  for (const fault of faultsOf(crash)) {
    failed++;
    console.log(`FAIL killed after ${moments.map(Math.round).join(" and ")} ms: ${fault}`);
  }
}
resumes.sort((a, b) => a - b);
const at = (share: number): number => Math.round(resumes[Math.floor(share * (resumes.length - 1))] ?? 0);
console.log(
  `${kills} kills in ${runs} runs: ${sums.repeatedSteps} finished steps repeated, ${sums.lost} runs lost, ${sums.paidTwice} calls run twice, ${sums.unpaid} forgotten`,
);
console.log(`going on again took ${at(0.5)} ms in the middle, ${at(1)} ms at most (a new process each time)`);

if (at(1) > MAX_RESUME_MS) {
  failed++;
  console.log(`FAIL that is more than ${MAX_RESUME_MS} ms`);
}

function report(name: string, faults: readonly string[] | undefined): void {
  console.log(
    faults === undefined
      ? `skip ${name}: no right to mount`
      : `${faults.length === 0 ? "ok  " : "FAIL"} ${name} ${faults.join("; ")}`,
  );
  failed += faults?.length ?? 0;
}
report("a full file system", await fullTmpfs());
const folder = mkdtempSync(join(tmpdir(), "hearth-full-"));
report(
  "a journal at its size limit",
  await fullDisk(join(folder, "runs.sqlite"), { maxFileBytes: 1 << 20 }, () => undefined),
);
rmSync(folder, { recursive: true });
const damage = await corrupted(200);
report(`200 damaged journals: ${damage.told} told, ${damage.whole} whole`, damage.faults.slice(0, 5));
process.exitCode = failed === 0 ? 0 : 1;
