import assert from "node:assert/strict";
import { test } from "node:test";
import { familyOf } from "./families.ts";
import { listFormats, parseRow } from "./rows.ts";

const text = 'Let me look.\n<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>';

test("a row that names nothing known keeps its text, and says why", () => {
  for (const row of [
    { text },
    { text, format: "nope" },
    { text, family: "nope" },
    { text, template: "x.jinja" },
  ]) {
    const answer = parseRow({ id: 7, ...row });
    assert.deepEqual([answer.id, answer.content, answer.calls], [7, text, []]);
    assert.equal(answer.diagnostics[0]?.code, "row");
  }
});

test("a row by format, family and template, in any pieces", () => {
  const sources = { detect: () => ({ format: "hermes" }), readFile: () => "…" };
  for (const by of [
    { format: "hermes" },
    { family: "qwen3" },
    { templateText: "…" },
    { template: "t.jinja" },
  ])
    for (const chunks of ["whole", 1, [3, 5, 7]]) {
      const { content, calls } = parseRow({ id: "a", text, chunks, ...by }, sources);
      assert.deepEqual([content, calls], ["Let me look.", [{ name: "add", arguments: { a: 1 } }]]);
    }
});

test("tools are taken in OpenAI's form, and type the values", () => {
  const tool = {
    type: "function",
    function: { name: "add", parameters: { type: "object", properties: { a: { type: "integer" } } } },
  };
  const row = {
    format: "glm",
    text: "<tool_call>add<arg_key>a</arg_key><arg_value>1</arg_value></tool_call>",
    tools: [tool],
  };
  assert.deepEqual(parseRow(row).calls, [{ name: "add", arguments: { a: 1 } }]);
});

test("names of models find their family", () => {
  const cases: [name: string, format: string][] = [
    ["qwen3:8b", "hermes"],
    ["qwen3-coder:30b", "qwen3-coder"],
    ["hf.co/unsloth/GLM-4.6-GGUF", "glm"],
    ["gpt-oss:20b", "harmony"],
    ["llama3.1:8b", "llama-json"],
    ["deepseek-v3.2", "dsml"],
    ["Gemma4Parser", "gemma4"],
  ];
  for (const [name, format] of cases) assert.equal(familyOf(name)?.format, format, name);
  assert.equal(familyOf("zzz"), undefined);
});

test("the list names at least 25 formats and 55 families", () => {
  const rows = listFormats();
  assert.ok(rows.length >= 25);
  assert.ok(new Set(rows.flatMap((row) => row.models)).size >= 55);
  for (const row of rows) assert.ok(row.families.length > 0, row.id);
});
