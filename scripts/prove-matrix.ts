/**
 * The behaviour matrix: every way to misbehave that we know of, over each way to a model. Prints a line a scenario and the count;
 * `--write` puts the table into docs/loop.md.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { skip } from "../packages/hearth/test/guide/support.ts";
import { play, SCENARIOS } from "../packages/hearth/test/matrix/run.ts";

if (skip !== false) {
  console.error(skip);
  process.exit(1);
}
const WAYS = ["ollama", "openai", "raw"] as const;
let passed = 0;
let failed = 0;
const rows: string[] = [];
for (const scenario of SCENARIOS) {
  const cells: string[] = [];
  for (const way of WAYS) {
    if (!scenario.ways.includes(way)) {
      cells.push("–");
      continue;
    }
    try {
      await play(scenario, way);
      passed++;
      cells.push("ok");
    } catch (error) {
      failed++;
      cells.push("FAIL");
      console.log(`FAIL ${scenario.name} (${way}): ${error instanceof Error ? error.message : error}`);
    }
  }
  console.log(`${cells.includes("FAIL") ? "FAIL" : "ok  "} ${scenario.name}: ${cells.join(" ")}`);
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  rows.push(
    `| ${cell(scenario.name)} | ${cell(scenario.peers ?? "")} | ${cell(scenario.ours)} | ${cells.join(" | ")} |`,
  );
}
console.log(`${SCENARIOS.length} scenarios, ${passed} of ${passed + failed} plays passed`);

if (process.argv.includes("--write")) {
  const file = new URL("../docs/loop.md", import.meta.url);
  const head =
    "| what goes wrong | six other loops | this loop | ollama | openai | raw |\n|---|---|---|---|---|---|";
  const block = `<!-- matrix -->\n${[head, ...rows].join("\n")}\n<!-- /matrix -->`;
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(/<!-- matrix -->[\s\S]*<!-- \/matrix -->/, () => block),
  );
}
process.exitCode = failed === 0 ? 0 : 1;
