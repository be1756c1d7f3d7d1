import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { against, folderWith, hearth, mockEngine, noMock, ROOT, start } from "./support.ts";

type Row = Record<string, unknown>;
const rowsOf = (stdout: string): Row[] =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

test("--json is one value a line on stdout, for every command that shows something", async () => {
  const cwd = folderWith({ "a.txt": "x", "t.jinja": "{% for m in messages %}{{ m.content }}{% endfor %}" });
  const cases: [string[], (rows: Row[]) => boolean][] = [
    [["config", "--json"], (rows) => rows.some(({ name, value }) => name === "maxSteps" && value === 15)],
    [
      ["doctor", "--json"],
      (rows) =>
        rows.some(({ id }) => id === "embedded") && rows.every(({ findings }) => Array.isArray(findings)),
    ],
    [
      ["models", "--json"],
      (rows) => rows.some(({ engine, name }) => engine === "embedded" && name === "pocket"),
    ],
    [
      ["tools", "list", "--json"],
      (rows) => rows.some(({ name, parameters }) => name === "read_file" && parameters !== undefined),
    ],
    [
      ["tools", "call", "list_files", "{}", "--json"],
      ([row]) => row?.["ok"] === true && /a\.txt/.test(String(row["content"])),
    ],
    [
      ["formats", "list", "--json"],
      (rows) => rows.some(({ id, markers }) => id === "hermes" && Array.isArray(markers)),
    ],
    [["formats", "audit", "t.jinja", "--json"], (rows) => rows.some(({ what }) => what === "tools")],
    [["formats", "detect", "t.jinja", "--json"], ([row]) => row?.["how"] === "fallback"],
    [["trust", cwd, "--json"], ([row]) => row?.["folder"] === cwd],
    [["engine", "install", "--dry-run", "--json"], ([row]) => Array.isArray(row?.["command"])],
  ];
  for (const [args, fits] of cases) {
    const { code, stdout, stderr } = await hearth(args, { cwd });
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    assert.ok(fits(rowsOf(stdout)), `${args.join(" ")}: ${stdout.slice(0, 300)}`);
  }
});

test("tools freeze writes the schemas of a module beside its built form, which then needs no types", async () => {
  const cwd = folderWith({
    "src/add.ts":
      "/** Adds. @param a first @param b second */\nexport function add(a: number, b: number) { return a + b; }\n",
    "dist/add.js": "export function add(a, b) { return a + b; }\n",
  });
  const made = await hearth(["tools", "freeze", "dist/add.tools.json", "src/add.ts", "--json"], { cwd });
  assert.deepEqual(
    rowsOf(made.stdout),
    [{ file: "dist/add.tools.json", frozen: ["add"], left: [] }],
    made.stderr,
  );
  const called = await hearth(
    ["tools", "call", "add", '{"a":2,"b":3}', "--tool-module", join(cwd, "dist/add.js")],
    { cwd },
  );
  assert.match(called.stdout, /"content":"5"/, called.stderr);
  const wrong = await hearth(["tools", "freeze", "src/add.ts"], { cwd });
  assert.equal(wrong.code, 2);
});

test("secrets are masked wherever settings are shown", async () => {
  const env = {
    OPENAI_API_KEY: "sk-abcdefghijklmnopqrstuvwx",
    OPENAI_BASE_URL: "http://me:hunter22hunter@127.0.0.1:9/v1",
  };
  for (const args of [["config", "--explain"], ["config", "--json"], ["doctor"], ["doctor", "--json"]]) {
    const { stdout, stderr } = await hearth(args, { cwd: folderWith(), env });
    assert.doesNotMatch(stdout + stderr, /abcdefghijklmnop|hunter22/, args.join(" "));
  }
});

test("rows of the format layer and of the judge are answered in order", async () => {
  const lines = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const text = '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>';
  const parsed = await hearth(["formats", "parse", "-", "--jsonl"], {
    stdin: lines([
      { id: 1, family: "qwen3", text },
      { id: 2, format: "nothing", text: "as it is" },
    ]),
  });
  assert.deepEqual(
    rowsOf(parsed.stdout).map(({ id, calls }) => [id, calls]),
    [
      [1, [{ name: "add", arguments: { a: 1 } }]],
      [2, []],
    ],
  );
  const rendered = await hearth(["formats", "render", "-", "--jsonl"], {
    stdin: '{"id":1,"templateText":"{{ x }} {{ y }}","variables":{"x":1.0,"y":1}}\n',
  });
  assert.deepEqual(rowsOf(rendered.stdout), [{ id: 1, text: "1.0 1" }]);
  const judged = await hearth(["policy", "check", "-", "--jsonl"], {
    stdin: lines([
      { id: "a", kind: "shell", input: "ls -la" },
      { id: "b", kind: "shell", input: "ls; rm -rf /" },
    ]),
  });
  assert.deepEqual(
    rowsOf(judged.stdout).map(({ id, verdict }) => [id, verdict]),
    [
      ["a", "allow"],
      ["b", "deny"],
    ],
  );
  const disabled = await hearth(["policy", "check", "-", "--jsonl"], {
    stdin: lines([{ id: "a", kind: "shell", input: "ls -la" }]),
    env: { DISABLED_COMMANDS: "ls" },
  });
  assert.equal(rowsOf(disabled.stdout)[0]?.["verdict"], "deny");
  const wrong = await hearth(["policy", "check", "-", "--jsonl"], { stdin: "{}\n[1]\n" });
  assert.equal(wrong.code, 2);
  const none = await hearth(["formats", "parse", "/nowhere/rows"]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /can't be read \(ENOENT\)/);
});

test("a result can be had without the noise: a failed tool ends with code 3", async () => {
  const { code, stdout } = await hearth(["tools", "call", "read_file", '{"path":"gone.txt"}'], {
    cwd: folderWith(),
  });
  assert.equal(code, 3);
  assert.equal(rowsOf(stdout)[0]?.["ok"], false);
});

test("help and version answer on stdout; without a command the help is an error", async () => {
  const version = await hearth(["--version"]);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  for (const args of [["--help"], ["help"], ["run", "--help"], ["help", "run"]]) {
    const { code, stdout } = await hearth(args);
    assert.equal(code, 0);
    assert.match(stdout, /Usage:/);
  }
  assert.equal((await hearth([])).code, 2);
});

test("serve listens, answers a run and ends on SIGTERM", { skip: noMock, timeout: 60_000 }, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "Hello." }] });
  const going = start(["serve", "--port", "0", "--json", ...against(mock, folderWith())]);
  const { url } = JSON.parse(await going.line((line) => line.includes("url")));
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  const reply = await fetch(`${url}/agent`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ input: "Hi" }),
  });
  assert.equal(((await reply.json()) as { result: string }).result, "Hello.");
  going.child.kill("SIGTERM");
  const ended = await going.done;
  await mock.close();
  assert.equal(ended.code, 0, ended.stderr);
});

test("a port that is taken, or an address without keys, is told", async () => {
  const away = await hearth([
    "serve",
    "--host",
    "0.0.0.0",
    "--engine",
    "http://127.0.0.1:9",
    "--wire",
    "openai",
  ]);
  assert.equal(away.code, 2);
  assert.match(away.stderr, /0\.0\.0\.0/);
});

const OLD = spawnSync("/usr/bin/node", ["--version"], { encoding: "utf8" }).stdout ?? "";
const isOld = Number(/^v(\d+)/.exec(OLD)?.[1] ?? 99) < 24;

test("an old Node is told, by the file that npm links", { skip: isOld ? false : "no old Node here" }, () => {
  const file = join(ROOT, "packages/cli/bin/hearth.mjs");
  const { status, stderr } = spawnSync("/usr/bin/node", [file, "--version"], { encoding: "utf8", env: {} });
  assert.equal(status, 2);
  assert.match(stderr, /Hearth needs Node 24/);
});

test("the linked file runs the sources of a clone from any folder, without npm", () => {
  const file = join(ROOT, "packages/cli/bin/hearth.mjs");
  const env = { PATH: process.env["PATH"] ?? "", HOME: folderWith() };
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, "tools", "list", "--json"], {
    encoding: "utf8",
    env,
    cwd: folderWith(),
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /list_files/);
});
