import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../../protocol/index.ts";
import type { ChatRequest } from "../types.ts";
import { chatBody, generateBody } from "./request.ts";

const settings = { contextTokens: 8192, keepAlive: undefined };

const history: Message[] = [
  { role: "system", content: [{ type: "text", text: "Be brief." }] },
  {
    role: "user",
    content: [
      { type: "text", text: "What is this?" },
      { type: "image", mediaType: "image/png", data: "aGk=" },
    ],
  },
  {
    role: "assistant",
    content: [
      { type: "thinking", text: "Two cities." },
      { type: "text", text: "I look." },
      { type: "call", id: "call_a", name: "temperature", arguments: { city: "London" } },
      { type: "call", id: "call_b", name: "temperature", arguments: { city: "New York" } },
    ],
  },
  { role: "tool", callId: "call_a", name: "temperature", content: [{ type: "text", text: "9" }], ok: true },
  { role: "tool", callId: "call_b", name: "temperature", content: [{ type: "text", text: "21" }], ok: true },
];

function request(more: Partial<ChatRequest> = {}): ChatRequest {
  return { model: "qwen3:8b", messages: history, tools: [], sampling: {}, ...more };
}

test("history keeps content, thinking, ids, names and arguments as objects", () => {
  assert.deepEqual(chatBody(request(), settings)["messages"], [
    { role: "system", content: "Be brief." },
    { role: "user", content: "What is this?", images: ["aGk="] },
    {
      role: "assistant",
      content: "I look.",
      thinking: "Two cities.",
      tool_calls: [
        { id: "call_a", function: { index: 0, name: "temperature", arguments: { city: "London" } } },
        { id: "call_b", function: { index: 1, name: "temperature", arguments: { city: "New York" } } },
      ],
    },
    { role: "tool", content: "9", tool_name: "temperature", tool_call_id: "call_a" },
    { role: "tool", content: "21", tool_name: "temperature", tool_call_id: "call_b" },
  ]);
});

test("every request is streamed, with its window and without silent cutting", () => {
  const body = chatBody(request(), settings);
  const { messages: _, ...rest } = body;
  assert.deepEqual(rest, {
    model: "qwen3:8b",
    stream: true,
    truncate: false,
    shift: false,
    options: { num_ctx: 8192 },
  });
});

test("only options that are set are sent, under Ollama's names", () => {
  const sampling = {
    temperature: 0.1,
    topP: 0.9,
    topK: 20,
    minP: 0.05,
    seed: 7,
    maxTokens: 100,
    stop: ["x"],
  };
  assert.deepEqual(chatBody(request({ sampling }), settings)["options"], {
    num_ctx: 8192,
    temperature: 0.1,
    top_p: 0.9,
    top_k: 20,
    min_p: 0.05,
    seed: 7,
    num_predict: 100,
    stop: ["x"],
  });
});

test("think is sent only when set, as a switch or a level", () => {
  assert.equal("think" in chatBody(request(), settings), false);
  assert.equal(chatBody(request({ think: false }), settings)["think"], false);
  assert.equal(chatBody(request({ think: "high" }), settings)["think"], "high");
});

const tool = { name: "temperature", description: "Of a city.", parameters: { type: "object" } };
const schema = { type: "object", properties: { a: { type: "string" } } };

test("tools go as functions, never with a format, and not at all when forbidden", () => {
  const wire = { type: "function", function: tool };
  const both = chatBody(request({ tools: [tool], responseSchema: schema }), settings);
  assert.deepEqual(both["tools"], [wire]);
  assert.equal("format" in both, false);
  const forbidden = chatBody(
    request({ tools: [tool], toolChoice: "none", responseSchema: schema }),
    settings,
  );
  assert.equal("tools" in forbidden, false);
  assert.deepEqual(forbidden["format"], schema);
});

test("keep_alive is sent where asked for, 0 and -1 too", () => {
  assert.equal("keep_alive" in chatBody(request(), settings), false);
  for (const keepAlive of ["5m", 0, -1]) {
    assert.equal(chatBody(request(), { ...settings, keepAlive })["keep_alive"], keepAlive);
  }
});

test("the same history gives the same bytes, and a longer one begins with them", () => {
  const short = JSON.stringify(chatBody(request({ messages: history.slice(0, 3) }), settings)["messages"]);
  const long = JSON.stringify(chatBody(request(), settings)["messages"]);
  assert.ok(long.startsWith(short.slice(0, -1)));
});

test("raw text goes without a template", () => {
  assert.deepEqual(generateBody({ model: "m", prompt: "<s>", sampling: { stop: ["</s>"] } }, settings), {
    model: "m",
    prompt: "<s>",
    raw: true,
    stream: true,
    truncate: false,
    shift: false,
    options: { num_ctx: 8192, stop: ["</s>"] },
  });
});
