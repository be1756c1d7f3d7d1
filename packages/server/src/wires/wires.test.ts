import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isObject, StreamCutError } from "hearth";
import { type Script, type ScriptedOptions, scripted } from "hearth/testing";
import { createApp, type ServeOptions } from "../index.ts";

const headers = { host: "127.0.0.1:4141", "content-type": "application/json" };
const usage = { input: 10, output: 5 };
const add = {
  name: "add",
  description: "Add",
  parameters: { type: "object", properties: { a: { type: "number" } }, required: ["a"] },
};
const tools = [{ type: "function", function: add }];
const messages = [{ role: "user", content: "Hi." }];

function service(script: Script, options: Partial<ServeOptions> = {}, engine: ScriptedOptions = {}) {
  const model = scripted(script, { last: "repeat", ...engine });
  const app = createApp({ agent: { model, tools: [] }, ...options });
  const post = (path: string, body: object) =>
    app.request(path, { method: "POST", headers, body: JSON.stringify({ model: "scripted", ...body }) });
  return { model, app, post };
}

/** Bytes with what differs from time to time made equal. */
const steady = (body: string): string =>
  body
    .replace(/(chatcmpl|msg|call|resp|fc|rs)_?-?[0-9a-f]{24,32}/g, "$1-ID")
    .replace(/"created(_at)?":("[^"]*"|\d+)/g, '"created$1":0')
    .replace(/"(\w+_duration)":\d+/g, '"$1":0');

describe("streams, byte by byte", () => {
  const script: Script = [{ text: "Hello.", calls: [{ name: "add", args: { a: 1 }, id: "call_a" }], usage }];

  test("OpenAI", async () => {
    const reply = await service(script).post("/v1/chat/completions", {
      messages,
      tools,
      stream: true,
      stream_options: { include_usage: true },
    });
    assert.equal(reply.headers.get("content-type"), "text/event-stream; charset=utf-8");
    assert.equal(reply.headers.get("cache-control"), "no-store, no-transform");
    const head = '{"id":"chatcmpl-ID","created":0,"model":"scripted","object":"chat.completion.chunk"';
    const chunk = (delta: string, finish = "null") =>
      `data: ${head},"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}],"usage":null}\n\n`;
    assert.equal(
      steady(await reply.text()),
      [
        chunk('{"role":"assistant","content":""}'),
        chunk('{"content":"Hello."}'),
        chunk(
          '{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"add","arguments":"{\\"a\\":1}"}}]}',
        ),
        chunk("{}", '"tool_calls"'),
        `data: ${head},"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}\n\n`,
        "data: [DONE]\n\n",
      ].join(""),
    );
  });

  test("Ollama: a JSON value a line", async () => {
    const reply = await service(script).post("/api/chat", { messages, tools });
    assert.equal(reply.headers.get("content-type"), "application/x-ndjson");
    const line = (message: string, rest: string) =>
      `{"model":"scripted","created_at":0,"message":{"role":"assistant",${message}},${rest}}\n`;
    assert.equal(
      steady(await reply.text()),
      line('"content":"Hello."', '"done":false') +
        line(
          '"content":"","tool_calls":[{"id":"call_a","function":{"index":0,"name":"add","arguments":{"a":1}}}]',
          '"done":false',
        ) +
        line(
          '"content":""',
          '"done":true,"done_reason":"stop","total_duration":0,"load_duration":0,"prompt_eval_count":10,"prompt_eval_duration":0,"eval_count":5,"eval_duration":0',
        ),
    );
  });

  test("Anthropic", async () => {
    const reply = await service(script).post("/v1/messages", {
      messages,
      max_tokens: 9,
      stream: true,
      tools: [{ name: "add", input_schema: add.parameters }],
    });
    const frame = (type: string, rest = "") => `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`;
    const counts = (input: number, output: number) =>
      `"usage":{"input_tokens":${input},"output_tokens":${output},"cache_creation_input_tokens":0,"cache_read_input_tokens":0}`;
    assert.equal(
      steady(await reply.text()),
      [
        frame(
          "message_start",
          `,"message":{"id":"msg-ID","type":"message","role":"assistant","model":"scripted","content":[],"stop_reason":null,"stop_sequence":null,${counts(0, 0)}}`,
        ),
        frame("ping"),
        frame("content_block_start", ',"index":0,"content_block":{"type":"text","text":""}'),
        frame("content_block_delta", ',"index":0,"delta":{"type":"text_delta","text":"Hello."}'),
        frame("content_block_stop", ',"index":0'),
        frame(
          "content_block_start",
          ',"index":1,"content_block":{"type":"tool_use","id":"call_a","name":"add","input":{}}',
        ),
        frame(
          "content_block_delta",
          ',"index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\":1}"}',
        ),
        frame("content_block_stop", ',"index":1'),
        frame("message_delta", `,"delta":{"stop_reason":"tool_use","stop_sequence":null},${counts(10, 5)}`),
        frame("message_stop"),
      ].join(""),
    );
  });

  test("line ends, other separators and halves of pairs stay inside one frame", async () => {
    const text = "a\nb\r\nc\u2028d 😀 e\0";
    const reply = await service([{ text, chunk: 1 }]).post("/v1/chat/completions", {
      messages,
      stream: true,
    });
    const frames = (await reply.text()).split("\n\n").filter(Boolean);
    assert.ok(frames.every((frame) => /^data: [^\n\r]+$/.test(frame)));
    const said = frames
      .slice(0, -1)
      .map(
        (frame) =>
          (JSON.parse(frame.slice(6)) as { choices: { delta: { content?: string } }[] }).choices[0]?.delta
            .content ?? "",
      );
    assert.equal(said.join(""), text);
  });
});

describe("an engine that breaks in the middle of an answer", () => {
  const script: Script = [{ text: "Half of it and", chunk: 5, cut: "answer" }];
  const cases: [path: string, body: object, last: RegExp][] = [
    [
      "/v1/chat/completions",
      {},
      /data: {"error":{"message":"[^"]+","type":"server_error","param":null,"code":"engine_error"}}\n\n$/,
    ],
    [
      "/v1/messages",
      { max_tokens: 9 },
      /event: error\ndata: {"type":"error","error":{"type":"api_error","message":"[^"]+"}}\n\n$/,
    ],
    [
      "/v1/responses",
      { input: "Hi." },
      /event: response\.failed\ndata: {"type":"response\.failed",.*"code":"engine_error".*}\n\n$/,
    ],
    ["/api/chat", {}, /\n{"error":"[^"]+"}\n$/],
    ["/api/generate", { prompt: "Hi." }, /\n{"error":"[^"]+"}\n$/],
  ];
  for (const [path, body, last] of cases) {
    test(`${path}: streamed, the end says so; whole, the status`, async () => {
      const { post } = service(script);
      const streamed = await post(path, { messages, stream: true, ...body });
      assert.equal(streamed.status, 200);
      const text = await streamed.text();
      assert.match(text, last);
      assert.doesNotMatch(text, /\[DONE\]|message_stop|"done":true|response\.completed/);
      assert.equal((await post(path, { messages, stream: false, ...body })).status, 502);
    });
  }
});

describe("a full line", () => {
  const paths: [path: string, body: object][] = [
    ["/v1/chat/completions", { messages }],
    ["/v1/responses", { input: "x" }],
    ["/v1/responses", { input: "x", background: true }],
    ["/v1/messages", { messages, max_tokens: 9 }],
    ["/api/chat", { messages }],
    ["/api/generate", { prompt: "x" }],
    ["/v1/chat/completions", { messages, model: "agent:hearth" }],
    ["/agent/ag-ui", { threadId: "t", runId: "r", messages }],
    ["/agent/ui-message-stream", { messages: [{ role: "user", parts: [{ type: "text", text: "x" }] }] }],
  ];
  for (const [path, body] of paths) {
    test(`${path} ${JSON.stringify(body).slice(0, 40)} is 429 at once, with Retry-After`, async () => {
      const { post } = service([{ hang: true }], { maxQueue: 0 });
      void post("/v1/chat/completions", { messages });
      const reply = await post(path, body);
      assert.equal(reply.status, 429);
      assert.ok(Number(reply.headers.get("retry-after")) > 0);
      const { error } = (await reply.json()) as { error: unknown };
      assert.match(isObject(error) ? String(error["message"]) : String(error), /queue is full/);
    });
  }
});

test("a place in line is told as a comment while a streamed answer waits, and given back when its client leaves", async () => {
  let free = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    free = resolve;
  });
  const { post } = service(async (_request, n) => {
    if (n === 0) await gate;
    return { text: `answer ${n}` };
  });
  const body = { messages, stream: true };
  const first = post("/v1/chat/completions", body);
  const gone = await post("/v1/chat/completions", body);
  const third = await post("/v1/chat/completions", body);
  await gone.body?.cancel();
  // A stream closes a turn of the event loop after it was cancelled.
  await new Promise(setImmediate);
  free();
  assert.match(await (await first).text(), /answer 0/);
  const text = await third.text();
  assert.match(text, /^: waiting for queue, place 2\n\n/);
  assert.match(text, /answer 1/);
});

test("a client that does not read its answer holds up nobody: the engine is free once it has answered", async () => {
  const { post } = service([{ text: "word ".repeat(5000) }]);
  for (const path of ["/v1/chat/completions", "/api/chat", "/v1/messages"]) {
    const stalled = await post(path, { messages, max_tokens: 9, stream: true });
    assert.ok(stalled.body);
    assert.match(await (await post(path, { messages, max_tokens: 9, stream: false })).text(), /word/);
  }
});

describe("calls as they leave", () => {
  const call = async (given: object, more: object = {}) => {
    const { post } = service([{ calls: [{ name: "add", ...given }] }]);
    const reply = (await (await post("/v1/chat/completions", { messages, tools, ...more })).json()) as {
      choices: {
        message: { tool_calls?: { id: string; function: { name: string; arguments: string } }[] };
      }[];
    };
    return reply.choices[0]?.message.tool_calls?.[0];
  };

  test("what fits is not touched, defaults are not filled in", async () => {
    assert.equal((await call({ args: { a: 1, extra: true } }))?.function.arguments, '{"a":1,"extra":true}');
  });
  test("a name in another spelling is the tool's", async () => {
    assert.equal((await call({ name: "functions.add", args: { a: 1 } }))?.function.name, "add");
  });
  test("a tool that is not there is the client's to refuse", async () => {
    assert.equal((await call({ name: "conquer", args: { a: 1 } }))?.function.name, "conquer");
  });
  test("what can't be mended leaves as it was written", async () => {
    assert.equal((await call({ raw: '{"a": [[}' }))?.function.arguments, '{"a": [[}');
    assert.equal((await call({ args: { b: "x" } }))?.function.arguments, '{"b":"x"}');
  });
  test("an id that the conversation has already is made anew", async () => {
    const history = [
      ...messages,
      {
        role: "assistant",
        tool_calls: [{ id: "call_1", type: "function", function: { name: "add", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "call_1", content: "1" },
    ];
    const made = await call({ args: { a: 1 }, id: "call_1" }, { messages: history });
    assert.match(made?.id ?? "", /^call_[0-9a-f]{24}$/);
  });
});

test("a prompt that the engine has cut in silence is an error, not an answer", async () => {
  const long = [{ role: "user", content: "word ".repeat(4000) }];
  const { post } = service([{ text: "Nonsense.", usage: { input: 258, output: 4 } }]);
  const reply = await post("/v1/chat/completions", { messages: long });
  assert.equal(reply.status, 400);
  const { error } = (await reply.json()) as { error: { code: string } };
  assert.equal(error.code, "context_length_exceeded");
  const streamed = await (await post("/v1/chat/completions", { messages: long, stream: true })).text();
  assert.match(streamed, /context_length_exceeded[^\n]*\n\n$/);
});

test("settings of a request reach the engine by their own names on every wire", async () => {
  const wanted = { temperature: 0.5, topP: 0.9, maxTokens: 7, stop: ["END"] };
  const bodies: [path: string, body: object][] = [
    ["/v1/chat/completions", { messages, temperature: 0.5, top_p: 0.9, max_tokens: 7, stop: "END" }],
    ["/v1/messages", { messages, temperature: 0.5, top_p: 0.9, max_tokens: 7, stop_sequences: ["END"] }],
    ["/api/chat", { messages, options: { temperature: 0.5, top_p: 0.9, num_predict: 7, stop: ["END"] } }],
  ];
  for (const [path, body] of bodies) {
    const { post, model } = service([{ text: "Yes." }]);
    await (await post(path, body)).text();
    assert.deepEqual(model.requests[0]?.sampling, wanted, path);
  }
});

test("an engine without embeddings says so with 501", async () => {
  for (const path of ["/v1/embeddings", "/api/embed"]) {
    const reply = await service([]).post(path, { input: "x" });
    assert.equal(reply.status, 501);
    assert.match(await reply.text(), /can't make embeddings/);
  }
});

describe("a run behind a model's name", () => {
  test("a hand-off comes as text, cut; an engine that fails as an error; tools of the client are refused", async () => {
    const limits = { maxSteps: 1 };
    const loop = scripted([{ calls: [{ name: "add", args: { a: 1 } }] }, { text: "Enough." }], {
      last: "repeat",
    });
    const app = createApp({ agent: { model: loop, tools: [], limits } });
    const ask = (body: object) =>
      app.request("/v1/chat/completions", {
        method: "POST",
        headers,
        body: JSON.stringify({ model: "agent:hearth", messages, ...body }),
      });
    const { choices } = (await (await ask({})).json()) as { choices: { message: { content: string } }[] };
    assert.ok((choices[0]?.message.content ?? "").length > 0);
    assert.equal((await ask({ tools })).status, 400);
    assert.equal((await ask({ model: "agent:nobody" })).status, 404);
    const broken = service([{ error: new StreamCutError("gone") }]);
    assert.equal(
      (await broken.post("/v1/chat/completions", { messages, model: "agent:hearth" })).status,
      502,
    );
  });
});

test("a browser gets a page that runs nothing and loads nothing, with what it shows escaped", async () => {
  const { app, post } = service([{ text: "Yes." }]);
  await post("/agent", { input: "<script>alert(1)</script>", model: undefined });
  const reply = await app.request("/", { headers: { ...headers, accept: "text/html,*/*" } });
  assert.match(reply.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  const html = await reply.text();
  assert.match(html, /&lt;script&gt;alert/);
  assert.doesNotMatch(html, /<script/);
});
