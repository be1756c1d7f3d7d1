/** 10,000 random histories: no orphan result, no request over the window, calls and results matched, the prefix stable. `[COUNT [SEED]]`. */
import fc from "fast-check";
import { history, playHistory } from "../packages/hearth/test/histories/play.ts";

const [numRuns = 10_000, seed = 20261121] = process.argv.slice(2).map(Number);
const sums = { requests: 0, compactions: 0, resumed: 0, histories: 0 };
const result = await fc.check(
  fc.asyncProperty(history, async (one) => {
    const { requests, compactions, resumed } = await playHistory(one);
    sums.histories++;
    sums.requests += requests;
    sums.compactions += compactions;
    sums.resumed += resumed ? 1 : 0;
  }),
  { numRuns, seed },
);
console.log(
  `${sums.histories} histories, ${sums.requests} requests, ${sums.compactions} compactions, ${sums.resumed} gone on with after a crash`,
);
if (result.failed)
  console.log(`FAIL ${result.errorInstance}\n${JSON.stringify(result.counterexample, null, 1)}`);
else console.log("ok   calls and results matched, every request within its window, prefixes stable");
process.exitCode = result.failed ? 1 : 0;
