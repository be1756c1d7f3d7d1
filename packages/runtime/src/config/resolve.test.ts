import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, type JsonObject } from "hearth";
import { environmentEntries, fileEntries, type Layer, type Source } from "./layers.ts";
import { environmentName, flagName } from "./names.ts";
import { resolve } from "./resolve.ts";
import { SETTING_KEYS, settingOf } from "./table.ts";

const layer = (source: Source, entries: Layer["entries"], trusted = true): Layer => ({
  source,
  where: source === "environment" || source === "flag" ? "" : `/${source}`,
  base: { folder: "/base", home: "/home/me" },
  trusted,
  entries,
});
const env = (values: Record<string, string>): Layer => layer("environment", environmentEntries(values));
const file = (values: JsonObject, source: Source = "user file"): Layer => layer(source, fileEntries(values));
const workspace = (values: JsonObject): Layer => layer("workspace file", fileEntries(values), false);
const dotenv = (values: Record<string, string>): Layer =>
  layer("workspace .env", environmentEntries(values), false);
const message = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.exitCode, 2);
    assert.ok(error.remedy);
    return error.message;
  }
  return assert.fail("nothing was refused");
};

test("names follow from keys, and are unique", () => {
  assert.equal(environmentName("maxSteps"), "HEARTH_MAX_STEPS");
  assert.equal(environmentName("sandbox.memoryMb"), "HEARTH_SANDBOX__MEMORY_MB");
  assert.equal(flagName("unsafeNoSandbox"), "unsafe-no-sandbox");
  assert.equal(flagName("apiKey"), undefined);
  assert.equal(new Set(SETTING_KEYS.map(environmentName)).size, SETTING_KEYS.length);
  for (const key of SETTING_KEYS) assert.match(settingOf(key).about, /\.$/);
});

test("a stronger source wins, and every value knows its source", () => {
  const layers = [
    file({ maxSteps: 5, model: "user" }),
    workspace({ model: "ws", temperature: 0.3 }),
    dotenv({ HEARTH_MODEL: "dot" }),
    env({ HEARTH_MODEL: "env", HEARTH_THINK: "on" }),
    file({ model: "given" }, "config file"),
    layer("flag", [{ name: "--model", key: "model", raw: "flag" }]),
  ];
  const order = ["user", "ws", "dot", "env", "given", "flag"];
  for (let n = 1; n <= layers.length; n++)
    assert.equal(resolve(layers.slice(0, n)).settings.model, order[n - 1]);
  const { settings, origins } = resolve(layers);
  assert.equal(settings.maxSteps, 5);
  assert.equal(settings.temperature, 0.3);
  assert.equal(settings.think, "on");
  assert.deepEqual(origins.temperature, {
    source: "workspace file",
    where: "/workspace file",
    name: "temperature",
    trusted: false,
  });
  assert.equal(origins.maxParallel.source, "default");
});

test("nested names, other spellings and plurals are understood in files", () => {
  const { settings } = resolve([
    file({
      $schema: "x",
      sandbox: { memory_mb: 256 },
      "max-steps": 4,
      toolModules: ["a.ts"],
      ollama: { url: ":1" },
    }),
  ]);
  assert.equal(settings["sandbox.memoryMb"], 256);
  assert.equal(settings.maxSteps, 4);
  assert.deepEqual(settings.toolModule, ["/base/a.ts"]);
  assert.equal(settings["ollama.url"], "http://127.0.0.1:1");
});

test("a nested variable sets a nested setting", () => {
  assert.equal(resolve([env({ HEARTH_SANDBOX__MEMORY_MB: "64" })]).settings["sandbox.memoryMb"], 64);
});

test("a wrong type names source, key, what was expected and what came", () => {
  const cases: [Layer, RegExp][] = [
    [
      env({ HEARTH_MAX_STEPS: "many" }),
      /^HEARTH_MAX_STEPS must be a whole number from 1 to 10000, not "many"/,
    ],
    [env({ HEARTH_TOOL_TIMEOUT: "301" }), /number from 0.001 to 300, not "301"/],
    [env({ HEARTH_TEMPERATURE: "Infinity" }), /HEARTH_TEMPERATURE must be a number/],
    [env({ HEARTH_TEMPERATURE: "0x1" }), /HEARTH_TEMPERATURE must be a number/],
    [env({ HEARTH_ENGINE: "olama" }), /HEARTH_ENGINE must be one of auto, embedded, ollama/],
    [env({ OLLAMA_HOST: "ftp://x" }), /^OLLAMA_HOST must be an http or https URL/],
    [file({ maxSteps: { a: 1 } }), /^maxSteps in \/user file must be .*, not {"a":1}/],
    [file({ tools: [1] }), /tools in \/user file must be a list of texts/],
    [file({ debug: "perhaps" }), /true or false/],
    [file({ approve: "always" }), /one of ask, auto, never/],
    [workspace({ model: 7 }), /^model in \/workspace file must be a text/],
  ];
  for (const [given, wanted] of cases)
    assert.match(
      message(() => resolve([given])),
      wanted,
    );
});

test("a wrong secret is not repeated in the message", () => {
  assert.doesNotMatch(
    message(() => resolve([file({ apiKey: ["sk-verysecretvalue"] })])),
    /verysecret/,
  );
});

test("an unknown name is an error that names the nearest", () => {
  const cases: [Layer, RegExp][] = [
    [env({ HEARTH_MAX_STEP: "3" }), /^HEARTH_MAX_STEP is no setting; the nearest is HEARTH_MAX_STEPS\./],
    [env({ HEARTH_TOOLTIMEOUT_S: "3" }), /HEARTH_TOOL_TIMEOUT/],
    [
      file({ sandbox: { memory: 1 } }),
      /^sandbox.memory in \/user file is no setting; the nearest is sandbox.memoryMb/,
    ],
    [workspace({ maxStep: 3 }), /the nearest is maxSteps/],
    [dotenv({ HEARTH_MODLE: "x" }), /the nearest is HEARTH_MODEL/],
  ];
  for (const [given, wanted] of cases)
    assert.match(
      message(() => resolve([given])),
      wanted,
    );
});

test("names of ours that others read, and names of others, are left alone", () => {
  const { settings, ignored } = resolve([env({ HEARTH_SHARED: "/x", DATABASE_URL: "y", HEARTH_MODEL: " " })]);
  assert.equal(settings.model, undefined);
  assert.deepEqual(ignored, []);
});

test("common names of the field are read, our own win over them", () => {
  const { settings } = resolve([
    env({
      MODEL_NAME: "m",
      OLLAMA_HOST: "0.0.0.0",
      OPENAI_API_BASE: "https://api.example.com/v1",
      OPENAI_API_KEY: "k",
      DISABLED_COMMANDS: "rm, dd",
      EXECUTE_LOCAL_COMMANDS: "False",
      RESTRICT_TO_WORKSPACE: "True",
      DEBUG: "express:*",
    }),
  ]);
  assert.equal(settings.model, "m");
  assert.equal(settings["ollama.url"], "http://127.0.0.1:11434");
  assert.equal(settings["openai.url"], "https://api.example.com/v1");
  assert.equal(settings.apiKey, "k");
  assert.deepEqual(settings.disabledCommands, ["rm", "dd"]);
  assert.equal(settings.executeLocalCommands, false);
  assert.equal(settings.restrictToWorkspace, true);
  assert.equal(settings.debug, false);
  assert.equal(resolve([env({ DEBUG: "1" })]).settings.debug, true);
  assert.equal(resolve([env({ MODEL_NAME: "a", HEARTH_MODEL: "b" })]).settings.model, "b");
  assert.equal(resolve([env({ HEARTH_MODEL: "b", MODEL_NAME: "a" })]).settings.model, "b");
});

test("what a workspace may say counts", () => {
  const { settings, ignored } = resolve([
    workspace({
      engine: "http://localhost:9000",
      model: "qwen3:8b",
      context: 8192,
      think: false,
      temperature: 0,
      maxSteps: 3,
      timeout: 60,
      approve: "never",
      disabledCommands: ["rm"],
      executeLocalCommands: false,
      unsafeNoSandbox: false,
    }),
  ]);
  assert.deepEqual(ignored, []);
  assert.equal(settings.engine, "http://localhost:9000");
  assert.equal(settings.think, "off");
  assert.equal(settings.approve, "never");
  assert.equal(settings.timeout, 60);
});

test("whatever runs code, moves data or loosens a guard does not count from a workspace, and is named", () => {
  const hostile: [JsonObject, string][] = [
    [{ engine: "http://evil.example" }, "engine"],
    [{ engine: "https://127.0.0.1.evil.example/v1" }, "engine"],
    [{ ollama: { url: "http://evil.example" } }, "ollama.url"],
    [{ openai: { url: "https://evil.example" } }, "openai.url"],
    [{ model: "./model.gguf" }, "model"],
    [{ model: "/tmp/x" }, "model"],
    [{ model: "gpt-oss:120b-cloud" }, "model"],
    [{ apiKey: "mine" }, "apiKey"],
    [{ wire: "openai" }, "wire"],
    [{ workspace: "/" }, "workspace"],
    [{ system: "@/etc/passwd" }, "system"],
    [{ schema: "x" }, "schema"],
    [{ tools: "+shell" }, "tools"],
    [{ toolModule: "evil.ts" }, "toolModule"],
    [{ maxSteps: 16 }, "maxSteps"],
    [{ maxParallel: 6 }, "maxParallel"],
    [{ toolTimeout: 300 }, "toolTimeout"],
    [{ retries: 20 }, "retries"],
    [{ approve: "auto" }, "approve"],
    [{ journal: "/x" }, "journal"],
    [{ unsafeNoSandbox: true }, "unsafeNoSandbox"],
    [{ restrictToWorkspace: false }, "restrictToWorkspace"],
    [{ executeLocalCommands: true }, "executeLocalCommands"],
    [{ host: "0.0.0.0" }, "host"],
    [{ port: 80 }, "port"],
    [{ allowHost: ["evil"] }, "allowHost"],
    [{ debug: true }, "debug"],
    [{ logFile: "/x" }, "logFile"],
    [{ config: "/x" }, "config"],
    [{ mcpServers: { a: "evil" } }, "mcpServers"],
  ];
  const clean = resolve([]).settings;
  for (const [given, name] of hostile) {
    const { settings, ignored } = resolve([workspace(given)]);
    assert.deepEqual(settings, clean, name);
    assert.deepEqual(
      ignored.map((one) => one.name),
      [name],
    );
    assert.ok(ignored[0]?.why);
  }
});

test("a workspace can't loosen what the user's own file made tight", () => {
  const { settings, ignored } = resolve([
    file({ maxSteps: 5, approve: "never", disabledCommands: ["rm"], timeout: 10 }),
    workspace({ maxSteps: 10, approve: "ask", disabledCommands: ["dd"], timeout: 11 }),
    dotenv({ HEARTH_MAX_STEPS: "4" }),
  ]);
  assert.equal(settings.maxSteps, 4);
  assert.equal(settings.approve, "never");
  assert.deepEqual(settings.disabledCommands, ["rm"]);
  assert.equal(ignored.length, 4);
});
