import assert from "node:assert/strict";
import { test } from "node:test";
import { tempFolder } from "../test/helpers.ts";
import { allTools, defaultTools, selectTools, toolNamed } from "./toolbox.ts";

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
