import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Message, Ollama } from "ollama";
import { type Service, skip, startService, until } from "./support.ts";
import { turns } from "./turns.ts";

const add = {
  type: "function",
  function: {
    name: "add",
    description: "Add",
    parameters: {
      type: "object",
      required: ["a", "b"],
      properties: { a: { type: "number" }, b: { type: "number" } },
    },
  },
};

describe("the ollama package, unmodified", { skip }, () => {
  let service: Service;
  let client: Ollama;
  before(async () => {
    service = await startService(turns, { args: ["--approve", "auto"] });
    client = new Ollama({ host: service.url });
  });
  after(() => service[Symbol.asyncDispose]());
  const asked = (content: string): Message[] => [{ role: "user", content }];

  test("a whole answer with its counts", async () => {
    const reply = await client.chat({ model: "mock", messages: asked("Hi.") });
    assert.equal(reply.message.content, "Hello, you there.");
    assert.deepEqual([reply.done, reply.done_reason], [true, "stop"]);
    assert.ok(reply.eval_count > 0 && reply.prompt_eval_count > 0 && reply.total_duration > 0);
  });

  test("a streamed answer ends with done", async () => {
    let text = "";
    let last: unknown;
    for await (const part of await client.chat({ model: "mock", messages: asked("Hi."), stream: true })) {
      text += part.message.content;
      last = part.done_reason;
    }
    assert.deepEqual([text, last], ["Hello, you there.", "stop"]);
  });

  test("calls come as objects, each in a line of its own, and their results find them by name", async () => {
    const messages = asked("Make two calls.");
    const calls = [];
    for await (const part of await client.chat({ model: "mock", messages, tools: [add], stream: true }))
      calls.push(...(part.message.tool_calls ?? []));
    assert.deepEqual(
      calls.map((call) => call.function.arguments),
      [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
    );
    messages.push({ role: "assistant", content: "", tool_calls: calls });
    messages.push(
      { role: "tool", tool_name: "add", content: "3" },
      { role: "tool", tool_name: "add", content: "7" },
    );
    const reply = await client.chat({ model: "mock", messages, tools: [add] });
    assert.equal(reply.message.content, "The result is 7.");
  });

  test("leaked calls and wrong types are mended", async () => {
    for (const [words, args] of [
      ["Leak it.", { a: 1, b: 2 }],
      ["Use wrong types.", { a: 2, b: 3 }],
    ] as const) {
      const reply = await client.chat({ model: "mock", messages: asked(words), tools: [add] });
      assert.deepEqual(reply.message.tool_calls?.[0]?.function.arguments, args);
    }
  });

  test("a call whose arguments can't be read is not handed out as an object, nor lost", async () => {
    await using odd = await startService(() => ({
      text: '<tool_call>{"name": "add", "arguments": {"a": [[}</tool_call>',
    }));
    const other = new Ollama({ host: odd.url });
    const reply = await other.chat({ model: "mock", messages: asked("x"), tools: [add] });
    assert.equal(reply.message.tool_calls, undefined);
    assert.match(reply.message.content, /add/);
  });

  test("generate, with thinking apart", async () => {
    const reply = await client.generate({ model: "mock", prompt: "Think." });
    assert.deepEqual([reply.response, reply.thinking], ["Four.", "Let me see. Two and two."]);
  });

  test("an empty question loads", async () => {
    const { done_reason: reason } = await client.chat({ model: "mock", messages: [] });
    assert.equal(reason, "load");
  });

  test("options reach the engine", async () => {
    await client.chat({
      model: "mock",
      messages: asked("Hi."),
      options: { num_ctx: 8192, temperature: 0.7, seed: 3 },
    });
    const { options } = service.engine.chats.at(-1)?.body ?? {};
    assert.deepEqual([options?.["num_ctx"], options?.["temperature"], options?.["seed"]], [8192, 0.7, 3]);
  });

  test("list, show, ps, version", async () => {
    assert.deepEqual(
      (await client.list()).models.map((model) => model.name),
      ["mock:latest", "agent:hearth"],
    );
    const shown = await client.show({ model: "mock" });
    assert.ok(shown.capabilities.includes("tools"));
    assert.equal(new Map(Object.entries(shown.model_info)).get("llama.context_length"), 16384);
    assert.equal((await client.ps()).models[0]?.name, "mock:latest");
    assert.match((await client.version()).version, /^\d+\.\d+\.\d+$/);
  });

  test("a model of the whole loop", async () => {
    const reply = await client.chat({ model: "agent:hearth", messages: asked("The sum.") });
    assert.equal(reply.message.content, "The result is 5.");
  });

  const failures: [name: string, request: object, status: number, message: RegExp][] = [
    ["an unknown model", { model: "gone" }, 404, /gone/],
    [
      "a prompt over the window",
      { messages: asked("many words ".repeat(20_000)) },
      400,
      /context|window|size/,
    ],
    ["a wrong type", { messages: "x" }, 400, /messages/],
    ["an engine that fails", { messages: asked("Broken.") }, 502, /./],
  ];
  for (const [name, request, status, message] of failures) {
    for (const stream of [true, false]) {
      test(`${name} is ${status}, ${stream ? "streamed" : "whole"}`, async () => {
        const chat = client.chat({ model: "mock", messages: asked("Hi."), ...request, stream } as never);
        await assert.rejects(chat, (error: { status_code?: number; message: string }) => {
          assert.equal(error.status_code, status);
          assert.match(error.message, message);
          return true;
        });
      });
    }
  }

  test("a client that leaves stops the engine", async () => {
    const stream = await client.chat({ model: "mock", messages: asked("Go on for ever."), stream: true });
    const chat = service.engine.chats.at(-1);
    setTimeout(() => stream.abort(), 50);
    await assert.rejects(async () => {
      for await (const _ of stream);
    });
    await until(() => chat?.closedAbs !== undefined);
    assert.equal(chat?.closedEarly, true);
  });

  test("who is no browser gets text at /", async () => {
    const reply = await fetch(service.url);
    assert.match(reply.headers.get("content-type") ?? "", /^text\/plain/);
    assert.match(await reply.text(), /is running/);
  });
});
