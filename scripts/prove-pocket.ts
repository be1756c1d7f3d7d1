/**
 * What the pocket model and its engine can do, in figures. Parts, all of them where none is named:
 * `seeded` 1,000 generations at temperatures from 0.4 to 1.2, each of whose calls must parse and fit its schema ·
 * `files`, `others`, `tasks` the frozen sets of packages/llama/test/sets · `engine` the engine's promises.
 * `--set first,second,development` chooses whose; the default is the two that are frozen. `--adapter FILE.gguf` judges another
 * adapter, `--misses` tells what went wrong, `--decoding free,typed,pointed` chooses. The whole takes over an hour on one core: run it
 * with `nice`. docs/pocket.md has the tables of both sets and of earlier adapters side by side, put there by hand.
 */
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
const noSet = values.set.split(",").find((name) => !SET_NAMES.some((known) => known === name));
if (noSet !== undefined) {
  console.error(`There is no set ${noSet}; there are ${SET_NAMES.join(", ")}.`);
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
    if (wants("files")) await scored("files", fileRows(set), set);
    if (wants("others")) await scored("others", otherRows(set), set);
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

async function scored(id: string, rows: Row[], set: SetName): Promise<void> {
  for (const decoding of decodings) {
    const { tool, exact, refused, msEach, misses } = await scoreSet(engine, rows, decoding, set);
    const figures = `right tool ${share(tool)}; exact ${share(exact)}; nothing fits, refused ${share(refused)}`;
    console.log(`${set} ${id}, ${NAMES[decoding]}: ${figures}; ${Math.round(msEach)} ms each`);
    if (values.misses && decoding === "pointed") for (const one of misses) console.log(`miss ${one}`);
  }
}

async function tasks(set: SetName): Promise<void> {
  const { all, kinds, misses } = await scoreTasks(engine, plantedTasks(set));
  console.log(
    `${set} tasks: each step is said ${share(kinds.said)}; the second step is found in the first result ${share(kinds.chain)}; two look-ups compared ${share(kinds.compare)}; all ${share(all)}`,
  );
  if (values.misses) for (const one of misses) console.log(`miss ${one}`);
}
