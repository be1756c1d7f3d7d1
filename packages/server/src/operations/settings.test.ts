import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadConfig } from "@hearth/runtime";
import { scripted } from "hearth/testing";
import { Operations } from "./index.ts";
import { changes, logOf, reload } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-settings-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "own.json");
const config = (settings: object) => {
  writeFileSync(file, JSON.stringify(settings));
  return loadConfig({
    env: { HOME: folder, HEARTH_CONFIG: file, SOME_TOKEN: "swordfish-swordfish" },
    cwd: folder,
  });
};

test("what a running service can take, and what needs a restart", () => {
  const cases: [object, object, string[], string[]][] = [
    [{}, {}, [], []],
    [{ maxSteps: 5 }, { maxSteps: 6 }, ["maxSteps"], []],
    [{ port: 1, think: "on" }, { port: 2, think: "off" }, ["think"], ["port"]],
    [{ tools: ["a"] }, { tools: ["a"] }, [], []],
    [{ tools: ["a"] }, { tools: ["b"] }, [], ["tools"]],
    [{ drain: 1 }, {}, ["drain"], []],
  ];
  for (const [before, next, applied, restart] of cases)
    assert.deepEqual(changes(config(before), config(next)), { applied, restart });
});

test("runs that begin after a reload have the new settings, and those that are gone are gone", () => {
  const { engine, model } = scripted([{ text: "x" }]);
  const before = config({ context: 9000, maxSteps: 5, approve: "never", slowStep: 1 });
  const lines: string[] = [];
  const log = logOf(before, (line) => void lines.push(line));
  const options = { contextTokens: 9000, limits: { maxSteps: 5 }, approve: "never" as const };
  const operations = new Operations({ agent: { model: { engine, model }, tools: [], ...options }, log });
  const next = config({ maxSteps: 6, approve: "auto", slowStep: 2, logLevel: "info", maxQueue: 9 });
  assert.deepEqual(reload(operations, before, next).restart, ["maxQueue"]);
  const { agent } = operations;
  assert.equal(agent.limits?.maxSteps, 6);
  assert.equal(agent.approve, "auto");
  assert.ok(!("contextTokens" in agent), "the window is chosen again");
  assert.equal(operations.slowMs, 2000);
  assert.equal(operations.log.level, "info");
  assert.match(lines.join(""), /need a restart settings=maxQueue/);
});

test("a run that its approver is asked for in person keeps its approver where that setting did not change", () => {
  const { engine, model } = scripted([{ text: "x" }]);
  const approve = async () => undefined;
  const operations = new Operations({ agent: { model: { engine, model }, tools: [], approve } });
  reload(operations, config({ maxSteps: 1 }), config({ maxSteps: 2 }));
  assert.equal(operations.agent.approve, approve);
});

test("the log masks the secrets of the environment, and its level follows its form", () => {
  const lines: string[] = [];
  const log = logOf(config({ log: "json" }), (line) => void lines.push(line));
  log.write("info", "engine said", { reason: "wrong key swordfish-swordfish" });
  assert.equal(lines.length, 1);
  assert.doesNotMatch(lines[0] ?? "", /swordfish-s/);
  assert.equal(logOf(config({}), () => undefined).level, "warn");
});
