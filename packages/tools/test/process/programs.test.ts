import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { interpret, type Language } from "../../src/interpreters/index.ts";
import { agentExec, programTools } from "../../src/programs/index.ts";
import { attacks } from "../attacks.ts";
import { call, tempFolder } from "../helpers.ts";

const job = (language: Language, code: string, more = {}) =>
  interpret({ language, code, timeoutMs: 400, memoryMb: 128, outputChars: 2000, ...more });

test("Python in the interpreter: output, values, errors, limits", async () => {
  const cases: [string, string, string | undefined][] = [
    ["print(6*7)", "42\n", undefined],
    ["1+1", "", "2"],
    ["(1, 'it\\'s', [None, True])", "", '(1, "it\'s", [None, True])'],
    ["{'a': 1.5}", "", "{'a': 1.5}"],
    ["x = 1", "", undefined],
  ];
  for (const [code, output, value] of cases) {
    const result = await job("python", code);
    assert.deepEqual([result.output, result.value, result.error], [output, value, undefined], code);
  }
  assert.equal((await job("python", "1.0")).unsure, true, "1 or 1.0: Monty does not tell");
  assert.equal((await job("python", "1/0")).error?.type, "ZeroDivisionError");
  assert.equal((await job("python", "x = (")).error?.type, "SyntaxError");
  for (const [code, limit] of [
    ["while True: pass", "time"],
    ["sum(range(10**12))", "time"],
    ["'a'*10**10", "memory"],
    ["1<<10**10", "memory"],
    ["while True: print('x'*1000)", "output"],
  ] as const) {
    const result = await job("python", code);
    assert.equal(result.limit, limit, code);
    assert.ok(result.ms < 400 + 1000, `${code} ${result.ms}`);
  }
});

test("JavaScript in the interpreter: output, values, promises, limits", async () => {
  const cases: [string, string, string | undefined][] = [
    ["console.log('a', 1, {b: [2]})", "a 1 {b: [2]}\n", undefined],
    ["[1, 2].map(x => x * 2)", "", "[2, 4]"],
    ["(async () => 5)()", "", "5"],
    ["const y = await Promise.resolve(3); console.log(y)", "3\n", undefined],
    ["new Map([[1, 'x']])", "", 'Map {1 => "x"}'],
    ["const a = {}; a.a = a; a", "", "{a: [circular]}"],
  ];
  for (const [code, output, value] of cases) {
    const result = await job("javascript", code);
    assert.deepEqual([result.output, result.value, result.error], [output, value, undefined], code);
  }
  const bombs: [string, RegExp][] = [
    ["while(1){}", /time/],
    ["/(a+)+$/.test('a'.repeat(40) + '!')", /time/],
    ["(async()=>{while(1) await 0})()", /time/],
    ["let a=[]; while(1) a.push(new Array(1000).fill(1))", /time|memory/],
    ["'a'.repeat(2**29)", /memory/],
    ["console.log({get x() { while(1); }})", /time/],
  ];
  for (const [code, limit] of bombs) {
    const result = await job("javascript", code);
    assert.match(result.limit ?? "", limit, code);
    assert.ok(result.ms < 400 + 1000, `${code} ${result.ms}`);
  }
  assert.match((await job("javascript", "function f(){return f()} f()")).error?.text ?? "", /stack overflow/);
  assert.equal((await job("javascript", "1+1")).value, "2", "the next job is not the worse for it");
});

test("the shared attacks in JavaScript reach nothing of this machine", async (t) => {
  const rows = attacks()?.filter(({ kind }) => kind === "js");
  if (rows === undefined) return t.skip("the shared data is not here");
  for (const { input, expected } of rows) {
    const result = await job("javascript", input);
    if (expected.startsWith("limit"))
      assert.ok(result.limit !== undefined || result.error !== undefined || /toString/.test(input), input);
    if (expected === "deny") assert.ok(result.error !== undefined, `${input}: ${result.value}`);
    if (expected === "allow") assert.equal(result.error, undefined, input);
  }
});

test("the shared attacks in Python: no file, process or variable of this machine is reached", async (t) => {
  const rows = attacks()?.filter(({ kind, expected }) => kind === "python" && !expected.startsWith("limit"));
  if (rows === undefined) return t.skip("the shared data is not here");
  process.env["HEARTH_CANARY"] = "canary-51c2";
  using dir = tempFolder({ "f.txt": "x" });
  const tools = programTools({ workspace: dir.path });
  try {
    for (const { input, expected } of rows) {
      const ran = await call(tools, "run_python", { code: input, timeout: 10 });
      const text = ran.content + JSON.stringify(ran.details);
      assert.doesNotMatch(text, /root:x:0|canary-51c2|uid=0/, input);
      assert.match(String(ran.details["sandbox"]), /^L[01] .*\(enforced\)$/, input);
      if (expected === "allow" && tools.length > 2) assert.equal(ran.ok, true, `${input}: ${ran.content}`);
    }
  } finally {
    delete process.env["HEARTH_CANARY"];
  }
});

test("ordinary Python gives what Python gives, in the interpreter or the sandbox", async (t) => {
  using dir = tempFolder({});
  const tools = programTools({ workspace: dir.path });
  if (tools.length === 2 || !existsSync("/usr/bin/python3"))
    return t.skip("no sandbox, or no /usr/bin/python3");
  const snippets = readFileSync(join(import.meta.dirname, "../snippets.txt"), "utf8")
    .trim()
    .split("\n---\n");
  // Every sixth here; all of them by `npm run prove:python`.
  const wrong: string[] = [];
  for (const code of snippets.filter((_, at) => at % 6 === 0)) {
    const ran = await call(tools, "run_python", { code });
    const truth = spawnSync("/usr/bin/python3", ["-I", "-c", NOTEBOOK, code], { encoding: "utf8" });
    if (String(ran.details["stdout"]) !== truth.stdout)
      wrong.push(`${code}\n  ${ran.content} | ${truth.stdout}`);
  }
  assert.deepEqual(wrong, []);
});

/** What a notebook shows, by the host's Python: the truth to compare with. */
const NOTEBOOK =
  "import ast,sys\nt=ast.parse(sys.argv[1])\nl=ast.Expression(t.body.pop().value) if isinstance(t.body[-1],ast.Expr) else None\nexec(compile(t,'c','exec'))\nv=eval(compile(l,'c','eval')) if l else None\nif v is not None: print(repr(v))";

test("run_shell runs what the judge allows, run_command what a person may approve, and both say why not", async (t) => {
  using dir = tempFolder({
    "a.txt": "one\ntwo\n",
    "b.txt": "one\n",
    "script.py": "open('made.txt','w').write('x')\nprint('ran')\n",
  });
  const tools = programTools({ workspace: dir.path });
  if (tools.length === 2) return t.skip("no sandbox here");
  const shell = (command: string, more = {}) => call(tools, "run_shell", { command, ...more });
  assert.equal(
    (await shell("cat a.txt b.txt | sort | uniq -c | sort -rn | head -1")).content.trim(),
    "2 one",
  );
  assert.equal((await shell("cat none 2>/dev/null || echo missing")).content, "missing");
  assert.equal((await shell("cat none 2>/dev/null && echo there")).ok, false);
  assert.match((await shell("grep -c one a.txt; wc -l b.txt")).content, /^1\n1 b\.txt$/);
  assert.match((await shell("rm a.txt")).content, /^Not run: "rm" is not on the list/);
  assert.match((await shell("python3 script.py")).content, /^Not run: .*Use run_command/);
  assert.match((await shell("ls", { cwd: "../" })).content, /outside the workspace/);
  assert.match((await shell("ls", { timeout: 301 })).content, /300 seconds at most/);
  assert.ok(existsSync(join(dir.path, "a.txt")) && !existsSync(join(dir.path, "made.txt")));
  const ran = await call(tools, "run_command", { command: "python3 script.py" });
  assert.equal(ran.content, "ran");
  assert.equal(readFileSync(join(dir.path, "made.txt"), "utf8"), "x");
  assert.match((await call(tools, "run_command", { command: "rm -rf /" })).content, /^Not run/);
  for (const tool of tools)
    assert.equal(tool.effect, tool.name === "run_command" ? "once" : "none", tool.name);
});

test("the git tools show a repository, and its settings start nothing", async (t) => {
  using dir = tempFolder({ "a.txt": "one\n" });
  const tools = programTools({ workspace: dir.path });
  if (tools.length === 2) return t.skip("no sandbox here");
  const git = (...words: string[]) =>
    spawnSync("git", ["-c", "user.name=A", "-c", "user.email=a@b.c", ...words], {
      cwd: dir.path,
      encoding: "utf8",
    });
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "First");
  const trap = "sh -c 'touch /tmp/hearth-trap; echo TRAP'";
  for (const key of ["core.fsmonitor", "diff.external", "core.pager", "pager.log", "gpg.program"])
    git("config", key, trap);
  spawnSync("sh", ["-c", "echo two >> a.txt"], { cwd: dir.path });
  assert.match((await call(tools, "git_status")).content, /## main\n M a\.txt/);
  const diff = await call(tools, "git_diff");
  assert.match(diff.content, /^\+two$/m);
  assert.doesNotMatch(diff.content, /TRAP/);
  assert.match((await call(tools, "git_log", { limit: 1 })).content, /A: First/);
  assert.match((await call(tools, "git_diff", { since: "--output=x" })).content, /^Not run/);
  assert.match((await call(tools, "git_diff", { path: "../x" })).content, /^Not run/);
});

test("AgentExecMCP's tools: its arguments, its results, its limits, and what it leaves open closed", async (t) => {
  using dir = tempFolder({ "a.txt": "one\n" });
  const tools = agentExec({ workspace: dir.path });
  if (tools.length === 0) return t.skip("no sandbox here");
  const shell = await call(tools, "shell", { command: "cat a.txt | wc -l", cwd: ".", timeout: 10 });
  const told: Record<string, unknown> = JSON.parse(shell.content);
  assert.deepEqual(Object.keys(told), ["stdout", "stderr", "exit_code", "duration", "success"]);
  assert.deepEqual([String(told["stdout"]).trim(), told["exit_code"], told["success"]], ["1", 0, true]);
  assert.match((await call(tools, "shell", { command: "ls; id" })).content, /^Not run/);
  assert.match((await call(tools, "shell", { command: "ls", timeout: 301 })).content, /300 seconds at most/);
  const python = await call(tools, "execute_code", {
    language: "python",
    code: "import sys\nprint(sys.argv, 6*7)",
  });
  assert.match(python.content, /42/);
  const node = await call(tools, "execute_code", {
    language: "node",
    code: "console.log(6*7, process.env.HOME)",
  });
  assert.match(node.content, /42 \/tmp\/home/);
  const slow = await call(tools, "execute_code", {
    language: "python",
    code: "while True: pass",
    timeout: 1,
  });
  assert.equal(slow.details["limit"], "time");
  assert.equal(slow.details["success"], false);
  assert.match(
    (await call(tools, "execute_code", { language: "ruby", code: "1" })).content,
    /There are: python, node, go/,
  );
});

test("without a sandbox, programs run only when that was said in so many words, and each result says so", async () => {
  using dir = tempFolder({ "a.txt": "one\n" });
  const path = process.env["PATH"];
  process.env["PATH"] = "/nowhere";
  try {
    const plain = programTools({ workspace: dir.path }).map(({ name }) => name);
    assert.deepEqual(plain, ["run_python", "run_javascript"]);
    assert.deepEqual(agentExec({ workspace: dir.path }), []);
    const python = await call(programTools({ workspace: dir.path }), "run_python", {
      code: "import os\nos.listdir('/')",
    });
    assert.equal(python.ok, false);
    assert.match(python.content, /a full one needs a sandbox/);
    const unsafe = programTools({ workspace: dir.path, unsafeNoSandbox: true });
    for (const name of ["run_command", "run_python"]) {
      const tool = unsafe.find((one) => one.name === name);
      assert.deepEqual(
        [tool?.effect, tool?.egress],
        ["once", true],
        `${name} may do anything then, and says so`,
      );
    }
    const ran = await call(unsafe, "run_shell", { command: "cat a.txt" });
    assert.equal(ran.content, "one\n[ran without a sandbox]");
    assert.equal(ran.details["sandbox"], "none");
  } finally {
    process.env["PATH"] = path;
  }
});
