/**
 * Prints the counts behind what is claimed of the formats and writes them into `docs/formats.md`. `npm run prove:formats`
 * reads the recorded data in place. `--fuzz N` only runs N mutations and fails on a fault (nightly: a million);
 * `--peer` fetches the parser we measure beside into a temporary folder; `--quick` leaves out the timings.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type FormatsBench, PEER } from "../bench/formats.ts";
import { dialects, markersOf } from "../packages/hearth/src/formats/dialects/index.ts";
import { families } from "../packages/hearth/src/formats/families.ts";
import { parse } from "../packages/hearth/src/formats/parse.ts";
import { fuzz, ownSeeds } from "../test/conformance/fuzz.ts";
import { CHUNKINGS, firstDifference } from "../test/conformance/invariance.ts";
import {
  hasVectors,
  judge,
  readFamilies,
  readRows,
  readVectors,
  type Vector,
  vectorOf,
} from "../test/conformance/vectors.ts";
import { proveTemplates } from "./prove-templates.ts";

const PEER_VERSION = "4.1.26";
const page = new URL("../docs/formats.md", import.meta.url);

type Row = [what: string, result: string, goal: string];

function counts(vectors: readonly Vector[], skipped: number): Row[] {
  const verdicts = { same: 0, more: 0, cut: 0, differs: 0 };
  for (const vector of vectors) verdicts[judge(vector)]++;
  const agree = verdicts.same + verdicts.more + verdicts.cut;
  return [
    [
      "recorded texts as their owners expect",
      `${agree} of ${vectors.length} (${percent(agree, vectors.length)}): ${verdicts.same} the same, ${verdicts.more} with more of the text kept and a diagnostic, ${verdicts.cut} without a call that the end cut off`,
      "≥ 97 %",
    ],
    [
      "written divergences",
      `${verdicts.differs}, each with its reason in \`test/conformance/divergences.json\``,
      "all that differ",
    ],
    ["recorded texts left out", `${skipped} (${percent(skipped, vectors.length + skipped)})`, "≤ 5 %"],
  ];
}

function fragments(): Vector[] {
  const known = readFamilies();
  return readRows("fragments.jsonl").flatMap((row, index) => {
    const family = known[String(row.family)];
    return family === undefined || "skip" in family
      ? []
      : [vectorOf(`fragment:${index + 1}`, "fragment", row, family)];
  });
}

function invariance(texts: readonly Vector[]): Row[] {
  let splits = 0;
  const faults: string[] = [];
  for (const { id, text, input } of texts) {
    const difference = firstDifference(text, input, true);
    if (difference !== undefined) faults.push(`${id}: ${difference}`);
    splits += Math.max(0, text.length - 1);
  }
  for (const fault of faults.slice(0, 5)) console.error(fault);
  return [
    [
      `the same events in ${CHUNKINGS.length} chunkings and at every split`,
      `${texts.length - faults.length} of ${texts.length} texts, ${splits.toLocaleString("en")} splits`,
      "all",
    ],
  ];
}

function fuzzed(count: number): { rows: Row[]; faults: number } {
  const seeds = ownSeeds();
  if (hasVectors())
    for (const { text, input } of readVectors().vectors) {
      const format = typeof input.format === "string" ? input.format : input.format.id;
      if (text.length < 1500) seeds.get(format)?.push(text);
    }
  const faults = fuzz(count, 20_261_121, seeds);
  for (const fault of faults) console.error(`${fault.format} ${JSON.stringify(fault.text)}\n${fault.what}`);
  const result = `${count.toLocaleString("en")}: ${faults.length} faults (a throw, a character unaccounted for, events that depend on the pieces)`;
  return { rows: [["damaged texts", result, "0 faults in 1,000,000"]], faults: faults.length };
}

/** Measured in a process of its own: what ran before would count against us. */
function timings(fetchPeer: boolean): Row[] {
  const folder = fetchPeer ? install() : undefined;
  const bench = fileURLToPath(new URL("../bench/formats.ts", import.meta.url));
  const run = spawnSync(process.execPath, ["--conditions=@hearth/source", bench, "--json"], {
    encoding: "utf8",
  });
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  if (run.status !== 0) throw new Error(`The benchmark failed: ${run.stderr.slice(-500)}`);
  const { speed, growth, peer } = JSON.parse(run.stdout) as FormatsBench;
  const rows: Row[] = Object.entries(growth).map(([format, ratio]) => [
    `${format}: cost a character of a 1 MB argument over a 10 KB one`,
    String(ratio),
    "≤ 1.2",
  ]);
  for (const [name, value] of Object.entries(speed))
    rows.push([
      `${name} characters a piece`,
      `${Math.round(value)} MB/s of CPU time`,
      name.endsWith("64") ? "about 100" : "about 20",
    ]);
  for (const [name, times] of Object.entries(peer ?? {}))
    rows.push([
      `${name}, 4 characters a piece, beside ${PEER} ${PEER_VERSION}`,
      `${times.toLocaleString("en")} times`,
      name.endsWith("long") ? "≥ 1,000" : "≥ 10",
    ]);
  return rows;
}

function install(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "hearth-bench-"));
  writeFileSync(path.join(folder, "package.json"), '{"name":"bench-peer","private":true,"type":"module"}');
  const done = spawnSync("npm", ["i", `${PEER}@${PEER_VERSION}`, "--no-audit", "--no-fund"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (done.status !== 0) console.error(`${PEER} could not be fetched: ${done.stderr.slice(-300)}`);
  process.env.HEARTH_BENCH_PEER = folder;
  return folder;
}

async function templates(): Promise<Row[]> {
  const proof = await proveTemplates();
  if (proof === undefined) return [];
  const tools = proof.detected + proof.fallback;
  return [
    [
      "chat templates byte-equal to Python in every conversation",
      `${proof.templatesEqual} of ${proof.templates}`,
      "all",
    ],
    [
      "templates recognised as the hand-checked list has them",
      `${tools - proof.detectedWrong.length} of ${tools}`,
      "all",
    ],
    [
      "`parse(render(calls)) = calls`",
      `${proof.roundTrips} of ${proof.roundTrips + proof.roundTripsLost.length} templates`,
      "all that show calls",
    ],
  ];
}

function samples(): Row[] {
  const read = dialects.filter(({ sample, id }) => {
    const { calls } = parse(sample, { format: id });
    return JSON.stringify(calls[0]?.arguments) === '{"city":"Oslo"}' && calls[0]?.name === "get_weather";
  });
  return [
    ["formats", String(dialects.length), "≥ 25"],
    ["model families", String(families.length), "≥ 55"],
    ["formats whose own sample is read", `${read.length} of ${dialects.length}`, "all"],
  ];
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;

function table(rows: readonly Row[]): string {
  return ["| what | measured | goal |", "|---|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`)].join(
    "\n",
  );
}

function formats(): string {
  const rows = dialects.map((dialect) => {
    const marker = markersOf(dialect)[0] ?? "";
    return `| \`${dialect.id}\` | ${dialect.models.join(", ")} | \`${(marker || dialect.sample.slice(0, 24)).replaceAll("|", "\\|").replaceAll("\n", "⏎")}\` |`;
  });
  return ["| format | families | begins with |", "|---|---|---|", ...rows].join("\n");
}

function write(name: string, text: string): void {
  const old = readFileSync(page, "utf8");
  const pattern = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`);
  writeFileSync(
    page,
    old.replace(pattern, (_, open: string, close: string) => `${open}\n${text}\n${close}`),
  );
}

const args = process.argv.slice(2);
const only = args.indexOf("--fuzz");
if (only >= 0) {
  const { rows, faults } = fuzzed(Number(args[only + 1] ?? 1_000_000));
  console.log(table(rows));
  process.exitCode = faults === 0 ? 0 : 1;
} else {
  const rows = samples();
  if (hasVectors()) {
    const { vectors, skipped } = readVectors();
    rows.push(...counts(vectors, skipped), ...invariance([...vectors, ...fragments()]));
  } else console.error("The recorded texts are not here; what needs them is left out.");
  rows.push(...fuzzed(20_000).rows, ...(await templates()));
  if (!args.includes("--quick")) rows.push(...timings(args.includes("--peer")));
  console.log(table(rows));
  write("formats", formats());
  if (hasVectors() && !args.includes("--quick")) write("proof", table(rows));
}
