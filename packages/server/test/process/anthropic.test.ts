import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { type Service, skip, startService, until } from "./support.ts";
import { turns } from "./turns.ts";

const add = {
  name: "add",
  description: "Add",
  input_schema: {
    type: "object" as const,
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
  },
};

describe("the Anthropic SDK, unmodified", { skip }, () => {
  let service: Service;
  let client: Anthropic;
  before(async () => {
    service = await startService(turns, { args: ["--approve", "auto"] });
    client = new Anthropic({ baseURL: service.url, apiKey: "none", maxRetries: 0 });
  });
  after(() => service[Symbol.asyncDispose]());
  const ask = (content: string, more: object = {}) =>
    client.messages.create({
      model: "mock",
      max_tokens: 500,
      messages: [{ role: "user", content }],
      ...more,
      stream: false,
    });

  test("a whole message", async () => {
    const message = await ask("Hi.", { system: "Be brief." });
    assert.deepEqual(message.content, [{ type: "text", text: "Hello, you there." }]);
    assert.deepEqual([message.stop_reason, message.role], ["end_turn", "assistant"]);
    assert.ok(message.usage.input_tokens > 0 && message.usage.output_tokens > 0);
    assert.equal(service.engine.chats.at(-1)?.body.messages?.[0]?.content, "Be brief.");
  });

  test("a streamed one: events in their order, with a ping, gathered by the client", async () => {
    const request = {
      model: "mock",
      max_tokens: 500,
      messages: [{ role: "user" as const, content: "Think." }],
    };
    const thinking = { type: "enabled" as const, budget_tokens: 1024 };
    const stream = client.messages.stream({ ...request, max_tokens: 2000, thinking });
    const types: string[] = [];
    stream.on("streamEvent", (event) => types.push(event.type));
    const message = await stream.finalMessage();
    assert.deepEqual(
      message.content.map((block) => block.type),
      ["thinking", "text"],
    );
    assert.deepEqual(
      types.filter((type, i) => type !== types[i - 1]),
      [
        "message_start",
        ...["content_block_start", "content_block_delta", "content_block_stop"],
        ...["content_block_start", "content_block_delta", "content_block_stop"],
        "message_delta",
        "message_stop",
      ],
    );
    assert.ok(message.usage.output_tokens > 0);
    const raw = await fetch(`${service.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...request, stream: true }),
    });
    const text = await raw.text();
    assert.match(text, /event: ping\ndata: {"type":"ping"}\n\n/);
    assert.doesNotMatch(text, /thinking/);
  });

  test("calls streamed as input_json_delta, their results sent back", async () => {
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: "Make two calls." }];
    const first = await client.messages
      .stream({ model: "mock", max_tokens: 500, messages, tools: [add] })
      .finalMessage();
    const calls = first.content.filter((block) => block.type === "tool_use");
    assert.deepEqual(
      calls.map(({ name, input }) => [name, input]),
      [
        ["add", { a: 1, b: 2 }],
        ["add", { a: 3, b: 4 }],
      ],
    );
    assert.equal(first.stop_reason, "tool_use");
    const content = calls.map(({ id }, i) => ({
      type: "tool_result" as const,
      tool_use_id: id,
      content: String(i),
    }));
    messages.push({ role: "assistant", content: first.content }, { role: "user", content });
    const last = await client.messages.create({ model: "mock", max_tokens: 500, messages, tools: [add] });
    assert.deepEqual(last.content, [{ type: "text", text: "The result is 1." }]);
    assert.deepEqual(
      service.engine.chats.at(-1)?.body.messages?.map(({ role }) => role),
      ["user", "assistant", "tool", "tool"],
    );
  });

  test("tool_choice any and tool are enforced, a leaked call leaves as a call, one call where parallel ones are off", async () => {
    for (const tool_choice of [{ type: "any" }, { type: "tool", name: "add" }]) {
      const { content } = await ask("Hi.", { tools: [add], tool_choice });
      assert.deepEqual(
        content.map((block) => block.type === "tool_use" && block.input),
        [{ a: 7, b: 8 }],
      );
    }
    const leaked = await ask("Leak it.", { tools: [add] });
    assert.deepEqual(
      leaked.content.map((block) => block.type),
      ["text", "tool_use"],
    );
    const choice = { type: "auto", disable_parallel_tool_use: true };
    const one = await ask("Two calls.", { tools: [add], tool_choice: choice });
    assert.equal(one.content.filter((block) => block.type === "tool_use").length, 1);
  });

  test("a cut message says so; tokens are counted; models are listed in the wire's form", async () => {
    assert.equal((await ask("Cut it.")).stop_reason, "max_tokens");
    const counted = await client.messages.countTokens({
      model: "mock",
      messages: [{ role: "user", content: "word ".repeat(400) }],
    });
    assert.ok(counted.input_tokens > 200 && counted.input_tokens < 1000, String(counted.input_tokens));
    const models = await client.models.list();
    assert.deepEqual(
      models.data.map(({ id }) => id),
      ["mock:latest", "agent:hearth"],
    );
  });

  test("the whole loop behind a model's name", async () => {
    const { content } = await ask("The sum.", { model: "agent:hearth" });
    assert.deepEqual(content, [{ type: "text", text: "The result is 5." }]);
  });

  const failures: [name: string, more: object, status: number, type: string][] = [
    ["an unknown model", { model: "gone" }, 404, "not_found_error"],
    ["a wrong type", { temperature: "hot" }, 400, "invalid_request_error"],
    [
      "a prompt over the window",
      { messages: [{ role: "user", content: "many words ".repeat(20_000) }] },
      400,
      "invalid_request_error",
    ],
    [
      "a tool of Anthropic's own",
      { tools: [{ type: "web_search_20250305", name: "web_search" }] },
      400,
      "invalid_request_error",
    ],
    ["an engine that fails", { messages: [{ role: "user", content: "Broken." }] }, 502, "api_error"],
  ];
  for (const [name, more, status, type] of failures) {
    test(`${name} is ${status} ${type}`, async () => {
      await assert.rejects(ask("Hi.", more), (error) => {
        assert.ok(error instanceof APIError);
        assert.deepEqual([error.status, error.type], [status, type], error.message);
        return true;
      });
    });
  }

  test("a client that leaves stops the engine", async () => {
    const messages = [{ role: "user" as const, content: "Go on for ever." }];
    const stream = await client.messages.create({ model: "mock", max_tokens: 500, messages, stream: true });
    for await (const event of stream) if (event.type === "content_block_delta") break;
    const chat = service.engine.chats.at(-1);
    await until(() => chat?.closedAbs !== undefined);
  });
});
