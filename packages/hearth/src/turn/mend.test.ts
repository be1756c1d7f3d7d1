import assert from "node:assert/strict";
import { test } from "node:test";
import { mendArguments } from "./mend.ts";

const tools = [
  { name: "add", description: "", parameters: { type: "object", properties: { a: {}, b: {} } } },
];

const cases: [text: string, expected: unknown][] = [
  ["{'a':1,'b':2,}", { a: 1, b: 2 }],
  ["{'a': True, 'b': None}", { a: true, b: null }],
  ['"{\\"a\\":1,\\"b\\":2}"', { a: 1, b: 2 }],
  ["\"{'a':1}\"", { a: 1 }],
  ['{"a":1,"b":2', undefined],
  ['{"a":{"x":1}', undefined],
  ['{"a":"x', undefined],
  ['{"a": 1}} trailing', undefined],
  ['{"a": 1}, {"b": 2}', undefined],
  ["[1,2]", undefined],
  ["7", undefined],
  ["", undefined],
  ["</tool_call>", undefined],
  ['{"a": "</tool_call>', undefined],
];
for (const [text, expected] of cases) {
  test(`arguments ${text} are ${expected === undefined ? "not guessed" : "read"}`, () => {
    assert.deepEqual(mendArguments("add", text, tools)?.arguments, expected);
  });
}
