import assert from "node:assert/strict";
import { add } from "../guide/support.ts";
import { ALL, HTTP, type Scenario } from "./types.ts";

const call = (name: string, args: unknown, id?: string) => ({
  name,
  args,
  ...(id === undefined ? {} : { id }),
});
const raw = (name: string, text: string) => ({ name, raw: text });
const sum = (a: number, b: number) => ({ calls: [call("add", { a, b })] });
const DONE = { text: "done" };

/** The contents of all results, in order. */
const results = (ran: Parameters<Scenario["check"]>[0]): string[] =>
  ran.of("call.finished").map((event) => event.content);

const done: unknown[] = [];
const touch = {
  name: "touch_file",
  description: "Touch a file",
  effect: "once" as const,
  parameters: {
    type: "object",
    properties: { path: { type: "string" } },
    required: ["path"],
    additionalProperties: false,
  },
  run: (args: Record<string, unknown>) => {
    done.push(args["path"]);
    return "touched";
  },
};
const nested = {
  name: "save",
  description: "Save a record",
  effect: "none" as const,
  parameters: {
    type: "object",
    properties: {
      record: { type: "object", properties: { id: { type: "integer" } }, required: ["id"] },
      tags: { type: "array", items: { type: "string" } },
    },
    required: ["record"],
    additionalProperties: false,
  },
  run: (args: Record<string, unknown>) => JSON.stringify(args),
};

const oneSum: Scenario["check"] = (ran) => {
  assert.deepEqual(results(ran), ["3"]);
  assert.equal(ran.outcome.stopReason, "answer");
  assert.equal(ran.outcome.text, "done");
};
const leaked = (name: string, text: string, peers = "all six return it as the answer"): Scenario => ({
  name,
  peers,
  ours: "read out of the text and run",
  ways: HTTP,
  turns: [{ text, textChunk: 3 }, DONE],
  check: oneSum,
});

/** How calls go wrong: their name, their arguments, where they stand. */
export const CALLS: readonly Scenario[] = [
  {
    name: "a tool that does not exist",
    peers: "1 throws, 5 recover (2 without naming the tools)",
    ours: "told which exist and what they take",
    ways: HTTP,
    turns: [{ calls: [call("multiply", { a: 1, b: 2 })] }, sum(1, 2), DONE],
    check: (ran) => {
      assert.match(ran.of("call.invalid")[0]!.message, /no tool "multiply".*add/s);
      oneSum(ran, "ollama");
    },
  },
  {
    name: "a name in another case, of a tool that only looks",
    ours: "read as the tool, no extra turn",
    ways: HTTP,
    turns: [{ calls: [call("ADD", { a: 1, b: 2 })] }, DONE],
    check: (ran) => {
      oneSum(ran, "ollama");
      assert.equal(ran.chats.length, 2);
    },
  },
  {
    name: "a name in another case, of a tool with effects",
    ours: "never guessed: told the name",
    ways: HTTP,
    turns: [{ calls: [call("TouchFile", { path: "x" })] }, DONE],
    tools: [touch],
    check: (ran) => {
      assert.deepEqual(results(ran), []);
      assert.match(ran.of("call.invalid")[0]!.message, /touch_file/);
    },
  },
  {
    name: 'arguments cut off: {"a":1,"b":2',
    peers: "2 run the tool with arguments completed in silence",
    ours: "not run; told, and the next call runs",
    ways: ["openai"],
    turns: [{ calls: [raw("add", '{"a":1,"b":2')] }, sum(1, 2), DONE],
    check: (ran) => {
      assert.equal(ran.of("call.invalid").length + ran.of("call.ready").filter((e) => e.repairs).length, 1);
      assert.ok(results(ran).every((content) => content === "3"));
      assert.equal(ran.outcome.text, "done");
    },
  },
  {
    name: "arguments in Python's way: {'a':1,'b':2,}",
    peers: "1 ends with an empty success, 4 reject",
    ours: "read, or told in one line; never an empty success",
    ways: ["openai"],
    turns: [{ calls: [raw("add", "{'a':1,'b':2,}")] }, sum(1, 2), DONE],
    check: (ran) => {
      assert.ok(results(ran).length > 0 && results(ran).every((content) => content === "3"));
      assert.equal(ran.outcome.text, "done");
    },
  },
  {
    name: "numbers as strings",
    peers: "4 reject, 1 runs the tool with strings, 1 reads them",
    ours: "read as numbers, no extra turn",
    ways: ALL,
    turns: [{ calls: [call("add", { a: "1", b: "2" })] }, DONE],
    check: (ran) => {
      oneSum(ran, "ollama");
      assert.ok(ran.of("call.ready")[0]!.repairs!.length > 0);
    },
  },
  {
    name: "all arguments as one string of JSON",
    ours: "unwrapped, no extra turn",
    ways: ["openai"],
    turns: [{ calls: [raw("add", JSON.stringify('{"a":1,"b":2}'))] }, DONE],
    check: oneSum,
  },
  {
    name: "an object argument as a string of JSON",
    ours: "unwrapped, no extra turn",
    ways: ALL,
    turns: [{ calls: [call("save", { record: '{"id": 7}', tags: '["a"]' })] }, DONE],
    tools: [nested],
    check: (ran) => assert.deepEqual(results(ran), ['{"record":{"id":7},"tags":["a"]}']),
  },
  {
    name: "arguments wrapped once more",
    ours: "unwrapped, no extra turn",
    ways: ALL,
    turns: [{ calls: [call("add", { arguments: { a: 1, b: 2 } })] }, DONE],
    check: oneSum,
  },
  {
    name: "a missing argument",
    peers: "4 name the field, 1 does not, 1 runs the tool with undefined",
    ours: "told the field with an example",
    ways: ALL,
    turns: [{ calls: [call("add", { a: 1 })] }, sum(1, 2), DONE],
    check: (ran) => {
      assert.match(ran.of("call.invalid")[0]!.message, /"?b"?/);
      oneSum(ran, "ollama");
    },
  },
  {
    name: "an argument that does not exist",
    ours: "told, not swallowed",
    ways: ALL,
    turns: [{ calls: [call("add", { a: 1, b: 2, colour: "red" })] }, sum(1, 2), DONE],
    check: (ran) => {
      assert.match(ran.of("call.invalid")[0]!.message, /colour/);
      oneSum(ran, "ollama");
    },
  },
  {
    name: "a wrong call next to a right one",
    ours: "the right one runs, the wrong one is told",
    ways: ALL,
    turns: [{ calls: [call("add", { a: 1, b: 2 }), call("add", { a: "x", b: 2 })] }, DONE],
    check: (ran) => {
      oneSum(ran, "ollama");
      assert.equal(ran.of("call.invalid").length, 1);
      const tools = ran.outcome.messages.filter((message) => message.role === "tool");
      assert.deepEqual(
        tools.map((message) => message.ok),
        [true, false],
      );
    },
  },
  {
    name: "the same invalid call again and again",
    ours: "two repairs, then another strategy, then `loop`",
    ways: ALL,
    turns: () => ({ calls: [call("add", { a: "one" })] }),
    check: (ran) => {
      assert.equal(ran.outcome.stopReason, "loop");
      const told = ran.of("call.invalid").map((event) => event.message);
      assert.equal(told.length, 4);
      assert.equal(told[0], told[1]);
      assert.match(told[2]!, /failed 3 times.*different tool/s);
      assert.deepEqual(
        ran.of("guard.tripped").map((event) => event.action),
        ["teach", "stop"],
      );
    },
  },
  {
    name: "error texts on a hostile call",
    ours: "120 tokens at most",
    ways: HTTP,
    turns: [
      {
        calls: [call("n".repeat(5000), { x: "y".repeat(9000) }), call("save", { record: "z".repeat(9000) })],
      },
      DONE,
    ],
    tools: [nested, ...Array.from({ length: 9 }, (_, i) => ({ ...add, name: `other_tool_${i}` }))],
    check: (ran) => {
      assert.equal(ran.of("call.invalid").length, 2);
      for (const { message } of ran.of("call.invalid"))
        assert.ok(message.length <= 480, `${message.length} characters`);
    },
  },
  {
    name: "every call with index 0",
    ours: "told apart",
    ways: HTTP,
    turns: [{ calls: [call("add", { a: 1, b: 2 }), call("add", { a: 3, b: 4 })], index0: true }, DONE],
    check: (ran) => assert.deepEqual(results(ran), ["3", "7"]),
  },
  {
    name: "every call with the same id",
    ours: "given ids of their own",
    ways: HTTP,
    turns: [
      { calls: [call("add", { a: 1, b: 2 }, "x"), call("add", { a: 3, b: 4 }, "x")] },
      { calls: [call("add", { a: 5, b: 6 }, "x")] },
      DONE,
    ],
    check: (ran) => {
      assert.deepEqual(results(ran), ["3", "7", "11"]);
      const ids = ran.of("call.finished").map((event) => event.callId);
      assert.equal(new Set(ids).size, 3);
    },
  },
  {
    name: "calls without an id",
    ours: "given ids of their own",
    ways: HTTP,
    turns: [{ calls: [call("add", { a: 1, b: 2 }, ""), call("add", { a: 3, b: 4 }, "")] }, DONE],
    check: (ran) => assert.deepEqual(results(ran), ["3", "7"]),
  },
  {
    name: "several calls in one piece",
    ours: "all run",
    ways: HTTP,
    turns: [{ calls: [1, 2, 3].map((n) => call("add", { a: n, b: 0 })), oneChunk: true }, DONE],
    check: (ran) => assert.deepEqual(results(ran), ["1", "2", "3"]),
  },
  {
    name: "arguments in pieces of one character",
    ours: "put together",
    ways: ["openai"],
    turns: [{ calls: [call("add", { a: 1, b: 2 })], callChunk: 1 }, DONE],
    check: oneSum,
  },
  {
    name: "calls 60 ms apart in the stream",
    peers: "5 wait for the whole answer",
    ours: "the first runs at once",
    ways: HTTP,
    turns: [{ calls: [call("add", { a: 1, b: 2 }), call("add", { a: 3, b: 4 })], callGapMs: 60 }, DONE],
    check: (ran) => {
      const types = ran.events.map((event) => event.type);
      assert.ok(types.indexOf("call.finished") < types.lastIndexOf("call.ready"));
      assert.deepEqual(results(ran), ["3", "7"]);
    },
  },
  leaked(
    "a call as text, Hermes",
    '<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n</tool_call>',
  ),
  leaked(
    "a call as text, Qwen coder",
    "<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\n2\n</parameter>\n</function>",
  ),
  leaked(
    "a call as text after words",
    'I will add.\n<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}</tool_call>',
  ),
  leaked("a call as bare JSON", '{"name": "add", "arguments": {"a": 1, "b": 2}}'),
  leaked(
    "a call as text, damaged: no closing tag",
    '<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}',
  ),
  {
    name: "a call inside thinking and nothing else",
    ours: "run, for it is all there is",
    ways: HTTP,
    turns: [
      { thinking: 'I add.\n<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}</tool_call>' },
      DONE,
    ],
    engine: { capabilities: ["completion", "tools", "thinking"] },
    check: oneSum,
  },
  {
    name: "a call in thinking, then an answer",
    ours: "thinking stays thinking",
    ways: HTTP,
    turns: [
      { thinking: '<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}</tool_call>', text: "done" },
    ],
    engine: { capabilities: ["completion", "tools", "thinking"] },
    check: (ran) => {
      assert.deepEqual(results(ran), []);
      assert.equal(ran.outcome.text, "done");
    },
  },
  {
    name: "the same call handed over and left in the text",
    ours: "one call",
    ways: HTTP,
    turns: [
      {
        text: '<tool_call>{"name": "touch_file", "arguments": {"path": "p"}}</tool_call>',
        calls: [call("touch_file", { path: "p" })],
      },
      DONE,
    ],
    tools: [touch],
    check: (ran) => assert.deepEqual(results(ran), ["touched"]),
  },
  {
    name: "a call in prose that only tells of calling",
    ours: "stays prose",
    ways: HTTP,
    turns: [{ text: 'Write <tool_call>{"name": "mul"}</tool_call> to multiply.' }],
    check: (ran) => {
      assert.deepEqual(results(ran), []);
      assert.match(ran.outcome.text, /<tool_call>/);
    },
  },
  {
    name: "finish reason `stop` beside calls",
    peers: "all fine",
    ours: "the calls count",
    ways: HTTP,
    turns: [{ ...sum(1, 2), finish: "stop" }, DONE],
    check: oneSum,
  },
  {
    name: "finish reason `tool_calls` without a call",
    ours: "an answer where there is text, else asked again",
    ways: ["openai"],
    turns: [
      { text: "", finish: "tool_calls" },
      { text: "done", finish: "tool_calls" },
    ],
    check: (ran) => {
      assert.equal(ran.outcome.text, "done");
      assert.equal(ran.chats.length, 2);
    },
  },
];
