/** `npm run prove:sandbox`: the level of this machine, the ways out as root and as an ordinary user, and what a start costs. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { interpret } from "../packages/tools/src/interpreters/index.ts";
import { judgeShell } from "../packages/tools/src/judge/index.ts";
import { findSandbox, sandboxLevel } from "../packages/tools/src/sandbox/index.ts";
import { type Battery, escapeBattery, escapes } from "../packages/tools/test/escape.ts";

const level = await sandboxLevel(process.cwd());
console.log(`${level.name}: ${level.strength}`);
for (const { name, held, note } of level.probes)
  console.log(`  ${held ? "held   " : "REACHED"} ${name}: ${note}`);
for (const line of level.missing) console.log(`  missing: ${line}`);
const sandbox = findSandbox(process.cwd());
if (sandbox === undefined) process.exit(1);

function report(who: string, battery: Battery | null | undefined): void {
  if (battery === null || battery === undefined) {
    console.log(`${who}: no sandbox`);
    process.exitCode = 1;
    return;
  }
  const out = escapes(battery);
  const tried = Object.keys(battery.outcome).filter((name) => !name.endsWith("(allowed)")).length;
  console.log(
    `${who}: ${tried} ways out tried, ${out.length} reached${out.length > 0 ? `: ${out.join(", ")}` : ""}`,
  );
  if (out.length > 0) process.exitCode = 1;
}

report(`user ${process.getuid?.()}`, await escapeBattery());
if (process.getuid?.() === 0) {
  const script = fileURLToPath(new URL("../packages/tools/test/escape.ts", import.meta.url));
  const words = [
    "--reuid",
    "10001",
    "--regid",
    "10001",
    "--clear-groups",
    process.execPath,
    "--conditions=@hearth/source",
    script,
  ];
  const child = spawnSync("setpriv", words, {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", HOME: "/root" },
    cwd: "/tmp",
  });
  report("user 10001", child.stdout === "" ? null : JSON.parse(child.stdout));
}

async function times(count: number, work: () => unknown): Promise<{ min: number; median: number }> {
  const all: number[] = [];
  for (let round = 0; round < count; round++) {
    const began = performance.now();
    await work();
    all.push(performance.now() - began);
  }
  all.sort((a, b) => a - b);
  return { min: all[0] ?? 0, median: all[all.length >> 1] ?? 0 };
}

const show = (name: string, { min, median }: { min: number; median: number }) =>
  console.log(`${name.padEnd(34)} min ${min.toFixed(2)} ms, median ${median.toFixed(2)} ms`);
const run = (argv: string[]) => sandbox.run({ workspace: process.cwd(), pipeline: [{ argv }] });
await run(["true"]);
const job = { timeoutMs: 5000, memoryMb: 64, outputChars: 1000 };
await interpret({ language: "python", code: "1+1", ...job });
await interpret({ language: "javascript", code: "1+1", ...job });
const shell = ["-c", "true"];
show("sh, plain", await times(20, () => spawnSync("/bin/sh", shell)));
show("sh, L1", await times(20, () => run(["sh", ...shell])));
show("python3 -I, plain", await times(20, () => spawnSync("/usr/bin/python3", ["-I", "-c", "1"])));
show("python3 -I, L1", await times(20, () => run(["/usr/bin/python3", "-I", "-c", "1"])));
show("Python, L0 (warm)", await times(50, () => interpret({ language: "python", code: "1+1", ...job })));
show(
  "JavaScript, L0 (warm)",
  await times(50, () => interpret({ language: "javascript", code: "1+1", ...job })),
);
show(
  "the judge of commands",
  await times(200, () => judgeShell("grep -rn TODO src | sort | uniq -c", { mode: "pipeline" })),
);
