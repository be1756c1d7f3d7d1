import assert from "node:assert/strict";
import { test } from "node:test";
import { tempFolder } from "../test/helpers.ts";
import { allTools, defaultTools, disabled, selectTools, toolNamed } from "./toolbox.ts";

const names = (tools: { name: string }[]) => tools.map(({ name }) => name);
const STANDARD = ["list_files", "disk_usage", "search_files", "read_file"];

test("the default tools only look, and what --tools says is taken word by word", () => {
  using dir = tempFolder();
  const options = { workspace: dir.path };
  assert.deepEqual(names(defaultTools(dir.path)), STANDARD);
  assert.ok(defaultTools(dir.path).every(({ effect }) => effect === "none"));
  assert.deepEqual(names(selectTools(undefined, options)), STANDARD);
  assert.deepEqual(names(selectTools("read_file, list_files", options)), ["read_file", "list_files"]);
  assert.deepEqual(selectTools("none", options), []);
  assert.deepEqual(names(selectTools("read_file,read_file", options)), ["read_file"]);
});

test("an unknown tool or preset is an error that names the nearest", () => {
  using dir = tempFolder();
  const options = { workspace: dir.path };
  assert.throws(() => selectTools("read_fil", options), {
    message: /no tool "read_fil"/,
    remedy: /read_file/,
  });
  assert.throws(() => selectTools("+toString", options), /no tool/);
  assert.throws(() => toolNamed("zzz", allTools(options)), { remedy: /There are: list_files/ });
});

test("presets are added, by their own names only", () => {
  using dir = tempFolder();
  const options = { workspace: dir.path };
  assert.deepEqual(names(selectTools("+edit", options)), [
    ...STANDARD,
    "write_file",
    "edit_file",
    "move",
    "delete",
  ]);
  assert.deepEqual(names(selectTools("read_file,+web", options)), ["read_file", "http_fetch"]);
  const shell = names(selectTools("+shell", options));
  assert.ok(shell.includes("run_python") && shell.includes("run_javascript"));
  for (const word of ["constructor", "+constructor", "__proto__"])
    assert.throws(() => selectTools(word, options), /no tool/);
  for (const tool of allTools(options)) {
    assert.equal(tool.parameters["additionalProperties"], false, tool.name);
    assert.ok(
      tool.effect !== undefined &&
        tool.reads !== undefined &&
        tool.source !== undefined &&
        tool.egress !== undefined,
      tool.name,
    );
  }
});

test("disabled commands: tools, other systems' names, programs; an unknown one is an error", () => {
  using dir = tempFolder();
  const tools = allTools({ workspace: dir.path });
  const { tools: off, deny } = disabled(["execute_python_code", "shell", "delete", "grep", "git log"], tools);
  assert.deepEqual([...off].sort(), [
    "delete",
    "execute_code",
    "run_command",
    "run_python",
    "run_shell",
    "shell",
  ]);
  assert.deepEqual(deny, [
    "python",
    "python *",
    "python3",
    "python3 *",
    "grep",
    "grep *",
    "git log",
    "git log *",
  ]);
  assert.deepEqual([...disabled(["of_a_module"], tools, { others: true }).tools], ["of_a_module"]);
  assert.throws(() => disabled(["execute_pyton_code"], tools), {
    name: "UsageError",
    remedy: /execute_python_code/,
  });
});
