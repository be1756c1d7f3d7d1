import assert from "node:assert/strict";
import { test } from "node:test";
import { summary } from "../../../test/engines/servers.ts";
import { EngineBusyError, EngineRefusedError, StreamCutError } from "../../protocol/index.ts";
import type { EngineEvent } from "../types.ts";
import { OpenAIAnswer } from "./answer.ts";

const chunk = (delta: object, finish_reason: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason }],
});
const usage = {
  choices: [],
  usage: { prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 8 } },
};
const call = { tool_calls: [{ index: 0, id: "a", function: { name: "add", arguments: '{"a":1}' } }] };

function read(items: readonly (object | string)[], type = "text/event-stream"): EngineEvent[] {
  const events: EngineEvent[] = [];
  const reader = new OpenAIAnswer({ "content-type": type }, { address: "http://h", model: "m" });
  for (const item of items) {
    const text = typeof item === "string" ? item : `data: ${JSON.stringify(item)}\n\n`;
    reader.push(Buffer.from(text), events);
  }
  reader.end(events);
  return events;
}

const DONE = "data: [DONE]\n\n";

const cases: [name: string, items: (object | string)[], is: object][] = [
  [
    "text, usage in a chunk without choices, end mark",
    [
      chunk({ role: "assistant", content: null }),
      chunk({ content: "Hel" }),
      chunk({ content: "lo" }),
      chunk({}, "stop"),
      usage,
      DONE,
    ],
    {
      text: "Hello",
      thinking: "",
      calls: [],
      usage: { type: "usage", input: 9, output: 4, cached: 8 },
      finish: "stop",
    },
  ],
  ["finish_reason stop beside calls", [chunk(call), chunk({}, "stop"), DONE], { finish: "calls" }],
  [
    "finish_reason tool_calls without any",
    [chunk({ content: "x" }), chunk({}, "tool_calls"), DONE],
    { calls: [], finish: "stop" },
  ],
  [
    "finish_reason in the chunk of the call",
    [chunk(call, "tool_calls"), DONE],
    { calls: [{ name: "add", arguments: { a: 1 } }], finish: "calls" },
  ],
  [
    "[DONE] missing, but a finish_reason",
    [chunk({ content: "x" }), chunk({}, "stop")],
    { text: "x", finish: "stop" },
  ],
  ["finish_reason missing, but [DONE]", [chunk({ content: "x" }), DONE], { text: "x", finish: "stop" }],
  ["cut by the limit", [chunk({ content: "x" }), chunk({}, "length"), DONE], { finish: "length" }],
  [
    "a call cut by the limit keeps its text",
    [
      chunk({ tool_calls: [{ index: 0, function: { name: "add", arguments: '{"a' } }] }),
      chunk({}, "length"),
      DONE,
    ],
    { calls: [{ name: "add", arguments: '{"a' }], finish: "length" },
  ],
  [
    "reasoning_content",
    [chunk({ reasoning_content: "hm" }), chunk({ content: "x" }, "stop"), DONE],
    { thinking: "hm", text: "x" },
  ],
  [
    "reasoning",
    [chunk({ reasoning: "hm" }), chunk({ content: "x" }, "stop"), DONE],
    { thinking: "hm", text: "x" },
  ],
  [
    "both names at once say it once",
    [chunk({ reasoning: "hm", reasoning_content: "hm" }), chunk({}, "stop"), DONE],
    { thinking: "hm" },
  ],
  [
    "content in parts",
    [
      chunk(
        {
          content: [
            { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
            { type: "text", text: "x" },
          ],
        },
        "stop",
      ),
      DONE,
    ],
    { thinking: "hm", text: "x" },
  ],
  [
    "the old function_call",
    [
      chunk({ function_call: { name: "add", arguments: '{"a"' } }),
      chunk({ function_call: { arguments: ":1}" } }),
      chunk({}, "function_call"),
      DONE,
    ],
    { calls: [{ name: "add", arguments: { a: 1 } }], finish: "calls" },
  ],
  [
    "comments and other fields between",
    [": ping\n\n", "event: message\nid: 1\n", chunk({ content: "x" }, "stop"), DONE],
    { text: "x", finish: "stop" },
  ],
  [
    "events without the empty line between",
    [
      `data: ${JSON.stringify(chunk({ content: "a" }))}\ndata: ${JSON.stringify(chunk({ content: "b" }, "stop"))}\ndata: [DONE]\n\n`,
    ],
    { text: "ab", finish: "stop" },
  ],
  [
    "other choices are not mixed in",
    [
      {
        choices: [
          { index: 1, delta: { content: "no" } },
          { index: 0, delta: { content: "x" } },
        ],
      },
      chunk({}, "stop"),
      DONE,
    ],
    { text: "x" },
  ],
  [
    "what follows [DONE] is not read",
    [chunk({ content: "x" }, "stop"), DONE, chunk({ content: "y" })],
    { text: "x" },
  ],
];

for (const [name, items, is] of cases) {
  test(`chat stream: ${name}`, () => {
    const got = summary(read(items));
    assert.deepEqual({ ...got, ...is }, got);
  });
}

test("a server that does not stream is read all the same", () => {
  const message = {
    content: "x",
    reasoning_content: "hm",
    tool_calls: [{ id: "a", type: "function", function: { name: "add", arguments: '{"a":1}' } }],
  };
  const whole = JSON.stringify({
    choices: [{ index: 0, message, finish_reason: "tool_calls" }],
    usage: usage.usage,
  });
  const got = summary(read([whole.slice(0, 20), whole.slice(20)], "application/json"));
  assert.deepEqual(
    [got.text, got.thinking, got.calls, got.finish],
    ["x", "hm", [{ name: "add", arguments: { a: 1 } }], "calls"],
  );
});

const broken: [name: string, items: (object | string)[], error: new (...args: never[]) => Error][] = [
  ["neither finish_reason nor [DONE]", [chunk({ content: "x" })], StreamCutError],
  ["nothing at all", [], StreamCutError],
  [
    "an error object in the middle",
    [chunk({ content: "x" }), { error: { message: "CUDA error", code: 500 } }],
    StreamCutError,
  ],
  ["an error with a code of its own", [{ error: { message: "busy", code: 503 } }], EngineBusyError],
  ["vLLM's form of an error", [{ object: "error", message: "engine died", code: 500 }], StreamCutError],
  ["an event named error", ['event: error\ndata: {"message":"engine died"}\n\n'], StreamCutError],
  ["data that is no JSON", ['data: {"choices\n\n'], StreamCutError],
  ["the engine gave up", [chunk({ content: "x" }, "abort"), DONE], StreamCutError],
  ["withheld by a filter", [chunk({}, "content_filter"), DONE], EngineRefusedError],
];

for (const [name, items, error] of broken) {
  test(`chat stream: ${name} is ${error.name}`, () => assert.throws(() => read(items), error));
}

test("which field thinking came in is told", () => {
  const seen: string[] = [];
  const reader = new OpenAIAnswer(
    {},
    { address: "", model: "", onThinkingField: (field) => seen.push(field) },
  );
  reader.push(Buffer.from(`data: ${JSON.stringify(chunk({ reasoning: "hm" }))}\n\n`), []);
  assert.deepEqual(seen, ["reasoning"]);
});
