import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  emergencyStop,
  findSandbox,
  liftStop,
  type RunRequest,
  type Sandbox,
  sandboxLevel,
  stopped,
} from "../../src/sandbox/index.ts";
import { type Battery, escapeBattery, escapes } from "../escape.ts";
import { tempFolder } from "../helpers.ts";

const WHY = "no bubblewrap here, or the kernel refuses user namespaces";

/** The sandbox of this machine; where CI promises one, its absence is a failure and no reason to skip. */
function sandboxOr(skip: (why: string) => void): Sandbox | undefined {
  const found = findSandbox(import.meta.dirname);
  if (found === undefined && process.env["HEARTH_NEEDS_SANDBOX"] !== undefined) assert.fail(WHY);
  if (found === undefined) skip(WHY);
  return found;
}

/** Processes of this machine whose command line has this text. */
function alive(text: string): number {
  return readdirSync("/proc").filter((name) => {
    try {
      return (
        /^\d+$/.test(name) &&
        name !== String(process.pid) &&
        readFileSync(`/proc/${name}/cmdline`, "latin1").includes(text)
      );
    } catch {
      return false;
    }
  }).length;
}

const sh = (script: string, more: Partial<RunRequest> = {}): RunRequest => ({
  workspace: import.meta.dirname,
  pipeline: [{ argv: ["sh", "-c", script] }],
  ...more,
});

test("the self-test tries the real ways out, and the level says what it enforces", async (t) => {
  if (sandboxOr((why) => t.skip(why)) === undefined) return;
  const level = await sandboxLevel(import.meta.dirname);
  assert.equal(level.strength, "enforced", level.missing.join("; "));
  assert.ok(level.probes.length >= 10);
  assert.deepEqual(
    level.probes.filter(({ held }) => !held),
    [],
  );
});

test("forty ways out: nothing is reached but what is allowed, as this user and as an ordinary one", async (t) => {
  if (sandboxOr((why) => t.skip(why)) === undefined) return;
  if (process.arch !== "x64" || !existsSync("/usr/bin/python3"))
    return t.skip("the battery needs x64 and /usr/bin/python3");
  const mine = await escapeBattery();
  assert.ok(mine !== undefined && Object.keys(mine.outcome).length > 40);
  assert.deepEqual(escapes(mine), []);
  assert.equal(mine.outcome["own /tmp (allowed)"], "reached");
  if (process.getuid?.() !== 0) return;
  const child = spawnSync(
    "setpriv",
    [
      "--reuid",
      "10001",
      "--regid",
      "10001",
      "--clear-groups",
      process.execPath,
      "--conditions=@hearth/source",
      join(import.meta.dirname, "../escape.ts"),
    ],
    { encoding: "utf8", env: { PATH: process.env["PATH"] ?? "", HOME: "/root" }, cwd: "/tmp" },
  );
  if (child.stdout === "")
    return t.skip(`the checkout is not readable for another user: ${child.stderr.slice(0, 200)}`);
  const other: Battery | null = JSON.parse(child.stdout);
  assert.ok(other !== null, "no sandbox for an ordinary user");
  assert.deepEqual(escapes(other), []);
});

test("a program can write its own /tmp only; the workspace when asked, but never what others run later", async (t) => {
  const sandbox = sandboxOr((why) => t.skip(why));
  if (sandbox === undefined) return;
  using dir = tempFolder({ "f.txt": "x", ".git/hooks/": "", ".git/config": "", ".bashrc": "" });
  const script =
    "echo new > made.txt; echo x > .git/hooks/post-commit; echo x >> .git/config; echo x >> .bashrc; echo x > .envrc; echo x > /usr/x; cat /tmp/left; echo y > /tmp/left; true";
  const read = await sandbox.run(sh(script, { workspace: dir.path }));
  assert.equal(read.exitCode, 0);
  assert.ok(!existsSync(join(dir.path, "made.txt")));
  const written = await sandbox.run(sh(script, { workspace: dir.path, writable: true }));
  assert.equal(readFileSync(join(dir.path, "made.txt"), "utf8"), "new\n");
  assert.ok(!existsSync(join(dir.path, ".git/hooks/post-commit")));
  assert.equal(readFileSync(join(dir.path, ".git/config"), "utf8"), "");
  assert.equal(readFileSync(join(dir.path, ".bashrc"), "utf8"), "");
  assert.ok(!existsSync(join(dir.path, ".envrc")), "made by the program, moved away after it");
  assert.match(written.stderr, /\.envrc.*moved/);
  assert.match(written.stderr, /cat: \/tmp\/left/, "/tmp is new each time");
});

test("limits hold: time, memory, processes, file size, output", async (t) => {
  const sandbox = sandboxOr((why) => t.skip(why));
  if (sandbox === undefined) return;
  const timed = await sandbox.run(
    sh("trap '' TERM INT; while :; do :; done", { limits: { timeoutMs: 400 } }),
  );
  assert.equal(timed.limit, "time");
  assert.ok(timed.ms < 400 + 250, String(timed.ms));
  const memory = await sandbox.run({
    workspace: import.meta.dirname,
    pipeline: [{ argv: ["python3", "-c", "x = 'a' * 10**10"] }],
  });
  assert.match(memory.stderr, /MemoryError/);
  const forks = await sandbox.run(
    sh("i=0; while [ $i -lt 300 ]; do sleep 31.4 & i=$((i+1)); done; wait", { limits: { timeoutMs: 5000 } }),
  );
  assert.notEqual(forks.exitCode, 0);
  assert.equal(alive("31.4"), 0);
  const file = await sandbox.run(sh("head -c 200000000 /dev/zero > /tmp/big; ls -l /tmp/big | wc -l"));
  assert.match(file.stderr, /File size limit|File too large|No space/i);
  const flood = await sandbox.run(sh("yes", { limits: { timeoutMs: 10_000, outputChars: 1000 } }));
  assert.equal(flood.limit, "output");
  assert.ok(flood.stdout.length < 1100 && flood.truncated);
});

test("nothing outlives its run, however it hides", async (t) => {
  const sandbox = sandboxOr((why) => t.skip(why));
  if (sandbox === undefined) return;
  await sandbox.run(
    sh(
      "setsid sleep 4711.5 >/dev/null 2>&1 & nohup sleep 4711.5 >/dev/null 2>&1 & (trap '' HUP TERM; sleep 4711.5 >/dev/null 2>&1) & exit 0",
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(alive("4711.5"), 0);
});

test("the emergency stop ends four programs that ignore signals within a second, and refuses new ones until lifted", async (t) => {
  const sandbox = sandboxOr((why) => t.skip(why));
  if (sandbox === undefined) return;
  await sandbox.level();
  let ended: Promise<unknown[]> = Promise.resolve([]);
  const started = new Promise<void>((resolve) => {
    let count = 0;
    const runs = Array.from({ length: 4 }, () =>
      sandbox.run(
        sh("trap '' TERM INT HUP; echo up; while :; do sleep 0.1; done", {
          onOutput: () => ++count === 4 && resolve(),
        }),
      ),
    );
    ended = Promise.all(runs);
  });
  await started;
  const began = performance.now();
  assert.equal(emergencyStop("stop now"), 4);
  const results = await ended;
  assert.ok(performance.now() - began < 1000);
  assert.ok(
    results.every(
      (result) =>
        typeof result === "object" && result !== null && "limit" in result && result.limit === "stop",
    ),
  );
  assert.equal(stopped(), "stop now");
  await assert.rejects(sandbox.run(sh("true")), /stop now/);
  liftStop();
  assert.equal((await sandbox.run(sh("true"))).exitCode, 0);
});

test("a pipeline is joined stage by stage, a cancelled run ends at once, a missing program is told", async (t) => {
  const sandbox = sandboxOr((why) => t.skip(why));
  if (sandbox === undefined) return;
  const pipeline = [{ argv: ["yes"] }, { argv: ["head", "-3"] }, { argv: ["wc", "-l"] }];
  const joined = await sandbox.run({ workspace: import.meta.dirname, pipeline });
  assert.deepEqual([joined.stdout.trim(), joined.exitCode, joined.stderr], ["3", 0, ""]);
  const controller = new AbortController();
  const run = sandbox.run(sh("sleep 100", { signal: controller.signal }));
  setTimeout(() => controller.abort(), 50);
  assert.equal((await run).limit, "stop");
  const missing = await sandbox.run({
    workspace: import.meta.dirname,
    pipeline: [{ argv: ["no-such-program"] }],
  });
  assert.equal(missing.exitCode, 127);
});

test("the whole machine is no workspace to be sandboxed in", async () => {
  assert.equal(findSandbox("/"), undefined);
  assert.match((await sandboxLevel("/")).missing.join(), /whole machine/);
});
