import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sandboxLevel } from "@hearth/tools";
import { ConfigError, type JsonObject, normalizeResult, type Tool, UsageError } from "hearth";
import { loadConfig } from "../config/index.ts";
import { assemble, journalFile } from "./assemble.ts";
import { shellRules } from "./commands.ts";
import { DEFAULT_INSTRUCTIONS } from "./files.ts";
import { workspaceNames } from "./names.ts";
import { openTools } from "./open.ts";
import { selectedTools } from "./tools.ts";

const home = realpathSync(mkdtempSync(join(tmpdir(), "hearth-assemble-")));
after(() => rmSync(home, { recursive: true, force: true }));
const put = (name: string, content: string): string => {
  mkdirSync(join(home, name, ".."), { recursive: true });
  writeFileSync(join(home, name), content);
  return join(home, name);
};
const MODULE = put(
  "tools.ts",
  `/** Add. @param a one @param b two */
export function add(a: number, b: number): number { return a + b; }
/** Shout. @param text what */
export function shout(text: string): string { return text.toUpperCase(); }
`,
);
const configOf = (env: Record<string, string>) => loadConfig({ env: { HOME: home, ...env }, cwd: home });
const NAMED = {
  HEARTH_ENGINE: "http://127.0.0.1:9",
  HEARTH_WIRE: "openai",
  HEARTH_MODEL: "m",
  HEARTH_JOURNAL: "none",
};

test("tools are the default ones, those named, and all of the modules", async () => {
  const names = async (env: Record<string, string>): Promise<string> =>
    (await selectedTools(configOf(env))).map((tool) => tool.name).join(" ");
  const defaults = "list_files disk_usage search_files read_file";
  assert.equal(await names({}), defaults);
  assert.equal(await names({ HEARTH_TOOLS: "none" }), "");
  assert.equal(await names({ HEARTH_TOOLS: "read_file" }), "read_file");
  assert.equal(await names({ HEARTH_TOOL_MODULE: MODULE }), `${defaults} add shout`);
  assert.equal(await names({ HEARTH_TOOL_MODULE: MODULE, HEARTH_TOOLS: "none" }), "add shout");
  assert.equal(await names({ HEARTH_TOOL_MODULE: MODULE, HEARTH_TOOLS: "add" }), "add");
  assert.equal(
    await names({ HEARTH_TOOL_MODULE: MODULE, HEARTH_TOOLS: "read_file,shout" }),
    "read_file shout",
  );
  await assert.rejects(names({ HEARTH_TOOLS: "raed_file" }), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(`${error.message} ${error.remedy}`, /read_file/);
    return true;
  });
});

test("two tools of one name are refused", async () => {
  const twin = put(
    "twin.ts",
    "/** Read. @param path where */\nexport function read_file(path: string): string { return path; }\n",
  );
  await assert.rejects(
    selectedTools(configOf({ HEARTH_TOOL_MODULE: twin })),
    /Two tools are named "read_file"/,
  );
});

test("commands that are switched off are not offered, disabled ones denied with any words", async () => {
  const tools = await selectedTools(configOf({ HEARTH_TOOLS: "+shell", EXECUTE_LOCAL_COMMANDS: "false" }));
  assert.ok(tools.every((tool) => tool.name !== "run_shell" && tool.name !== "run_command"));
  assert.deepEqual(shellRules(configOf({ DISABLED_COMMANDS: "rm,git push" })).deny, [
    "rm",
    "rm *",
    "git push",
    "git push *",
  ]);
});

test("settings become the options of an agent", async () => {
  const env = {
    ...NAMED,
    HEARTH_MAX_STEPS: "4",
    HEARTH_TOOL_TIMEOUT: "1.5",
    HEARTH_TIMEOUT: "9",
    HEARTH_RETRIES: "1",
    HEARTH_TEMPERATURE: "0",
    HEARTH_SEED: "7",
    HEARTH_CONTEXT: "4096",
    HEARTH_THINK: "off",
    HEARTH_APPROVE: "never",
    HEARTH_SYSTEM: `@${put("system.txt", "Be kind.")}`,
    HEARTH_SCHEMA: put("schema.json", '{"type":"object"}'),
    OPENAI_API_KEY: "sk-secret-secret-secret",
  };
  const { options, close } = await assemble(configOf(env));
  await close();
  const { limits, sampling, contextTokens, think, approve, instructions, output, model, workspace } = options;
  assert.deepEqual(limits, {
    maxSteps: 4,
    maxParallel: 5,
    toolTimeoutMs: 1500,
    attempts: 1,
    timeoutMs: 9000,
  });
  assert.deepEqual(sampling, { temperature: 0, seed: 7 });
  assert.deepEqual([contextTokens, think, approve, instructions], [4096, false, "never", "Be kind."]);
  assert.deepEqual(output, { type: "object" });
  assert.equal(model.model, "m");
  assert.equal(workspace, home);
  assert.doesNotMatch(JSON.stringify(options.settings), /sk-secret/);
});

test("without wishes: short instructions, nothing unset, who is asked is passed in", async () => {
  const { options, close } = await assemble(configOf(NAMED));
  await close();
  assert.equal(options.instructions, DEFAULT_INSTRUCTIONS);
  assert.equal(options.approve, "ask");
  assert.equal(options.think, "auto");
  for (const key of ["contextTokens", "output"]) assert.equal(key in options, false, key);
  const asked = async () => undefined;
  const other = await assemble(configOf(NAMED), { ask: asked });
  await other.close();
  assert.equal(other.options.approve, asked);
});

test("the journal is a file of the user's unless another, or none, is named", () => {
  assert.equal(journalFile(configOf({})), join(home, ".local/state/hearth/journal.sqlite"));
  assert.equal(journalFile(configOf({ HEARTH_JOURNAL: "j.sqlite" })), join(home, "j.sqlite"));
});

test("a broken schema file is told by name", async () => {
  const env = { ...NAMED, HEARTH_SCHEMA: put("bad.json", "{") };
  await assert.rejects(
    assemble(configOf(env)),
    (error) => error instanceof ConfigError && /bad\.json/.test(error.message),
  );
});

test("names of the workspace come nearest first, bounded, links not followed", async () => {
  const folder = join(home, "names");
  put("names/b.txt", "");
  put("names/a/deep/deeper/deepest.txt", "");
  put("names/node_modules/x/y.js", "");
  symlinkSync("/", join(folder, "link"));
  assert.deepEqual(await workspaceNames(folder), [
    "a",
    "b.txt",
    "link",
    "node_modules",
    "a/deep",
    "a/deep/deeper",
  ]);
  for (let i = 0; i < 500; i++) put(`names/many/${i}`, "");
  assert.equal((await workspaceNames(folder)).length, 400);
  assert.deepEqual(await workspaceNames(join(home, "gone")), []);
});

test("RESTRICT_TO_WORKSPACE=false lets files be read outside, where a sandbox is enforced; written they are inside alone", async () => {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), "hearth-outside-")));
  after(() => rmSync(outside, { recursive: true, force: true }));
  writeFileSync(join(outside, "secret.txt"), "4711\n");
  const env = { RESTRICT_TO_WORKSPACE: "false", HEARTH_TOOLS: "+edit" };
  const config = configOf(env);
  if ((await sandboxLevel(home)).strength !== "enforced") {
    await assert.rejects(openTools(config), /needs an enforced sandbox/);
    return;
  }
  const call = async (tools: readonly Tool[], name: string, args: JsonObject) =>
    normalizeResult(
      await tools
        .find((tool) => tool.name === name)
        ?.run(args, {
          signal: new AbortController().signal,
          runId: "r",
          callId: "c",
          workspace: home,
          output: () => undefined,
        }),
    );
  const wide = await openTools(config);
  const path = join(outside, "secret.txt");
  assert.match((await call(wide.tools, "read_file", { path })).content, /4711/);
  assert.match((await call(wide.tools, "list_files", { path: outside })).content, /secret\.txt/);
  assert.match(
    (await call(wide.tools, "search_files", { pattern: "*", path: outside, content: "4711" })).content,
    /secret/,
  );
  assert.equal((await call(wide.tools, "write_file", { path, content: "x" })).ok, false);
  for (const special of ["/proc/self/environ", "/dev/zero", "../../etc/passwd"])
    assert.equal((await call(wide.tools, "read_file", { path: special })).ok, false, special);
  assert.match(wide.notices.join(), /read everywhere/);
  await wide.close();
  const narrow = await openTools(configOf({ HEARTH_TOOLS: "+edit" }));
  assert.equal((await call(narrow.tools, "read_file", { path })).ok, false);
  await narrow.close();
});
