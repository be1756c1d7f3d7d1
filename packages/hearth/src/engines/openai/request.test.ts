import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../../protocol/index.ts";
import type { ChatRequest } from "../types.ts";
import { chatBody, completionBody, type OpenAISettings, wireMessages } from "./request.ts";

const settings: OpenAISettings = {
  refused: new Set(),
  thinkingField: "reasoning_content",
  parallelToolCalls: undefined,
};
const image = { type: "image", mediaType: "image/png", data: "aGk=" } as const;
const part = { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } };

const history: Message[] = [
  { role: "system", content: [{ type: "text", text: "Be brief." }] },
  { role: "user", content: [{ type: "text", text: "What is this?" }, image] },
  {
    role: "assistant",
    content: [
      { type: "thinking", text: "A photo." },
      { type: "call", id: "a", name: "zoom", arguments: { to: "left" } },
      {
        type: "call",
        id: "b",
        name: "now",
        arguments: {},
        fault: { reason: "malformed", message: "no", text: "{x" },
      },
    ],
  },
  { role: "tool", callId: "a", name: "zoom", content: [{ type: "text", text: "done" }, image], ok: true },
  { role: "tool", callId: "b", name: "now", content: [{ type: "text", text: "bad" }], ok: false },
  { role: "assistant", content: [{ type: "text", text: "A cat." }] },
];

function request(more: Partial<ChatRequest> = {}): ChatRequest {
  return { model: "m", messages: history, tools: [], sampling: {}, ...more };
}

test("history has arguments as valid JSON text, ids with results, content never null, images as data URLs", () => {
  assert.deepEqual(wireMessages(history, "reasoning_content"), [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text: "What is this?" }, part] },
    {
      role: "assistant",
      content: "",
      reasoning_content: "A photo.",
      tool_calls: [
        { id: "a", type: "function", function: { name: "zoom", arguments: '{"to":"left"}' } },
        { id: "b", type: "function", function: { name: "now", arguments: "{}" } },
      ],
    },
    { role: "tool", tool_call_id: "a", name: "zoom", content: "done" },
    { role: "tool", tool_call_id: "b", name: "now", content: "bad" },
    { role: "user", content: [{ type: "text", text: "Images from the tool results above:" }, part] },
    { role: "assistant", content: "A cat." },
  ]);
});

test("thinking goes back in the field the server uses, or not at all", () => {
  assert.equal(wireMessages(history, "reasoning")[2]?.["reasoning"], "A photo.");
  assert.equal("reasoning_content" in wireMessages(history, undefined)[2]!, false);
});

const tool = { name: "zoom", description: "Nearer.", parameters: { type: "object" } };
const schema = { type: "object", properties: {} };

const choices: [choice: ChatRequest["toolChoice"], sent: string | undefined][] = [
  [undefined, undefined],
  ["auto", undefined],
  ["none", "none"],
  ["required", "required"],
  [{ name: "zoom" }, "required"],
];
for (const [toolChoice, sent] of choices) {
  test(`tool_choice ${JSON.stringify(toolChoice)} is sent as ${sent}, never as an object`, () => {
    const more = toolChoice === undefined ? {} : { toolChoice };
    assert.equal(chatBody(request({ tools: [tool], ...more }), settings)["tool_choice"], sent);
    assert.equal("tool_choice" in chatBody(request(more), settings), false);
  });
}

test("a schema goes as response_format, never beside tools", () => {
  const { response_format } = chatBody(request({ responseSchema: schema }), settings);
  assert.deepEqual(response_format, { type: "json_schema", json_schema: { name: "answer", schema } });
  assert.equal(
    "response_format" in chatBody(request({ responseSchema: schema, tools: [tool] }), settings),
    false,
  );
});

test("every request is streamed and asks for the counts", () => {
  const { messages: _, ...rest } = chatBody(request(), settings);
  assert.deepEqual(rest, { model: "m", stream: true, stream_options: { include_usage: true } });
});

test("think is a switch for the template or a level for the server", () => {
  assert.deepEqual(chatBody(request({ think: false }), settings)["chat_template_kwargs"], {
    enable_thinking: false,
  });
  assert.equal(chatBody(request({ think: "low" }), settings)["reasoning_effort"], "low");
});

test("what a server refused is left out from then on; max_tokens goes under its new name", () => {
  const refused = new Set(["top_k", "max_tokens", "stream_options"]);
  const body = chatBody(request({ sampling: { topK: 20, maxTokens: 9, temperature: 0 } }), {
    ...settings,
    refused,
  });
  assert.equal("top_k" in body || "max_tokens" in body || "stream_options" in body, false);
  assert.equal(body["max_completion_tokens"], 9);
  assert.equal(body["temperature"], 0);
});

test("raw text goes to the completions route as it is", () => {
  const { prompt, stop } = completionBody({ model: "m", prompt: "<s>", sampling: { stop: ["x"] } }, settings);
  assert.deepEqual([prompt, stop], ["<s>", ["x"]]);
});
