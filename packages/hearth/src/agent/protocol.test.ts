import assert from "node:assert/strict";
import { test } from "node:test";
import { type ScriptedTurn, scripted } from "../engines/scripted/index.ts";
import { textOf } from "../protocol/index.ts";
import { chosenIn } from "../turn/choosing.ts";
import type { Protocol } from "../turn/index.ts";
import { agent } from "./index.ts";

const add = {
  name: "add",
  description: "Add two numbers",
  effect: "none" as const,
  parameters: {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
    additionalProperties: false,
  },
  run: (args: Record<string, unknown>) => Number(args["a"]) + Number(args["b"]),
};
const sub = { ...add, name: "sub", description: "Subtract" };

async function run(protocol: Protocol | undefined, turns: ScriptedTurn[], capabilities = ["completion"]) {
  const model = scripted(turns, { info: { capabilities } });
  const helper = agent({
    model,
    tools: [add, sub],
    artifacts: false,
    instructions: "Be brief.",
    ...(protocol === undefined ? {} : { protocol }),
  });
  return { outcome: await helper.run("What is 1 and 2?"), requests: model.requests };
}
const hermesCall = '<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n</tool_call>';

test("without a word about it a model that can't call tools is refused, and told how it could", async () => {
  const { outcome } = await run(undefined, [{ text: "x" }]);
  assert.equal(outcome.error?.class, "CapabilityError");
  assert.match(outcome.error?.remedy ?? "", /protocol: "auto"/);
});

for (const protocol of ["auto", "injected"] as const) {
  test(`${protocol}: the tools stand in the prompt, the call in the text, and both go back as they came`, async () => {
    const { outcome, requests } = await run(protocol, [{ text: `I add.\n${hermesCall}` }, { text: "3" }]);
    assert.equal(outcome.text, "3");
    assert.equal(outcome.stopReason, "answer");
    assert.match(textOf(requests[0]!.messages[0]!), /^Be brief\.[\s\S]*<tools>[\s\S]*"add"/);
    assert.deepEqual(requests[1]!.tools, []);
    const [, , said, result] = requests[1]!.messages;
    assert.equal(said?.role === "assistant" && textOf(said), `I add.\n${hermesCall}`);
    assert.equal(result?.role === "user" && textOf(result), "<tool_response>\n3\n</tool_response>");
    assert.deepEqual(requests[1]!.messages.slice(0, 2), requests[0]!.messages);
  });
}

test("auto leaves a model that can call tools to its own format", async () => {
  const { requests } = await run("auto", [{ text: "x" }], ["completion", "tools"]);
  assert.equal(requests[0]!.tools.length, 2);
});

test("choose: YES or NO in words, then the arguments by their schema, then the answer", async () => {
  const { outcome, requests } = await run("choose", [
    { text: "add: YES\nsub: NO" },
    { text: '{"name":"add","arguments":{"a":1,"b":2}}' },
    { text: "add - NO\nsub - NO" },
    { text: "It is 3." },
  ]);
  assert.equal(outcome.text, "It is 3.");
  assert.equal(requests.length, 4);
  assert.deepEqual(requests[1]!.responseSchema?.["properties"], {
    name: { type: "string", const: "add" },
    arguments: add.parameters,
  });
  assert.match(JSON.stringify(requests[3]!.messages), /I use add with .*Result of add:\\n3/);
  assert.ok(requests.every((request) => request.tools.length === 0));
});

test("the lines of a choice are read for the longest name, each tool once, three at most", () => {
  const tools = ["read", "read_all", "a", "b", "c"].map((name) => ({ ...add, name }));
  const names = (said: string): string[] => chosenIn(said, tools).map((tool) => tool.name);
  assert.deepEqual(names("read_all: yes\nread: NO\n"), ["read_all"]);
  assert.deepEqual(names("**read** — YES, to see it\nread: YES"), ["read"]);
  assert.deepEqual(names("No tool is needed."), []);
  assert.equal(names("read: yes\nread_all: yes\n- a: yes\n- b: yes").length, 3);
});
