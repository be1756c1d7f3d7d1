/**
 * What the embedded model can do, in figures: the example questions through the command, seeded runs whose calls must
 * all fit, and the score on 100 requests written by hand. `--write` puts the score into docs/pocket.md;
 * `questions`, `seeded`, `score` run one part.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { callGrammar, dialectById } from "hearth/formats";
import { openPocket } from "./embedded/pocket.ts";
import { askAll } from "./embedded/questions.ts";
import { readCases, readTools, type Score, score, wilson } from "./embedded/score.ts";
import { seededRuns } from "./embedded/seeded.ts";

const asked = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));
const wants = (part: string): boolean => asked.length === 0 || asked.includes(part);
const write = process.argv.includes("--write");
const tools = readTools();
const cases = readCases();
let failed = false;

if (wants("questions")) {
  for (const { question, ok, text, ms } of await askAll()) {
    console.log(`${ok ? "ok  " : "FAIL"} ${Math.round(ms)} ms  ${question}  →  ${text.split("\n", 1)[0]}`);
    failed ||= !ok;
  }
}

const engine = openPocket();
try {
  if (wants("seeded")) {
    const { runs, calls, sentences, faults } = await seededRuns(engine, cases, () => tools, 200);
    for (const fault of faults) console.log(`FAIL ${fault}`);
    console.log(
      `${runs} seeded runs: ${calls} calls, ${calls - faults.length} parse and fit; ${sentences} sentences`,
    );
    failed ||= faults.length > 0;
  }
  if (wants("score")) {
    const hermes = dialectById("hermes");
    if (hermes === undefined) throw new Error("the Hermes dialect is gone");
    const typed = callGrammar({ dialect: hermes, tools, parallel: false });
    const rows: [string, Score][] = [];
    for (const [name, grammar] of [
      ["free", "free"],
      ["grammar typed by the schema", typed],
      ["pocket's own: pointed", "pointed"],
    ] as const) {
      const found = await score(engine, cases, tools, grammar);
      rows.push([name, found]);
      console.log(row(name, found));
    }
    for (const miss of rows.at(-1)?.[1].misses ?? []) console.log(`miss ${miss}`);
    if (write) writeTable(rows.map(([name, found]) => row(name, found)));
  }
} finally {
  await engine.close();
}
process.exitCode = failed ? 1 : 0;

function share(hits: number, of: number): string {
  const [low, high] = wilson(hits, of);
  const percent = (value: number): string => `${Math.round(value * 100)}`;
  return `${hits} of ${of}, ${percent(hits / of)} % (${percent(low)}–${percent(high)})`;
}

function row(name: string, { calls, tool, exact, refusals, refused, ms }: Score): string {
  const each = Math.round(ms / (calls + refusals));
  return `| ${name} | ${share(tool, calls)} | ${share(exact, calls)} | ${share(refused, refusals)} | ${each} ms |`;
}

/** Replaces the lines between the marks. */
function writeTable(rows: string[]): void {
  const file = new URL("../docs/pocket.md", import.meta.url);
  const text = readFileSync(file, "utf8");
  const head =
    "| decoding | right tool | tool and arguments exact | nothing fits: refused | a request |\n|---|---|---|---|---|";
  const block = `<!-- score -->\n${[head, ...rows].join("\n")}\n<!-- /score -->`;
  writeFileSync(
    file,
    text.replace(/<!-- score -->[\s\S]*<!-- \/score -->/, () => block),
  );
}
