import assert from "node:assert/strict";
import { add } from "../guide/support.ts";
import { ALL, HTTP, type Scenario } from "./types.ts";

const call = (name: string, args: unknown) => ({ name, args });
const DONE = { text: "done" };
const LONG = "word ".repeat(3000);

const answers: Scenario["check"] = (ran) => {
  assert.equal(ran.outcome.stopReason, "answer");
  assert.equal(ran.outcome.text, "done");
};
const retried =
  (times: number): Scenario["check"] =>
  (ran, way) => {
    answers(ran, way);
    assert.equal(ran.of("engine.retried").length, times);
    assert.equal(ran.outcome.messages.filter((message) => message.role === "assistant").length, 1);
  };

/** How the engine and the wire go wrong: errors, cuts, silence, what the window does. */
export const STREAMS: readonly Scenario[] = [
  {
    name: "HTTP 500 twice, then fine",
    peers: "3 do not retry, 1 of them as an empty success",
    ours: "retried after 1 and 2 s",
    ways: HTTP,
    turns: [{ status: 500 }, { status: 500 }, DONE],
    check: retried(2),
  },
  {
    name: "HTTP 500 for ever",
    ours: "`engine_error` with the engine's own words",
    ways: HTTP,
    turns: [{ status: 500 }, { status: 500 }, { status: 500 }, { status: 500 }],
    check: (ran) => {
      assert.equal(ran.outcome.stopReason, "engine_error");
      assert.match(ran.outcome.text, /Not finished: .*stopped.*Missing:/s);
      assert.equal(ran.chats.length, 3);
    },
  },
  {
    name: "busy with Retry-After",
    ours: "waits as long as asked",
    ways: HTTP,
    turns: [{ status: 503, headers: { "retry-after": "2" } }, DONE],
    check: (ran, way) => {
      retried(1)(ran, way);
      assert.equal(ran.of("engine.retried")[0]!.waitMs, 2000);
    },
  },
  {
    name: "a request that is refused",
    ours: "not repeated; its reason told",
    ways: HTTP,
    turns: [{ status: 400, body: { error: "the seed must be a number" } }],
    check: (ran) => {
      assert.equal(ran.outcome.stopReason, "engine_error");
      assert.equal(ran.chats.length, 1);
    },
  },
  {
    name: "cut before the first word",
    peers: "all throw, or end empty as if complete",
    ours: "asked again",
    ways: ALL,
    turns: [{ text: "x", cut: "before" }, DONE],
    check: retried(1),
  },
  {
    name: "cut in the middle of the answer",
    peers: "5 throw, 1 takes half for the whole",
    ours: "voided, asked again",
    ways: ALL,
    turns: [{ text: "half of an answer that is cut", cut: "answer" }, DONE],
    check: (ran, way) => {
      retried(1)(ran, way);
      assert.equal(ran.of("step.discarded").length, 1);
    },
  },
  {
    name: "cut in the middle of a call",
    ours: "the half call is never run",
    ways: HTTP,
    turns: [
      { calls: [call("add", { a: 1, b: 2 })], cut: "call" },
      { calls: [call("add", { a: 3, b: 4 })] },
      DONE,
    ],
    check: (ran) => {
      const contents = ran.of("call.finished").map((event) => event.content);
      assert.equal(contents.at(-1), "7");
      assert.ok(contents.every((content) => content === "7" || content === "3"));
      assert.equal(ran.outcome.text, "done");
    },
  },
  {
    name: "an error line in mid-stream",
    ours: "asked again",
    ways: HTTP,
    turns: [{ text: "half", errorLine: "model runner has unexpectedly stopped" }, DONE],
    check: retried(1),
  },
  {
    name: "a stream without its end mark",
    ours: "a cut stream, asked again",
    ways: HTTP,
    turns: [{ text: "half", done: false }, DONE],
    check: retried(1),
  },
  {
    name: "an engine that never answers",
    ours: "`timeout`, the connection closed",
    ways: HTTP,
    turns: [{ hang: true }],
    options: { limits: { timeoutMs: 150 } },
    check: (ran) => {
      assert.equal(ran.outcome.stopReason, "timeout");
      assert.match(ran.outcome.text, /longer than 0.15 s.*Missing:/s);
    },
  },
  {
    name: "cancelled while the engine writes",
    ours: "`cancelled`, the connection closed at once",
    ways: HTTP,
    turns: [{ text: LONG, gapMs: 20 }],
    during: async (run) => {
      for await (const event of run) if (event.type === "text.delta") break;
      run.cancel();
    },
    check: (ran) => {
      assert.equal(ran.outcome.stopReason, "cancelled");
      assert.equal(ran.chats[0]!.closedEarly, true);
    },
  },
  {
    name: "an empty answer",
    peers: "5 return it as a success",
    ours: "asked again",
    ways: ALL,
    turns: [{ text: "" }, DONE],
    check: (ran, way) => {
      answers(ran, way);
      assert.match(JSON.stringify(ran.outcome.messages), /empty/);
    },
  },
  {
    name: "an answer of white space only",
    ours: "asked again",
    ways: ALL,
    turns: [{ text: " \n\n " }, DONE],
    check: answers,
  },
  {
    name: "empty answers for ever",
    ours: "`handoff` after three, in words",
    ways: ALL,
    turns: () => ({ text: "" }),
    check: (ran) => {
      assert.equal(ran.outcome.stopReason, "handoff");
      assert.match(ran.outcome.text, /empty answer each time.*Missing:.*To go on:/s);
    },
  },
  {
    name: "thinking and no answer",
    ours: "told to answer",
    ways: HTTP,
    turns: [{ thinking: "Hm. Perhaps." }, DONE],
    engine: { capabilities: ["completion", "tools", "thinking"] },
    check: (ran, way) => {
      answers(ran, way);
      assert.match(JSON.stringify(ran.outcome.messages), /You only thought/);
    },
  },
  {
    name: "thinking left in the text",
    ours: "kept apart from the answer",
    ways: HTTP,
    turns: [{ text: "<think>\nOne and two.\n</think>\n\ndone", textChunk: 4 }],
    check: (ran, way) => {
      answers(ran, way);
      assert.match(
        ran
          .of("thinking.delta")
          .map((event) => event.text)
          .join(""),
        /One and two/,
      );
    },
  },
  {
    name: "an answer cut for length",
    ours: "asked again with more room",
    ways: ALL,
    turns: [{ text: "It is in the", finish: "length" }, DONE],
    options: { sampling: { maxTokens: 300 } },
    check: (ran, way) => {
      answers(ran, way);
      if (way === "raw") return;
      const room = ran.chats.map(({ body }) => body.options?.num_predict ?? body.max_tokens ?? 0);
      assert.ok(room[1]! > room[0]!, `${room}`);
    },
  },
  {
    name: "an answer cut for length each time",
    ours: "ends, and says that it is cut",
    ways: ALL,
    turns: () => ({ text: "It is in the", finish: "length" }),
    check: (ran) => {
      assert.equal(ran.outcome.stopReason, "context");
      assert.match(ran.outcome.text, /It is in the[\s\S]*cut off/);
      assert.equal(ran.of("step.started").length, 3);
    },
  },
  {
    name: "a call cut for length, swallowed by the server",
    ours: "asked again with more room",
    ways: HTTP,
    turns: [{ text: "", finish: "length", evalTokens: 12 }, { calls: [call("add", { a: 1, b: 2 })] }, DONE],
    check: (ran, way) => {
      answers(ran, way);
      assert.deepEqual(
        ran.of("call.finished").map((event) => event.content),
        ["3"],
      );
    },
  },
  {
    name: "a call cut for length, handed over in half",
    peers: "2 run the tool with arguments completed in silence",
    ours: "never run; asked again with more room",
    ways: ["openai"],
    turns: [
      { calls: [{ name: "add", raw: '{"a": 1, "b"' }], finish: "length" },
      { calls: [call("add", { a: 1, b: 2 })] },
      DONE,
    ],
    check: (ran, way) => {
      answers(ran, way);
      assert.equal(ran.of("call.invalid").length, 1);
      assert.deepEqual(
        ran.of("call.finished").map((event) => event.content),
        ["3"],
      );
      assert.ok((ran.chats[1]!.body.max_tokens ?? 0) > 0);
    },
  },
  {
    name: "a prompt cut to half in silence",
    peers: "0 of 6 notice",
    ours: "found by the engine's own count; the answer not trusted",
    ways: HTTP,
    turns: [
      { text: "made up", promptTokens: 1026 },
      { text: "made up", promptTokens: 1026 },
    ],
    options: { instructions: LONG },
    engine: { serverCtx: 16_384 },
    check: (ran) => {
      assert.ok(ran.of("context.truncated").length > 0);
      assert.notEqual(ran.outcome.text, "made up");
      assert.equal(ran.outcome.stopReason, "context");
    },
  },
  {
    name: "a prompt over the window",
    peers: "0 of 6 know the window",
    ours: "`context`, in words, without asking",
    ways: HTTP,
    turns: [DONE],
    options: { instructions: LONG.repeat(6) },
    engine: { serverCtx: 16_384 },
    check: (ran) => {
      assert.equal(ran.outcome.stopReason, "context");
      assert.match(ran.outcome.text, /16384|16,384/);
      assert.equal(ran.chats.length, 0);
    },
  },
  {
    name: "an engine whose window is smaller than it says",
    ours: "its refusal is read, the prompt shortened",
    ways: ["openai"],
    turns: (_body, n) => (n < 12 ? { calls: [call("read", { n })] } : DONE),
    tools: [
      {
        ...add,
        name: "read",
        parameters: { type: "object", properties: { n: { type: "integer" } } },
        run: (args: Record<string, unknown>) => `part ${args["n"]} ${"x".repeat(1400)}`,
      },
    ],
    engine: { serverCtx: 4096 },
    options: { contextTokens: 16_384 },
    check: answers,
  },
  {
    name: "a model that is not there",
    ours: "one attempt, the names that are",
    ways: HTTP,
    turns: [DONE],
    engine: { missing: true },
    check: (ran) => {
      assert.equal(ran.outcome.stopReason, "engine_error");
      assert.equal(ran.of("engine.retried").length, 0);
    },
  },
  {
    name: "a model that can't call tools",
    ours: "one attempt, what to choose instead",
    ways: ["ollama"],
    turns: [DONE],
    engine: { capabilities: ["completion"] },
    check: (ran) => {
      assert.equal(ran.outcome.error?.class, "CapabilityError");
      assert.equal(ran.of("engine.retried").length, 0);
    },
  },
];
