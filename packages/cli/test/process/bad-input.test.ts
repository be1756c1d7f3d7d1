import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith, hearth, mockEngine, noMock } from "./support.ts";

/** One clear line, a remedy, the exit code, no stack. */
function assertClear(
  stderr: string,
  code: number | null,
  wanted: { code: number; says: RegExp; name: string },
): void {
  assert.equal(code, wanted.code, `${wanted.name}: exit ${code}\n${stderr}`);
  assert.match(stderr, wanted.says, wanted.name);
  const lines = stderr.trimEnd().split("\n");
  assert.match(lines[0] ?? "", /^hearth: \S/, wanted.name);
  assert.equal(lines.length, 2, `${wanted.name}: a line and its remedy\n${stderr}`);
  assert.match(lines[1] ?? "", /^ {2}\S/, wanted.name);
  assert.doesNotMatch(stderr, /\n\s+at /, wanted.name);
}

test("each wrong use ends with code 2, one line and a remedy", { timeout: 120_000 }, async () => {
  const folder = folderWith({
    "bad.json": "{,",
    "list.json": "[]",
    "broken.ts": "export function (",
    "untyped.ts": "export function go(x: Map<string, number>) { return x; }",
    "ws-env/.env": "what is this",
    "ws-json/hearth.config.json": "{ nope",
    "ws-typo/.env": "HEARTH_MAX_STEP=3",
    "ok/file": "",
  });
  const at = (name: string): string => join(folder, name);
  const cases: [string, string[], RegExp, Record<string, string>?][] = [
    ["unknown command", ["rnu"], /no command rnu; the nearest is run/],
    ["unknown flag", ["run", "--max-step", "3", "x"], /no flag --max-step .*nearest is --max-steps/],
    ["flag without value", ["run", "x", "--model"], /--model needs a value/],
    ["flag as a value", ["run", "--model", "--json", "x"], /--model needs a value/],
    ["switch with a value", ["run", "--json=yes", "x"], /--json takes no value/],
    ["no task", ["run"], /no task/],
    ["wrong number", ["run", "--max-steps", "many", "x"], /--max-steps must be a whole number/],
    [
      "too long a tool timeout",
      ["run", "--tool-timeout", "301", "x"],
      /--tool-timeout must be a number from 0.001 to 300/,
    ],
    ["unknown engine", ["run", "--engine", "olama", "x"], /--engine must be one of auto, embedded, ollama/],
    ["unknown variable", ["run", "x"], /HEARTH_MAX_STEPS/, { HEARTH_MAX_STEP: "3" }],
    [
      "wrong variable",
      ["run", "x"],
      /^hearth: HEARTH_APPROVE must be one of ask, auto, never, not "sure"/,
      { HEARTH_APPROVE: "sure" },
    ],
    ["no workspace", ["run", "--workspace", at("gone"), "x"], /workspace .*gone is not there/],
    ["a file as workspace", ["run", "--workspace", at("bad.json"), "x"], /no folder/],
    ["broken .env", ["run", "--workspace", at("ws-env"), "x"], /\.env, line 1/],
    ["broken workspace file", ["run", "--workspace", at("ws-json"), "x"], /hearth\.config\.json is not JSON/],
    ["unknown setting in .env", ["run", "--workspace", at("ws-typo"), "x"], /HEARTH_MAX_STEPS/],
    ["no file of settings", ["run", "--config", at("gone"), "x"], /gone is not there/],
    ["broken file of settings", ["run", "--config", at("bad.json"), "x"], /bad\.json is not JSON/],
    [
      "unknown tool",
      ["run", "--engine", "http://127.0.0.1:1", "--wire", "openai", "--tools", "list_file", "x"],
      /no tool "list_file"[\s\S]*list_files/,
    ],
    [
      "no module",
      ["run", "--engine", "http://127.0.0.1:1", "--wire", "openai", "--tool-module", at("gone.ts"), "x"],
      /gone\.ts/,
    ],
    [
      "broken module",
      ["run", "--engine", "http://127.0.0.1:1", "--wire", "openai", "--tool-module", at("broken.ts"), "x"],
      /broken\.ts/,
    ],
    ["module of unknown types", ["tools", "schema", at("untyped.ts")], /untyped\.ts/],
    ["no schema", ["run", "--schema", at("gone.json"), "x"], /gone\.json, is not there/],
    ["broken schema", ["run", "--schema", at("list.json"), "x"], /no JSON object/],
    ["no instructions", ["run", "--system", `@${at("gone.txt")}`, "x"], /gone\.txt, is not there/],
    ["arguments that are no JSON", ["tools", "call", "list_files", "{path"], /not JSON/],
    ["unknown tool to call", ["tools", "call", "list_file"], /no tool "list_file"/],
    ["unknown action", ["tools", "lst"], /no action lst/],
    ["trust in nothing", ["trust"], /takes one folder/],
  ];
  for (let i = 0; i < cases.length; i += 3) {
    await Promise.all(
      cases.slice(i, i + 3).map(async ([name, args, says, env = {}]) => {
        const ended = await hearth(args, { env, cwd: at("ok") });
        assertClear(ended.stderr, ended.code, { code: 2, says, name });
        assert.equal(ended.stdout, "", name);
      }),
    );
  }
});

test("a stack is shown only to whoever debugs", async () => {
  const ended = await hearth(["run", "--workspace", "/nowhere", "x"], { env: { DEBUG: "1" } });
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /^hearth: The workspace \/nowhere is not there/);
  assert.match(ended.stderr, /\n\s+at /);
});

test("an unknown model ends with code 4 and names what is there", { skip: noMock }, async () => {
  const mock = await mockEngine({ kind: "ollama", model: "qwen3" });
  const ended = await hearth(["run", "--engine", mock.url, "--model", "qwen4", "--journal", "none", "x"]);
  await mock.close();
  assert.equal(ended.code, 4, ended.stderr);
  assert.match(ended.stderr, /qwen4/);
  assert.match(ended.stderr, /qwen3/);
});

test("a model that can't call tools is used when named, and what it lacks is said", {
  skip: noMock,
}, async () => {
  const mock = await mockEngine({ kind: "ollama", capabilities: ["completion"] });
  const ended = await hearth(["run", "--engine", mock.url, "--model", "mock", "--journal", "none", "x"]);
  await mock.close();
  assert.equal(ended.code, 4, ended.stderr);
  assert.match(ended.stderr, /tools/);
});

test("an engine that is not there: its address, code 4, and a valid log", async () => {
  const ended = await hearth([
    "run",
    "--json",
    "--engine",
    "127.0.0.1:9",
    "--model",
    "m",
    "--journal",
    "none",
    "x",
  ]);
  assert.equal(ended.code, 4);
  assert.match(ended.stderr, /127\.0\.0\.1:9\b/);
  const types = ended.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).type);
  assert.equal(types[0], "run.started");
  assert.equal(types.at(-1), "run.finished");
});
