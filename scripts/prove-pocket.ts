/**
 * What the pocket model and its engine can do, in figures. Parts, all of them where none is named:
 * `seeded` 1,000 generations at temperatures from 0.4 to 1.2, each of whose calls must parse and fit its schema ·
 * `files`, `others`, `tasks` the frozen sets of packages/llama/test/sets · `engine` the engine's promises.
 * `--set first,second,development` chooses whose; the default is the two that are frozen. `--write` puts the table of the first into docs/pocket.md, `--adapter FILE.gguf` judges another adapter, `--misses` tells what went
 * wrong, `--decoding free,typed,pointed` chooses. The whole takes some 25 minutes on one core: run it with `nice`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  fileRows,
  otherRows,
  plantedTasks,
  type Row,
  SET_NAMES,
  type SetName,
} from "../packages/llama/test/sets/judge.ts";
import { proveEngine } from "./embedded/engine.ts";
import { openPocket } from "./embedded/pocket.ts";
import { seededRuns } from "./embedded/seeded.ts";
import { DECODINGS, scoreSet, scoreTasks, share, toolsFor } from "./embedded/sets.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: "boolean", default: false },
    misses: { type: "boolean", default: false },
    adapter: { type: "string" },
    decoding: { type: "string", default: DECODINGS.join(",") },
    set: { type: "string", default: "first,second" },
    runs: { type: "string", default: "1000" },
  },
});
const PARTS = ["engine", "seeded", "files", "others", "tasks"];
const unknown = positionals.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(", ")}; there are ${PARTS.join(", ")}.`);
  process.exit(2);
}
const wants = (part: string): boolean => positionals.length === 0 || positionals.includes(part);
const decodings = DECODINGS.filter((name) => values.decoding.split(",").includes(name));
const sets = SET_NAMES.filter((name) => values.set.split(",").includes(name));
const NAMES = {
  free: "free",
  typed: "grammar typed by the schema",
  pointed: "pocket's own: pointed",
};
let failed = false;

if (wants("engine")) for (const line of await proveEngine()) report(line);

const engine = openPocket(values.adapter);
try {
  if (wants("seeded")) await seeded();
  for (const set of sets) {
    if (wants("files")) await scored("files", "200 file requests", fileRows(set), set);
    if (wants("others")) await scored("others", "100 requests, 25 other tool sets", otherRows(set), set);
    if (wants("tasks")) await tasks(set);
  }
} finally {
  await engine.close();
}
process.exitCode = failed ? 1 : 0;

function report({ ok, text }: { ok: boolean; text: string }): void {
  console.log(`${ok ? "ok  " : "FAIL"} ${text}`);
  failed ||= !ok;
}

/** A third of the generations on tool sets that the model never saw, for the schemas there are the more varied ones. */
async function seeded(): Promise<void> {
  const all = Number(values.runs);
  const rows = [...fileRows(), ...otherRows()];
  const { calls, faults, sentences } = await seededRuns(engine, rows, toolsFor(rows), all);
  for (const fault of faults) console.log(`FAIL ${fault}`);
  report({
    ok: faults.length === 0,
    text: `${all} seeded generations: ${calls} calls, ${calls - faults.length} parse and fit their schema; ${sentences} sentences`,
  });
}

async function scored(id: string, title: string, rows: Row[], set: SetName): Promise<void> {
  const table = [
    `| ${title} | right tool | tool and arguments exact | nothing fits: refused | a request |`,
    "|---|---|---|---|---|",
  ];
  for (const decoding of decodings) {
    const { tool, exact, refused, msEach, misses } = await scoreSet(engine, rows, decoding, set);
    const each = `${Math.round(msEach)} ms`;
    table.push(`| ${NAMES[decoding]} | ${share(tool)} | ${share(exact)} | ${share(refused)} | ${each} |`);
    console.log(`${set} ${id}: ${table.at(-1)}`);
    if (values.misses && decoding === "pointed") for (const one of misses) console.log(`miss ${one}`);
  }
  if (values.write && set === "first") writeTable(id, table);
}

async function tasks(set: SetName): Promise<void> {
  const { all, kinds, misses } = await scoreTasks(engine, plantedTasks(set));
  const table = [
    "| planted tasks | solved |",
    "|---|---|",
    `| each step is said | ${share(kinds.said)} |`,
    `| the second step is found in the first result | ${share(kinds.chain)} |`,
    `| two look-ups compared | ${share(kinds.compare)} |`,
    `| all | ${share(all)} |`,
  ];
  for (const line of table.slice(2)) console.log(`${set} tasks: ${line}`);
  if (values.misses) for (const one of misses) console.log(`miss ${one}`);
  if (values.write && set === "first") writeTable("tasks", table);
}

/** Replaces what stands between the marks of this table. */
function writeTable(id: string, rows: string[]): void {
  const file = new URL("../docs/pocket.md", import.meta.url);
  const between = new RegExp(`(<!-- ${id} -->\\n)[\\s\\S]*(<!-- /${id} -->)`);
  const text = readFileSync(file, "utf8");
  if (!between.test(text)) throw new Error(`docs/pocket.md has no place for the table ${id}`);
  writeFileSync(
    file,
    text.replace(between, (_, open: string, close: string) => `${open}${rows.join("\n")}\n${close}`),
  );
}
