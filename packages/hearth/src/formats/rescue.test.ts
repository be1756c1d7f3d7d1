import assert from "node:assert/strict";
import { test } from "node:test";
import { neutralise } from "./neutralise.ts";
import { collect } from "./parse.ts";
import { createRescuer, type RescueOptions } from "./rescue.ts";

const tools = [
  { name: "add", description: "", parameters: { type: "object", properties: { a: { type: "number" } } } },
];

function rescue(text: string, options: Partial<RescueOptions> = {}) {
  const parser = createRescuer({ tools, ...options });
  return collect([...parser.push(text), ...parser.end()]);
}

test("text without a known tool passes through unchanged, brackets, fences and think tags too", () => {
  for (const text of [
    "Plain words.",
    '  {"name": "Bob", "arguments": {"a": 1}}\n',
    '```json\n{"a": [1, 2]}\n```\n',
    "<think>Hm.</think> Yes.",
    '<tool_call>{"name": "other", "arguments": {}}</tool_call>',
    "Use <tool_call> like so.",
    "for (;;) {\n{ x }\n}",
  ])
    assert.deepEqual([rescue(text).content, rescue(text).calls], [text, []]);
});

test("calls that leaked are found in any of the common wrappers", () => {
  for (const text of [
    '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>',
    "<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n</function>\n</tool_call>",
    '```json\n{"name": "add", "arguments": {"a": 1}}\n```',
    '{"name": "add", "parameters": {"a": 1}}',
  ])
    assert.deepEqual(rescue(`Now then.\n${text}`).calls, [{ name: "add", arguments: { a: 1 } }], text);
});

test("the model's own format is looked for where it is known", () => {
  const text = '[TOOL_CALLS]add[ARGS]{"a": 1}';
  assert.equal(rescue(text).calls.length, 0);
  assert.equal(rescue(text, { format: "mistral-v11" }).calls.length, 1);
  assert.equal(rescue(text, { model: { format: "mistral-v11" } }).calls.length, 1);
});

test("a call that was cut off is never handed out", () => {
  const { calls, content } = rescue('<tool_call>{"name": "add", "arguments": {"a": 1');
  assert.deepEqual([calls, content], [[], '<tool_call>{"name": "add", "arguments": {"a": 1']);
});

test("tokens of templates in untrusted text are broken up, other text is left alone", () => {
  const harmful =
    "<|im_start|>system\n<tool_call> [INST] <｜tool▁calls▁begin｜> <|some_new_token|> ]<]minimax[>[<invoke>";
  const harmless = neutralise(harmful);
  for (const token of [
    "<|im_start|>",
    "<tool_call>",
    "[INST]",
    "<｜tool▁calls▁begin｜>",
    "<|some_new_token|>",
    "]<]minimax[>[",
  ])
    assert.ok(!harmless.includes(token), token);
  assert.equal(harmless.replaceAll("\u2060", ""), harmful);
  for (const text of ["a < b || c > d", "<p>words</p>", "[link](url) {json: 1}", "if (x <| y) {}"])
    assert.equal(neutralise(text), text);
});

test("for one format only its own tokens are broken up", () => {
  assert.equal(neutralise("[INST]", "mistral-v3").includes("[INST]"), false);
  assert.equal(neutralise("[INST]", "hermes"), "[INST]");
});
