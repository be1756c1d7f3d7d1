import assert from "node:assert/strict";
import { test } from "node:test";
import { scripted } from "../engines/scripted/index.ts";
import { type ToolChoice, userMessage } from "../protocol/index.ts";
import { ask, type TurnEvent } from "./index.ts";

const tools = ["add", "sub"].map((name) => ({
  name,
  description: `${name} numbers`,
  parameters: {
    type: "object",
    properties: { a: { type: "number" } },
    required: ["a"],
    additionalProperties: false,
  },
}));

async function turn(text: string, toolChoice: ToolChoice) {
  const model = scripted([{ text }]);
  const info = await model.engine.describe(model.model);
  const events: TurnEvent[] = [];
  const input = {
    engine: model.engine,
    info,
    messages: [userMessage("x")],
    tools,
    toolChoice,
    sampling: {},
    contextTokens: 8192,
  };
  for await (const event of ask(input, new AbortController().signal)) events.push(event);
  const calls = events.flatMap((event) => (event.type === "call" ? [[event.name, event.arguments]] : []));
  const said = events.flatMap((event) => (event.type === "text" ? [event.text] : [])).join("");
  return { calls, said, finish: events.at(-1), request: model.requests[0]! };
}

test("`required` is asked for as JSON of a schema that only the offered tools fit", async () => {
  const { calls, said, request } = await turn('{"name":"sub","arguments":{"a":1}}', "required");
  assert.deepEqual(calls, [["sub", { a: 1 }]]);
  assert.equal(said, "");
  assert.deepEqual(request.tools, []);
  assert.equal((request.responseSchema?.["anyOf"] as unknown[]).length, 2);
});

test("a named tool is the only one that fits", async () => {
  const { request } = await turn('{"name":"sub","arguments":{"a":1}}', { name: "sub" });
  assert.deepEqual(request.responseSchema?.["properties"], {
    name: { type: "string", const: "sub" },
    arguments: tools[1]!.parameters,
  });
});

test("`none` sends no tools, and a call that comes all the same is not part of the text", async () => {
  const { said, request } = await turn(
    'Sum: <tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>',
    "none",
  );
  assert.deepEqual(request.tools, []);
  assert.doesNotMatch(said, /tool_call/);
});

test("a call that leaked into the text is a call", async () => {
  const { calls, said, finish } = await turn(
    'Let me see.\n<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>',
    "auto",
  );
  assert.deepEqual(calls, [["add", { a: 1 }]]);
  assert.equal(said.trim(), "Let me see.");
  assert.equal(finish?.type === "finish" && finish.reason, "calls");
});

test("a marker in prose with no known tool stays prose", async () => {
  const text = 'Write <tool_call>{"name": "mul"}</tool_call> to call a tool.';
  const { calls, said } = await turn(text, "auto");
  assert.deepEqual(calls, []);
  assert.equal(said, text);
});
