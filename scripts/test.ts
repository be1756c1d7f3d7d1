/**
 * Runs the tests: the fast ones (`*.test.ts` beside the source) in one process, those that start processes
 * (`test/process/`) apart, a process a file. Arguments narrow it to folders or files.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";

const asked = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));
const flags = process.argv.slice(2).filter((arg) => arg.startsWith("-"));
const all = globSync(["packages/*/{src,test}/**/*.test.ts", "test/**/*.test.ts"]).sort();
const files =
  asked.length === 0
    ? all
    : all.filter((file) => asked.some((name) => file.startsWith(name.replace(/^\.\//, ""))));
if (files.length === 0) {
  console.error(`No test below ${asked.join(", ")}.`);
  process.exit(1);
}
const apart = files.filter((file) => file.includes("test/process/"));
const together = files.filter((file) => !file.includes("test/process/"));

function run(isolation: "none" | "process", list: string[]): number {
  if (list.length === 0) return 0;
  const args = [
    "--conditions=@hearth/source",
    "--import=./test/seed.ts",
    "--test",
    `--test-isolation=${isolation}`,
    "--test-timeout=120000",
  ];
  if (isolation === "process") args.push(`--test-concurrency=${Math.min(2, availableParallelism())}`);
  return spawnSync(process.execPath, [...args, ...flags, ...list], { stdio: "inherit" }).status ?? 1;
}

process.exitCode = run("none", together) || run("process", apart);
