/**
 * `npm run prove:sandbox`: the levels of this machine with each probe, and the ways out tried from inside: in the best level and in L1b, as this
 * user and, where this is root, as an ordinary one; and what a machine without user namespaces falls back to. What it costs: prove:sandbox-speed.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findSandbox, type LevelName, sandboxLevel } from "../packages/tools/src/sandbox/index.ts";
import { type Battery, escapeBattery, escapes } from "../packages/tools/test/escape.ts";

const script = fileURLToPath(new URL("../packages/tools/test/escape.ts", import.meta.url));
const node = [process.execPath, "--conditions=@hearth/source", script];

if (findSandbox(process.cwd()) === undefined) {
  const { missing } = await sandboxLevel(process.cwd());
  console.log(`no sandbox here: ${missing.join("; ")}`);
  process.exit(1);
}
for (const level of ["system", "landlock"] as const) {
  const { name, strength, probes, missing } = await sandboxLevel(process.cwd(), { level });
  console.log(`${name}: ${strength}`);
  for (const probe of probes)
    console.log(`  ${probe.held ? "held   " : "REACHED"} ${probe.name}: ${probe.note}`);
  for (const line of missing) console.log(`  missing: ${line}`);
  if (strength === "none") {
    console.log("  not proved: it does not work here");
    continue;
  }
  report(name, `user ${process.getuid?.()}`, await escapeBattery(level));
  if (process.getuid?.() === 0) report(name, "user 10001", asOrdinaryUser(level));
}
const outer =
  "--bind / / --dev-bind /dev /dev --proc /proc --unshare-user --uid 0 --gid 0 --disable-userns --";
const refused = started("bwrap", [...outer.split(" "), ...node]);
report("without user namespaces", refused?.level.name ?? "nothing", refused);

function asOrdinaryUser(level: LevelName): Battery | undefined {
  return started("setpriv", ["--reuid", "10001", "--regid", "10001", "--clear-groups", ...node, level]);
}

function started(file: string, words: readonly string[]): Battery | undefined {
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/root" };
  const child = spawnSync(file, words, { encoding: "utf8", env, cwd: "/tmp" });
  if (child.stdout !== "") return JSON.parse(child.stdout) ?? undefined;
  console.log(child.stderr.trim().split("\n").at(-1) ?? "");
  return undefined;
}

function report(level: string, who: string, battery: Battery | undefined): void {
  if (battery === undefined) {
    console.log(`${level}, ${who}: NOT PROVED`);
    process.exitCode = 1;
    return;
  }
  const out = escapes(battery);
  const tried = Object.keys(battery.outcome).filter((name) => !name.endsWith("(allowed)")).length;
  console.log(
    `${level}, ${who}: ${tried} ways out tried, ${out.length} reached${out.length > 0 ? `: ${out.join(", ")}` : ""}`,
  );
  if (out.length > 0) process.exitCode = 1;
}
