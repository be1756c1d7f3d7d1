import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { collect, never, type SeenRequest, sendJson, serve, summary } from "../../../test/engines/servers.ts";
import {
  AuthenticationError,
  CapabilityError,
  ModelNotFoundError,
  userMessage,
} from "../../protocol/index.ts";
import type { ChatRequest } from "../types.ts";
import { afterTrigger } from "./completion.ts";
import { createOpenAI, type OpenAIOptions } from "./index.ts";

type Route = (response: ServerResponse, request: SeenRequest) => unknown;

async function engineOf(t: TestContext, routes: Record<string, Route>, options: OpenAIOptions = {}) {
  const server = await serve((request, response) => {
    const route = routes[request.path];
    if (route !== undefined) return route(response, request);
    return sendJson(response, 404, {
      error: { code: 404, message: "File Not Found", type: "not_found_error" },
    });
  });
  const engine = createOpenAI({ url: server.url, ...options });
  t.after(async () => {
    await engine.close();
    await server.close();
  });
  return { server, engine };
}

const json =
  (value: unknown, status = 200): Route =>
  (response) =>
    sendJson(response, status, value);
const stream =
  (...items: unknown[]): Route =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(
      [...items.map((item) => JSON.stringify(item)), "[DONE]"].map((data) => `data: ${data}\n\n`).join(""),
    );
  };
const hello = stream({ choices: [{ index: 0, delta: { content: "Hello." }, finish_reason: "stop" }] });
const request = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "m",
  messages: [userMessage("Hi")],
  tools: [],
  sampling: {},
  ...more,
});
const list = (...rows: object[]): Route => json({ object: "list", data: rows });
const props = {
  default_generation_settings: { n_ctx: 4096 },
  chat_template: "{{ messages }}",
  chat_template_caps: { supports_tools: true },
  modalities: { vision: false },
};

test("llama-server: window, template, tools from /props; tokens counted by /tokenize; any model name is its own", async (t) => {
  const { engine, server } = await engineOf(t, {
    "/v1/models": list({ id: "smol", meta: { n_ctx: 4096, n_ctx_train: 8192, size: 5 } }),
    "/props": json(props),
    "/tokenize": json({ tokens: [1, 2, 3] }),
    "/v1/chat/completions": hello,
  });
  assert.equal(typeof engine.countTokens, "undefined", "not promised before the server was asked");
  const info = await engine.describe("whatever");
  assert.equal(info.name, "whatever");
  assert.deepEqual(
    [info.maxContextTokens, info.loadedContextTokens, info.template?.kind, info.capabilities],
    [8192, 4096, "jinja", ["completion", "tools"]],
  );
  assert.equal(await engine.countTokens?.("m", "a b <|x|>"), 3);
  const counted = JSON.parse(server.seen.findLast(({ path }) => path === "/tokenize")!.body);
  assert.deepEqual([counted.content, counted.add_special, counted.parse_special], ["a b <|x|>", false, true]);
  const { events } = await collect(engine.chat!(request({ model: "whatever" }), never));
  assert.equal(summary(events).contextTokens, 4096);
});

test("vLLM: the window it serves, tokens counted, unknown names refused with the near one", async (t) => {
  const { engine } = await engineOf(t, {
    "/v1/models": list({ id: "Qwen/Qwen3-8B", max_model_len: 32_768 }, { id: "lora", max_model_len: 32_768 }),
    "/tokenize": json({ count: 2, max_model_len: 32_768, tokens: [1, 2] }),
  });
  const info = await engine.describe("Qwen/Qwen3-8B");
  assert.deepEqual(
    [info.maxContextTokens, info.loadedContextTokens, info.capabilities],
    [32_768, 32_768, undefined],
  );
  assert.equal(await engine.countTokens?.("Qwen/Qwen3-8B", "ab"), 2);
  await assert.rejects(
    engine.describe("qwen3-8b"),
    (error) => error instanceof ModelNotFoundError && /Qwen\/Qwen3-8B/.test(error.remedy ?? ""),
  );
});

test("LM Studio: windows and kinds from /api/v0/models, loaded first, embedders last; a 200 without tokens counts none", async (t) => {
  const rows = [
    { id: "nomic", type: "embeddings", state: "not-loaded", max_context_length: 2048 },
    { id: "cold", type: "llm", state: "not-loaded", max_context_length: 8192 },
    {
      id: "hot",
      type: "vlm",
      state: "loaded",
      max_context_length: 40_960,
      loaded_context_length: 4096,
      capabilities: ["tool_use"],
      arch: "qwen3",
    },
  ];
  const { engine } = await engineOf(t, {
    "/v1/models": list({ id: "nomic" }, { id: "cold" }, { id: "hot" }),
    "/api/v0/models": json({ object: "list", data: rows }),
    "/tokenize": json({ error: "Unexpected endpoint or method. (POST /tokenize)" }),
    "/props": json({ error: "Unexpected endpoint or method. (GET /props)" }),
  });
  const models = await engine.models();
  assert.deepEqual(
    models.map(({ name, capabilities, loadedContextTokens }) => [name, capabilities, loadedContextTokens]),
    [
      ["hot", ["completion", "tools", "vision"], 4096],
      ["cold", undefined, undefined],
      ["nomic", ["embedding"], undefined],
    ],
  );
  assert.equal(engine.countTokens, undefined);
});

test("a server without a list of models is taken on trust; one with an empty list is not", async (t) => {
  const bare = await engineOf(t, { "/v1/chat/completions": hello });
  assert.equal((await bare.engine.describe("m")).name, "m");
  const empty = await engineOf(t, { "/v1/models": list() });
  await assert.rejects(
    empty.engine.describe("m"),
    (error) => error instanceof ModelNotFoundError && /load one/.test(error.remedy ?? ""),
  );
});

test("a field that the server refuses by name is left out, once and for good", async (t) => {
  const { engine, server } = await engineOf(t, {
    "/v1/chat/completions": (response, seen) => {
      const body = JSON.parse(seen.body);
      const refused = ["max_tokens", "top_k"].find((field) => field in body);
      if (refused === undefined) return hello(response, seen);
      return sendJson(response, 400, {
        error: { message: `Unsupported parameter: '${refused}' is not supported with this model.` },
      });
    },
  });
  const asked = request({ sampling: { maxTokens: 5, topK: 3 } });
  for (let i = 0; i < 2; i++)
    assert.equal(summary((await collect(engine.chat!(asked, never))).events).text, "Hello.");
  assert.equal(server.seen.length, 4);
  assert.equal(JSON.parse(server.seen[3]!.body).max_completion_tokens, 5);
});

test("a refusal that names no optional field is not asked again", async (t) => {
  const { engine, server } = await engineOf(t, {
    "/v1/chat/completions": json({ error: { message: "Unsupported value: messages" } }, 400),
  });
  const { error } = await collect(engine.chat!(request(), never));
  assert.equal((error as Error).name, "EngineRefusedError");
  assert.equal(server.seen.length, 1);
});

test("keys: a dummy where none is wanted, ours to the server it is for, never the environment's to an address in code", async (t) => {
  const { engine, server } = await engineOf(
    t,
    { "/v1/chat/completions": hello },
    { env: { OPENAI_API_KEY: "secret" } },
  );
  await collect(engine.chat!(request(), never));
  assert.equal(server.seen[0]?.headers.authorization, "Bearer none");
  const own = createOpenAI({ env: { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: "secret" } });
  t.after(() => own.close());
  await collect(own.chat!(request(), never));
  assert.equal(server.seen[1]?.headers.authorization, "Bearer secret");
  assert.equal(createOpenAI({ env: {} }).address, "https://api.openai.com/v1");
});

test("a wrong key is an authentication error, from the list of models too", async (t) => {
  const { engine } = await engineOf(t, {
    "/v1/models": json({ error: { message: "Invalid API Key" } }, 401),
  });
  await assert.rejects(engine.models(), AuthenticationError);
  await assert.rejects(engine.describe("m"), AuthenticationError);
});

test("an answer whose end mark came is whole though the server keeps the stream open", {
  timeout: 10_000,
}, async (t) => {
  const { engine, server } = await engineOf(t, {
    "/v1/chat/completions": (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(
        'data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
      );
    },
  });
  assert.equal(summary((await collect(engine.chat!(request(), never))).events).finish, "stop");
  assert.equal(await server.seen[0]?.closed, true);
});

test("an answer whose connection breaks after the finish_reason is whole", async (t) => {
  const { engine } = await engineOf(t, {
    "/v1/chat/completions": (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n');
      setTimeout(() => response.destroy(), 10);
    },
  });
  assert.equal(summary((await collect(engine.chat!(request(), never))).events).finish, "stop");
});

test("raw text: llama-server's own route with a grammar, the OpenAI route elsewhere without", async (t) => {
  const own = await engineOf(t, {
    "/props": json(props),
    "/completion": stream(
      { content: "4", stop: false },
      { content: "", stop: true, stop_type: "limit", tokens_evaluated: 3, tokens_predicted: 1 },
    ),
  });
  const raw = { model: "m", prompt: "2+2=", sampling: { maxTokens: 1 } };
  const grammar = { gbnf: 'root ::= num\nnum ::= [0-9] "root"', trigger: "<call>" };
  const { events } = await collect(own.engine.complete!({ ...raw, grammar }, never));
  assert.deepEqual(summary(events), {
    text: "4",
    thinking: "",
    calls: [],
    usage: { type: "usage", input: 3, output: 1 },
    finish: "length",
  });
  const sent = JSON.parse(own.server.seen.at(-1)!.body);
  assert.equal(sent.grammar_lazy, true);
  assert.equal(sent.grammar, afterTrigger(grammar.gbnf, "<call>"));
  assert.equal(sent.n_predict, 1);

  const other = await engineOf(t, {
    "/v1/completions": stream(
      { choices: [{ index: 0, text: "4", finish_reason: null }] },
      { choices: [{ index: 0, text: "", finish_reason: "stop" }] },
    ),
  });
  assert.equal(summary((await collect(other.engine.complete!(raw, never))).events).text, "4");
  const { error } = await collect(other.engine.complete!({ ...raw, grammar }, never));
  assert.ok(error instanceof CapabilityError);
});

test("a grammar after a trigger begins with it; names in texts and classes are left alone", () => {
  assert.equal(
    afterTrigger('root ::= "root" [root] other # root\nother ::= root-x root', '<"x">'),
    'root ::= "<\\"x\\">" after-trigger\nafter-trigger ::= "root" [root] other # root\nother ::= root-x after-trigger',
  );
});

test("texts are embedded in one request and put into the order of the texts", async (t) => {
  const { engine } = await engineOf(t, {
    "/v1/embeddings": json({
      data: [
        { index: 1, embedding: [3, 4] },
        { index: 0, embedding: [1, 2] },
      ],
    }),
  });
  assert.deepEqual(await engine.embed!("e", ["a", "b"]), [
    [1, 2],
    [3, 4],
  ]);
});
