import assert from "node:assert/strict";
import { test } from "node:test";
import type { ToolSchema } from "../../protocol/index.ts";
import { dialectById, dialects } from "../dialects/index.ts";
import { writeCalls } from "./write.ts";

const tools: ToolSchema[] = [
  {
    name: "send_note",
    description: "Send a note.",
    parameters: {
      type: "object",
      properties: {
        to: { type: "string" },
        copies: { type: "integer" },
        urgent: { type: "boolean" },
        tags: { type: "array", items: { type: "string" } },
      },
    },
  },
  {
    name: "list_notes",
    description: "List notes.",
    parameters: { type: "object", properties: { about: { type: "string" } } },
  },
];
const note = {
  name: "send_note",
  arguments: { to: 'Ada "the first" O\'Neil', copies: 2, urgent: true, tags: ["a", "b"] },
};
const list = { name: "list_notes", arguments: { about: "tea & <cake>" } };

test("every format's calls can be written so that they read back", () => {
  const missing = dialects
    .filter((dialect) => writeCalls(dialect, [note], tools) === undefined)
    .map(({ id }) => id);
  assert.deepEqual(missing, []);
});

test("two calls of one turn are written as the format writes several", () => {
  const table: [format: string, text: string][] = [
    [
      "hermes",
      '<tool_call>\n{"name": "list_notes", "arguments": {"about": "tea & <cake>"}}\n</tool_call>\n<tool_call>\n{"name": "list_notes", "arguments": {"about": "x"}}\n</tool_call>',
    ],
    ["lfm2", '<|tool_call_start|>[list_notes(about="tea & <cake>"), list_notes(about="x")]<|tool_call_end|>'],
    [
      "granite",
      '<|tool_call|>[{"name": "list_notes", "arguments": {"about": "tea & <cake>"}}, {"name": "list_notes", "arguments": {"about": "x"}}]',
    ],
  ];
  for (const [format, text] of table)
    assert.equal(
      writeCalls(dialectById(format)!, [list, { ...list, arguments: { about: "x" } }], tools),
      text,
    );
});
