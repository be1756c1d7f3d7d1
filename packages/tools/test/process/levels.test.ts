import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { JsonObject } from "hearth";
import { programTools } from "../../src/programs/index.ts";
import { findSandbox, type LevelName, type RunRequest, type Sandbox } from "../../src/sandbox/index.ts";
import { type Battery, escapeBattery, escapes } from "../escape.ts";
import { call, tempFolder } from "../helpers.ts";

/** A level by name, or a skip with the reason; where CI promises the sandbox, Landlock and bubblewrap must be there. */
function levelOr(t: TestContext, level: LevelName): Sandbox | undefined {
  try {
    return findSandbox(import.meta.dirname, { level });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (process.env["HEARTH_NEEDS_SANDBOX"] !== undefined && level === "bubblewrap") assert.fail(why);
    t.skip(why);
    return undefined;
  }
}

const sh = (script: string, more: Partial<RunRequest> = {}): RunRequest => ({
  workspace: import.meta.dirname,
  pipeline: [{ argv: ["sh", "-c", script] }],
  ...more,
});

/** Processes of this machine whose command line has this text. */
function alive(text: string): number {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "latin1").includes(text);
    } catch {
      return false;
    }
  }).length;
}

async function gone(text: string): Promise<boolean> {
  for (let tries = 0; tries < 40 && alive(text) > 0; tries++)
    await new Promise((done) => setTimeout(done, 50));
  return alive(text) === 0;
}

const ESCAPE = join(import.meta.dirname, "../escape.ts");
const NODE = [process.execPath, "--conditions=@hearth/source", ESCAPE];

test("L1b: the ways out are closed by Landlock and the filter, as this user and as an ordinary one", async (t) => {
  if (levelOr(t, "landlock") === undefined) return;
  if (process.arch !== "x64") return t.skip("the battery needs x64");
  const mine = await escapeBattery("landlock");
  assert.ok(mine !== undefined && Object.keys(mine.outcome).length > 40);
  assert.deepEqual(escapes(mine), []);
  assert.equal(mine.level.strength, "partial");
  assert.match(mine.level.missing.join(), /names and sizes of files outside/);
  if (process.getuid?.() !== 0) return;
  const words = ["--reuid", "10001", "--regid", "10001", "--clear-groups", ...NODE, "landlock"];
  const child = spawnSync("setpriv", words, {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", HOME: "/root" },
    cwd: "/tmp",
  });
  if (child.stdout === "")
    return t.skip(`the checkout is not readable for another user: ${child.stderr.slice(0, 200)}`);
  const other: Battery = JSON.parse(child.stdout);
  assert.deepEqual(escapes(other), []);
});

test("where user namespaces are refused, Landlock takes over by itself, and says so", async (t) => {
  if (levelOr(t, "bubblewrap") === undefined || levelOr(t, "landlock") === undefined) return;
  // A machine inside this one on which no further user namespace can be made.
  const words =
    "--bind / / --dev-bind /dev /dev --proc /proc --unshare-user --uid 0 --gid 0 --disable-userns --".split(
      " ",
    );
  const child = spawnSync("bwrap", [...words, ...NODE], { encoding: "utf8", cwd: "/tmp" });
  if (child.stdout === "") return t.skip(`no such machine can be made here: ${child.stderr.slice(0, 200)}`);
  const battery: Battery = JSON.parse(child.stdout);
  assert.equal(battery.level.name, "L1b Landlock");
  assert.deepEqual(escapes(battery), []);
});

test("L1b: limits hold, and all that was started is gone with the run", async (t) => {
  const sandbox = levelOr(t, "landlock");
  if (sandbox === undefined) return;
  const endless =
    "(trap '' TERM INT HUP; while :; do sleep 5123.1; done) & trap '' TERM INT HUP; while :; do sleep 5123.1; done";
  const timed = await sandbox.run(sh(endless, { limits: { timeoutMs: 400 } }));
  assert.equal(timed.limit, "time");
  assert.ok(timed.ms < 400 + 250, String(timed.ms));
  assert.ok(await gone("5123.1"));
  const left = await sandbox.run(
    sh("(sleep 5123.2 &) ; (setsid sleep 5123.2 &) ; nohup sleep 5123.2 >/dev/null 2>&1 & exit 7"),
  );
  assert.equal(left.exitCode, 7);
  assert.ok(await gone("5123.2"));
  const memory = await sandbox.run({
    workspace: import.meta.dirname,
    pipeline: [{ argv: ["/usr/bin/python3", "-c", "x = 'a' * 10**10"] }],
  });
  assert.match(memory.stderr, /MemoryError/);
  const many = sh("i=0; while [ $i -lt 200 ]; do sleep 5123.3 & i=$((i+1)); done; wait", {
    limits: { timeoutMs: 8000 },
  });
  assert.equal((await sandbox.run(many)).limit, "processes");
  assert.ok(await gone("5123.3"));
  const killed = await sandbox.run(sh("kill -KILL $$"));
  assert.equal(killed.exitCode, 137);
});

test("L1b: the tools that only read work as in L1", async (t) => {
  if (levelOr(t, "landlock") === undefined) return;
  using dir = tempFolder({ "a.txt": "one\ntwo\n", "src/b.txt": "one\n" });
  const git = (...words: string[]) =>
    spawnSync("git", ["-c", "user.name=A", "-c", "user.email=a@b.c", ...words], { cwd: dir.path });
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "First");
  const tools = programTools({ workspace: dir.path, level: "landlock" });
  const cases: [name: string, args: JsonObject, expected: RegExp][] = [
    ["run_shell", { command: "grep -rc one src a.txt | sort" }, /a\.txt:1\nsrc\/b\.txt:1/],
    ["run_shell", { command: "find . -name '*.txt' | wc -l" }, /^2$/],
    ["git_log", {}, /A: First/],
    ["git_status", {}, /## main/],
    [
      "run_python",
      { code: "import json, subprocess\nprint(subprocess.check_output(['ls']).decode(), json.dumps([1]))" },
      /a\.txt\nsrc\n \[1\]/,
    ],
  ];
  for (const [name, args, expected] of cases) {
    const ran = await call(tools, name, args);
    assert.match(ran.content, expected, `${name} ${ran.content}`);
    assert.match(String(ran.details["sandbox"]), /^L1b Landlock \(partial: /);
  }
  assert.ok(!tools.some(({ name }) => name === "install_package"), "it has no way out");
});

test("L1b: when the runtime itself is killed, nothing goes on", async (t) => {
  if (levelOr(t, "landlock") === undefined) return;
  const code = `import { findSandbox } from ${JSON.stringify(join(import.meta.dirname, "../../src/sandbox/index.ts"))};
    await findSandbox("/usr/share", { level: "landlock" }).run({ workspace: "/usr/share", onOutput: () => console.log("up"),
      pipeline: [{ argv: ["sh", "-c", "sleep 5124.1 & echo up; sleep 5124.1"] }] });`;
  const child = spawn(process.execPath, ["--conditions=@hearth/source", "--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  assert.ok(alive("5124.1") > 0);
  child.kill("SIGKILL");
  assert.ok(await gone("5124.1"));
});

const REPOSITORY = {
  "src/a.txt": "a",
  ".git/HEAD": "ref: x\n",
  ".git/hooks/": "",
  ".git/config": "",
  "sub/.git/hooks/": "",
  "sub/.git/config": "",
  "sub/.vscode/tasks.json": "{}",
};
/** What a hostile program would try, in the workspace and below it. */
const ATTACKS = [
  "echo x > .git/hooks/post-commit",
  "echo x > sub/.git/hooks/post-commit",
  "echo x >> sub/.git/config",
  "echo x > sub/.vscode/tasks.json",
  "mv .git g && mkdir -p .git/hooks && echo x > .git/hooks/post-commit",
  "mv sub/.git sub/g && mkdir -p sub/.git/hooks && echo x > sub/.git/hooks/post-commit",
  "mv sub s && mkdir -p sub/.git/hooks && echo x > sub/.git/hooks/post-commit",
  "rm -rf sub/.git && mkdir -p sub/.git/hooks && echo x > sub/.git/hooks/post-commit",
  "mkdir -p src/.git/hooks && echo x > src/.git/hooks/post-commit",
  "echo gitdir: x > src/.git",
  "echo x > .git/commondir",
  "ln -s ../src sub/.git/modules",
  "echo x > src/.envrc",
];
const DANGEROUS = /(?:^|\/)(?:\.git\/(?:hooks\/.+|config\.worktree|commondir|modules)|\.envrc)$/;

for (const level of ["bubblewrap", "landlock"] as const) {
  test(`${level}: in a writable workspace, what others run later stays as it was, at any depth`, async (t) => {
    const sandbox = levelOr(t, level);
    if (sandbox === undefined) return;
    for (const attack of ATTACKS) {
      using dir = tempFolder(REPOSITORY);
      await sandbox.run(sh(attack, { workspace: dir.path, writable: true }));
      const paths = readdirSync(dir.path, { recursive: true, encoding: "utf8" });
      assert.deepEqual(
        paths.filter((path) => DANGEROUS.test(path)),
        [],
        attack,
      );
      for (const file of paths.filter((path) => /\.git\/config$|tasks\.json$/.test(path)))
        assert.doesNotMatch(readFileSync(join(dir.path, file), "utf8"), /x/, attack);
      const own = join(dir.path, "src/.git");
      assert.ok(!existsSync(own), attack);
    }
    using dir = tempFolder(REPOSITORY);
    const useful = await sandbox.run(
      sh("echo b > src/b.txt && echo c >> src/a.txt && cat src/b.txt", {
        workspace: dir.path,
        writable: true,
      }),
    );
    assert.deepEqual([useful.exitCode, useful.stdout], [0, "b\n"], "the rest may be written");
  });
}

test("sandbox-runtime: chosen by name it runs within our limits, and its label says what it lacks", async (t) => {
  const sandbox = levelOr(t, "sandbox-runtime");
  if (sandbox === undefined) return;
  using dir = tempFolder({ "a b'c.txt": "one\n" });
  const ran = await sandbox.run({
    workspace: dir.path,
    pipeline: [{ argv: ["cat", "a b'c.txt"] }, { argv: ["wc", "-l"] }],
  });
  assert.deepEqual([ran.stdout.trim(), ran.exitCode], ["1", 0]);
  assert.match(ran.sandbox, /^sandbox-runtime \(partial: /);
  const out = await sandbox.run(
    sh("echo x > made; cat /etc/passwd; env | grep -c HEARTH", { workspace: dir.path }),
  );
  assert.ok(!existsSync(join(dir.path, "made")) && !out.stdout.includes("root:"));
  const slow = await sandbox.run(
    sh("while :; do :; done", { workspace: dir.path, limits: { timeoutMs: 3000 } }),
  );
  assert.equal(slow.limit, "time");
});
