import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineFailedError, StreamCutError } from "../../protocol/index.ts";
import type { EngineEvent } from "../types.ts";
import { OllamaAnswer } from "./answer.ts";

const done = {
  message: { role: "assistant", content: "" },
  done: true,
  done_reason: "stop",
  prompt_eval_count: 9,
  eval_count: 4,
};
const calls = (...tool_calls: object[]): object => ({
  message: { role: "assistant", content: "", tool_calls },
  done: false,
});
const call = (args: unknown, id?: string, index = 0): object => ({
  id,
  function: { index, name: "add", arguments: args },
});

function read(...lines: object[]): EngineEvent[] {
  const events: EngineEvent[] = [];
  const reader = new OllamaAnswer({ address: "http://h", model: "m", asked: true });
  reader.push(Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join("")), events);
  reader.end(events);
  return events;
}

function callsIn(events: readonly EngineEvent[]) {
  return events.flatMap((event) =>
    event.type === "call.end" ? [[event.index, event.id, event.arguments]] : [],
  );
}

test("each entry is a call of its own though every index is 0", () => {
  const events = read(
    calls(call({ a: 1 }, "x")),
    calls(call({ a: 2 }, "y")),
    calls(call({ a: 3 }, "z")),
    done,
  );
  assert.deepEqual(callsIn(events), [
    [0, "x", { a: 1 }],
    [1, "y", { a: 2 }],
    [2, "z", { a: 3 }],
  ]);
  assert.deepEqual(events.at(-1), { type: "finish", reason: "calls" });
});

test("several calls in one chunk, and calls in the last one, count", () => {
  const last = { ...done, message: { role: "assistant", content: "", tool_calls: [call({ a: 3 }, "z")] } };
  assert.equal(callsIn(read(calls(call({ a: 1 }), call({ a: 2 })), last)).length, 3);
});

test("an id is kept where it is new; a call sent twice is one; another call under the same id goes without", () => {
  const events = read(
    calls(call({ a: 1 }, "x")),
    calls(call({ a: 1 }, "x")),
    calls(call({ a: 2 }, "x")),
    done,
  );
  assert.deepEqual(callsIn(events), [
    [0, "x", { a: 1 }],
    [1, undefined, { a: 2 }],
  ]);
});

test("arguments as text are read, and text that is no object is kept as it is", () => {
  const events = read(calls(call('{"a":1}'), call("{a"), call(undefined)), done);
  const ends = events.filter((event) => event.type === "call.end");
  assert.deepEqual(
    ends.map((end) => [end.arguments, end.argumentsText]),
    [
      [{ a: 1 }, '{"a":1}'],
      [undefined, "{a"],
      [{}, "{}"],
    ],
  );
});

test("thinking and text stay apart, empty pieces say nothing", () => {
  const piece = (message: object): object => ({ message, done: false });
  assert.deepEqual(read(piece({ thinking: "hm", content: "" }), piece({ content: "yes" }), done), [
    { type: "thinking", text: "hm" },
    { type: "text", text: "yes" },
    { type: "usage", input: 9, output: 4 },
    { type: "finish", reason: "stop" },
  ]);
});

test("an answer cut by the limit says so, though it has calls", () => {
  const events = read(calls(call({})), { ...done, done_reason: "length" });
  assert.deepEqual(events.at(-1), { type: "finish", reason: "length" });
});

test("counts that are missing are not made up", () => {
  const events = read({ done: true, done_reason: "stop" });
  assert.deepEqual(events, [{ type: "finish", reason: "stop" }]);
});

for (const [name, lines] of [
  ["no end mark", [{ message: { content: "x" }, done: false }]],
  ["done:false as the whole reply", [{ message: { content: " ha ha" }, done: false }]],
  ["nothing at all", []],
] as const) {
  test(`${name} is a cut stream, never an answer`, () => assert.throws(() => read(...lines), StreamCutError));
}

test("an error line in the middle is an error; what came before it was handed out", () => {
  const events: EngineEvent[] = [];
  const reader = new OllamaAnswer({ address: "http://h", model: "m", asked: true });
  const bytes = Buffer.from('{"message":{"content":"a"},"done":false}\n{"error":"CUDA error"}\n');
  assert.throws(() => reader.push(bytes, events), StreamCutError);
  assert.deepEqual(events, [{ type: "text", text: "a" }]);
});

test("a line that is no JSON is a cut stream", () => {
  const reader = new OllamaAnswer({ address: "http://h", model: "m", asked: true });
  assert.throws(() => reader.push(Buffer.from("<html>\n"), []), StreamCutError);
});

test("a reply that only loads the model is no answer to a question, and is one to none", () => {
  const load = { message: { content: "" }, done: true, done_reason: "load" };
  assert.throws(
    () => read(load),
    (error) => error instanceof EngineFailedError && error.transient,
  );
  const events: EngineEvent[] = [];
  new OllamaAnswer({ address: "http://h", model: "m", asked: false }).push(
    Buffer.from(`${JSON.stringify(load)}\n`),
    events,
  );
  assert.deepEqual(events, [{ type: "finish", reason: "stop" }]);
});
