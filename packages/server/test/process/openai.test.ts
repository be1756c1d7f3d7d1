import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI, { APIError, APIUserAbortError } from "openai";
import { type Service, skip, startService, until } from "./support.ts";
import { turns } from "./turns.ts";

const add = {
  type: "function",
  function: {
    name: "add",
    description: "Add",
    parameters: {
      type: "object",
      properties: { a: { type: "number" }, b: { type: "number" } },
      required: ["a", "b"],
    },
  },
} as const;

describe("the openai package, unmodified", { skip }, () => {
  let service: Service;
  let client: OpenAI;
  before(async () => {
    service = await startService(turns, { args: ["--approve", "auto"] });
    client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: "none", maxRetries: 0 });
  });
  after(() => service[Symbol.asyncDispose]());
  const ask = (content: string, more: object = {}) =>
    client.chat.completions.create({ model: "mock", messages: [{ role: "user", content }], ...more });

  test("a whole answer", async () => {
    const reply = await ask("Hi.");
    assert.equal(reply.choices[0]?.message.content, "Hello, you there.");
    assert.equal(reply.choices[0]?.finish_reason, "stop");
    assert.equal(reply.object, "chat.completion");
    assert.equal(
      reply.usage?.total_tokens,
      (reply.usage?.prompt_tokens ?? 0) + (reply.usage?.completion_tokens ?? 0),
    );
  });

  test("a streamed answer: role first, pieces, reason, usage, end", async () => {
    const stream = await client.chat.completions.create({
      model: "mock",
      messages: [{ role: "user", content: "Hi." }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    const reasons: unknown[] = [];
    let usage: unknown;
    let first: unknown;
    for await (const chunk of stream) {
      first ??= chunk.choices[0]?.delta.role;
      text += chunk.choices[0]?.delta.content ?? "";
      if (chunk.choices[0]?.finish_reason) reasons.push(chunk.choices[0].finish_reason);
      usage = chunk.usage ?? usage;
    }
    assert.deepEqual([first, text, reasons], ["assistant", "Hello, you there.", ["stop"]]);
    assert.ok(usage);
  });

  test("calls: two in one answer, streamed, gathered by the client's own helper", async () => {
    const runner = client.chat.completions.stream({
      model: "mock",
      messages: [{ role: "user", content: "Make two calls." }],
      tools: [add],
    });
    const reply = await runner.finalChatCompletion();
    const calls = reply.choices[0]?.message.tool_calls ?? [];
    assert.deepEqual(
      calls.map(
        (call) => call.type === "function" && [call.function.name, JSON.parse(call.function.arguments)],
      ),
      [
        ["add", { a: 1, b: 2 }],
        ["add", { a: 3, b: 4 }],
      ],
    );
    assert.equal(new Set(calls.map((call) => call.id)).size, 2);
    assert.equal(reply.choices[0]?.finish_reason, "tool_calls");
  });

  test("the client's own tool loop comes to its answer", async () => {
    const runner = client.chat.completions.runTools({
      model: "mock",
      messages: [{ role: "user", content: "The sum, please." }],
      tools: [
        {
          type: "function",
          function: {
            ...add.function,
            parameters: { ...add.function.parameters, required: ["a", "b"] },
            parse: JSON.parse,
            function: ({ a, b }: { a: number; b: number }) => String(a + b),
          },
        },
      ],
    });
    assert.equal(await runner.finalContent(), "The result is 5.");
  });

  const calls = (reply: OpenAI.ChatCompletion) =>
    (reply.choices[0]?.message.tool_calls ?? []).map(
      (call) => call.type === "function" && [call.function.name, JSON.parse(call.function.arguments)],
    );

  test("a call that leaked into the text leaves as a call", async () => {
    const reply = await ask("Leak it.", { tools: [add] });
    assert.deepEqual(calls(reply), [["add", { a: 1, b: 2 }]]);
    assert.equal(reply.choices[0]?.message.content?.trim(), "Let me look.");
  });

  test("arguments of wrong types are mended", async () => {
    assert.deepEqual(calls(await ask("Use wrong types.", { tools: [add] })), [["add", { a: 2, b: 3 }]]);
  });

  test("tool_choice required and named are enforced, none forbids, one call where parallel ones are not wanted", async () => {
    const named = { type: "function", function: { name: "add" } };
    for (const tool_choice of ["required", named]) {
      assert.deepEqual(calls(await ask("Hi.", { tools: [add], tool_choice })), [["add", { a: 7, b: 8 }]]);
    }
    assert.deepEqual(calls(await ask("The sum.", { tools: [add], tool_choice: "none" })), []);
    assert.equal(calls(await ask("Two calls.", { tools: [add], parallel_tool_calls: false })).length, 1);
  });

  test("the old functions: function_call in the answer and in the history", async () => {
    const functions = [add.function];
    const reply = await ask("The sum.", { functions, function_call: "auto" });
    const called = reply.choices[0]?.message.function_call;
    assert.deepEqual([called?.name, JSON.parse(called?.arguments ?? "")], ["add", { a: 2, b: 3 }]);
    assert.equal(reply.choices[0]?.finish_reason, "function_call");
    const after = await client.chat.completions.create({
      model: "mock",
      functions,
      messages: [
        { role: "user", content: "The sum." },
        { role: "assistant", content: null, function_call: { name: "add", arguments: '{"a":2,"b":3}' } },
        { role: "function", name: "add", content: "5" },
      ],
    });
    assert.equal(after.choices[0]?.message.content, "The result is 5.");
  });

  test("a schema with tools: the call first, else the answer in the schema", async () => {
    const response_format = {
      type: "json_schema",
      json_schema: {
        name: "place",
        schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
      },
    };
    assert.equal(calls(await ask("The sum.", { tools: [add], response_format })).length, 1);
    const reply = await ask("Hi.", { tools: [add], response_format });
    assert.deepEqual(JSON.parse(reply.choices[0]?.message.content ?? ""), { city: "Oslo" });
  });

  test("images go on as data; those of elsewhere are refused by name", async () => {
    const image = (url: string) => [
      { type: "text", text: "What is it?" },
      { type: "image_url", image_url: { url } },
    ];
    const content = image("data:image/png;base64,iVBORw0KGgo=");
    await client.chat.completions.create({ model: "mock", messages: [{ role: "user", content } as never] });
    assert.deepEqual(service.engine.chats.at(-1)?.body.messages?.at(-1)?.images, ["iVBORw0KGgo="]);
    const far = { role: "user", content: image("http://10.0.0.1/x.png") } as never;
    await assert.rejects(
      client.chat.completions.create({ model: "mock", messages: [far] }),
      (error) => error instanceof APIError && error.status === 400 && /content\[1\]/.test(error.param ?? ""),
    );
  });

  test("a cut answer says so, thinking is told apart", async () => {
    assert.equal((await ask("Cut it.")).choices[0]?.finish_reason, "length");
    const message = new Map<string, unknown>(Object.entries((await ask("Think.")).choices[0]?.message ?? {}));
    assert.deepEqual(
      ["content", "reasoning_content"].map((field) => message.get(field)),
      ["Four.", "Let me see. Two and two."],
    );
  });

  const failures: [name: string, more: object, status: number, check: (error: APIError) => boolean][] = [
    ["an unknown model", { model: "gone" }, 404, (e) => e.code === "model_not_found"],
    ["a wrong type", { temperature: "hot" }, 400, (e) => e.param === "temperature"],
    ["two answers", { n: 2 }, 400, (e) => e.param === "n"],
    [
      "a named tool that is not there",
      { tools: [add], tool_choice: { type: "function", function: { name: "sub" } } },
      400,
      (e) => e.param === "tool_choice",
    ],
    [
      "a prompt over the window",
      { messages: [{ role: "user", content: "many words ".repeat(20_000) }] },
      400,
      (e) => e.code === "context_length_exceeded",
    ],
    [
      "an engine that fails",
      { messages: [{ role: "user", content: "Broken." }] },
      502,
      (e) => e.type === "server_error",
    ],
    [
      "a prompt over the window, streamed",
      { stream: true, messages: [{ role: "user", content: "many words ".repeat(20_000) }] },
      400,
      (e) => e.code === "context_length_exceeded",
    ],
  ];
  for (const [name, more, status, check] of failures) {
    test(`${name} is ${status}`, async () => {
      await assert.rejects(ask("Hi.", more), (error) => {
        assert.ok(error instanceof APIError, String(error));
        assert.equal(error.status, status, error.message);
        assert.ok(check(error), `${error.code} ${error.param} ${error.message}`);
        return true;
      });
    });
  }

  for (const stream of [true, false]) {
    test(`a client that leaves stops the engine at once, ${stream ? "streamed" : "whole"}`, async () => {
      const before = service.engine.chats.length;
      const controller = new AbortController();
      const asking = (async () => {
        const reply = await client.chat.completions.create(
          { model: "mock", messages: [{ role: "user", content: "Go on for ever." }], stream },
          { signal: controller.signal },
        );
        if (Symbol.asyncIterator in reply) for await (const _ of reply);
      })();
      await until(() => service.engine.chats.length > before);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const left = Date.now();
      controller.abort();
      await asking.catch((error) => assert.ok(error instanceof APIUserAbortError));
      const chat = service.engine.chats.at(-1);
      await until(() => chat?.closedAbs !== undefined);
      assert.equal(chat?.closedEarly, true);
      assert.ok((chat?.closedAbs ?? 0) - left <= 1000, `${(chat?.closedAbs ?? 0) - left} ms`);
    });
  }

  test("models are listed; agent:hearth runs the whole loop behind the wire", async () => {
    const names = (await client.models.list()).data.map((model) => model.id);
    assert.deepEqual(names, ["mock:latest", "agent:hearth"]);
    const { choices } = await ask("The sum.", { model: "agent:hearth" });
    assert.equal(choices[0]?.message.content, "The result is 5.");
    assert.equal(choices[0]?.message.tool_calls, undefined);
  });

  test("embeddings of an engine that has none are refused in the wire's form", async () => {
    await assert.rejects(client.embeddings.create({ model: "mock", input: "x" }), APIError);
  });
});
