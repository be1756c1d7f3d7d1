import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { collect, never, type SeenRequest, sendJson, serve, summary } from "../../../test/engines/servers.ts";
import {
  CancelledError,
  CapabilityError,
  ContextExceededError,
  ModelNotFoundError,
  userMessage,
} from "../../protocol/index.ts";
import type { ChatRequest } from "../types.ts";
import { createOllama, type OllamaOptions } from "./index.ts";

type Route = (response: ServerResponse, request: SeenRequest) => unknown;

const tag = {
  name: "smol:latest",
  size: 5,
  details: { family: "llama", context_length: 8192 },
  capabilities: ["completion", "tools"],
};
const shown = {
  template: "{{ .Tools }}",
  model_info: { "general.architecture": "llama", "llama.context_length": 8192 },
  capabilities: ["completion", "tools"],
};
const answerLines = (text: string): string =>
  `${JSON.stringify({ message: { content: text }, done: false })}\n${JSON.stringify({ message: { content: "" }, done: true, done_reason: "stop", prompt_eval_count: 5, eval_count: 2 })}\n`;

/** A server with these routes; the others answer 404 as Ollama does. */
async function engineOf(t: TestContext, routes: Record<string, Route>, options: OllamaOptions = {}) {
  const server = await serve((request, response) => {
    const route = routes[request.path];
    if (route !== undefined) return route(response, request);
    response.writeHead(404, { "content-type": "text/plain" });
    return response.end("404 page not found");
  });
  const engine = createOllama({ url: server.url, ...options });
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
const ps = (context_length: number): Route => json({ models: [{ name: "smol:latest", context_length }] });
const request = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "smol",
  messages: [userMessage("Hi")],
  tools: [],
  sampling: {},
  contextTokens: 20_000,
  ...more,
});

test("models are listed from /api/tags alone where it has capabilities; loaded tool users first, embedders last", async (t) => {
  const row = (name: string, capabilities: string[]): object => ({ ...tag, name, capabilities });
  const { engine, server } = await engineOf(t, {
    "/api/tags": json({
      models: [
        row("embed", ["embedding"]),
        row("plain", ["completion"]),
        row("other", ["tools"]),
        row("smol:latest", ["tools"]),
      ],
    }),
    "/api/ps": ps(4096),
  });
  const models = await engine.models();
  assert.deepEqual(
    models.map(({ name, loadedContextTokens }) => [name, loadedContextTokens]),
    [
      ["smol:latest", 4096],
      ["other", undefined],
      ["plain", undefined],
      ["embed", undefined],
    ],
  );
  assert.equal(models[0]?.maxContextTokens, 8192);
  assert.equal(
    server.seen.some(({ path }) => path === "/api/show"),
    false,
  );
});

test("where /api/tags has no capabilities, each model is asked about", async (t) => {
  const { engine } = await engineOf(t, {
    "/api/tags": json({ models: [{ name: "old:1b", details: { family: "llama" } }] }),
    "/api/show": json({ ...shown, capabilities: undefined }),
  });
  const [model] = await engine.models();
  assert.deepEqual(model?.capabilities, ["completion", "tools"]);
  assert.equal(model?.maxContextTokens, 8192);
});

test("describe tells template, window and capabilities, and warns of a version before 0.3.0", async (t) => {
  for (const [version, warns] of [
    ["0.2.8", true],
    ["0.3.0", false],
    ["0.33.0-rc2", false],
    ["0.0.0", false],
  ] as const) {
    const { engine } = await engineOf(t, {
      "/api/show": json(shown),
      "/api/ps": ps(4096),
      "/api/version": json({ version }),
    });
    const info = await engine.describe("smol");
    assert.deepEqual(info.template, { kind: "go", text: "{{ .Tools }}" });
    assert.deepEqual(
      [info.maxContextTokens, info.loadedContextTokens, info.architecture],
      [8192, 4096, "llama"],
    );
    assert.equal(info.details?.["warning"] !== undefined, warns, version);
  }
});

test("a model that is described again is not shown again, but its window is looked up", async (t) => {
  const { engine, server } = await engineOf(t, { "/api/show": json(shown), "/api/ps": ps(4096) });
  for (let i = 0; i < 3; i++) await engine.describe("smol");
  const asked = (path: string): number => server.seen.filter((seen) => seen.path === path).length;
  assert.deepEqual([asked("/api/show"), asked("/api/ps")], [1, 3]);
});

test("the window in force is read from /api/ps once, beside the answer, and told with the finish", async (t) => {
  const { engine, server } = await engineOf(t, {
    "/api/chat": (response) => response.end(answerLines("Hello.")),
    "/api/ps": ps(8192),
  });
  for (let i = 0; i < 3; i++) {
    const { events, error } = await collect(engine.chat!(request(), never));
    assert.ifError(error);
    assert.equal(summary(events).contextTokens, 8192);
  }
  assert.equal(server.seen.filter(({ path }) => path === "/api/ps").length, 1);
  const bodies = server.seen.filter(({ path }) => path === "/api/chat").map(({ body }) => JSON.parse(body));
  assert.deepEqual(
    bodies.map(({ options }) => options.num_ctx),
    [20_000, 20_000, 20_000],
  );
});

test("an engine that does not tell its window still answers", async (t) => {
  const { engine } = await engineOf(t, { "/api/chat": (response) => response.end(answerLines("Hello.")) });
  assert.equal(summary((await collect(engine.chat!(request(), never))).events).finish, "stop");
});

test("num_ctx is sent though the caller names none, and stays the same", async (t) => {
  const { engine, server } = await engineOf(t, {
    "/api/chat": (response) => response.end(answerLines("x")),
    "/api/ps": ps(4096),
  });
  const { contextTokens: _, ...bare } = request();
  for (let i = 0; i < 2; i++) await collect(engine.chat!(bare, never));
  const sent = server.seen
    .filter(({ path }) => path === "/api/chat")
    .map(({ body }) => JSON.parse(body).options.num_ctx);
  assert.deepEqual(sent, [8192, 8192]);
});

test("an unknown model names what is near it", async (t) => {
  const { engine } = await engineOf(t, {
    "/api/chat": json({ error: "model 'smoll' not found" }, 404),
    "/api/show": json({ error: "model 'smoll' not found" }, 404),
    "/api/tags": json({ models: [tag] }),
  });
  const says = (error: unknown): boolean =>
    error instanceof ModelNotFoundError &&
    error.status === 404 &&
    /ollama pull smoll.*smol:latest/.test(error.remedy ?? "");
  assert.ok(says((await collect(engine.chat!(request({ model: "smoll" }), never))).error));
  await assert.rejects(engine.describe("smoll"), says);
});

test("a prompt too long is a context error with the figures out of the string in the string", async (t) => {
  const inner = {
    error: {
      code: 400,
      message: "too long",
      type: "exceed_context_size_error",
      n_prompt_tokens: 523,
      n_ctx: 512,
    },
  };
  const { engine } = await engineOf(t, { "/api/chat": json({ error: JSON.stringify(inner) }, 400) });
  const { error } = await collect(engine.chat!(request(), never));
  assert.ok(error instanceof ContextExceededError);
  assert.deepEqual([error.promptTokens, error.windowTokens], [523, 512]);
});

test("silence becomes a wait, with an end when words come", async (t) => {
  const { engine } = await engineOf(
    t,
    {
      "/api/chat": (response) => {
        setTimeout(() => response.end(answerLines("Hello.")), 40);
      },
      "/api/ps": ps(4096),
    },
    { waitNoticeMs: 5 },
  );
  const { events } = await collect(engine.chat!(request(), never));
  assert.deepEqual(
    events.map(({ type }) => type),
    ["wait", "wait.end", "text", "usage", "finish"],
  );
  assert.match(JSON.stringify(events[0]), /smol/);
});

test("a burst of pieces is handed on in fewer, a few pieces as they are; no text is lost", async (t) => {
  const pieces = (count: number): Route => {
    const lines = Array.from({ length: count }, (_, i) => JSON.stringify({ message: { content: `${i} ` } }));
    return (response) => response.end(`${lines.join("\n")}\n${answerLines("")}`);
  };
  for (const [count, most] of [
    [8, 8],
    [400, 100],
  ] as const) {
    const { engine } = await engineOf(t, { "/api/chat": pieces(count), "/api/ps": ps(8192) });
    const { events } = await collect(engine.chat!(request(), never));
    const texts = events.flatMap((event) => (event.type === "text" ? [event.text] : []));
    assert.equal(texts.join(""), Array.from({ length: count }, (_, i) => `${i} `).join(""));
    assert.ok(texts.length <= most && texts.length >= Math.min(count, 8), `${texts.length} pieces`);
    assert.equal(events.at(-1)?.type, "finish");
  }
});

test("leaving the iteration closes the connection; so does a cancel", async (t) => {
  const { engine, server } = await engineOf(t, {
    "/api/chat": (response) => response.write(answerLines("Hello.").split("\n")[0] + "\n"),
    "/api/ps": ps(4096),
  });
  for await (const event of engine.chat!(request(), never)) if (event.type === "text") break;
  const control = new AbortController();
  let error: unknown;
  try {
    for await (const event of engine.chat!(request(), control.signal))
      if (event.type === "text") control.abort();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof CancelledError);
  for (const seen of server.seen.filter(({ path }) => path === "/api/chat"))
    assert.equal(await seen.closed, true);
});

test("leaving at a wait closes the connection, before and after the head of the answer", async (t) => {
  const { engine, server } = await engineOf(
    t,
    {
      "/api/chat": (response, { body }) => {
        if (JSON.parse(body).model === "late") setTimeout(() => response.flushHeaders(), 20);
      },
    },
    { waitNoticeMs: 5 },
  );
  for (const [model, until] of [
    ["silent", "wait"],
    ["late", "wait.end"],
  ] as const) {
    for await (const event of engine.chat!(request({ model }), never)) if (event.type === until) break;
  }
  for (const seen of server.seen) assert.equal(await seen.closed, true);
  assert.equal(server.seen.length, 2);
});

test("after a whole answer the connection is used again", async (t) => {
  const { engine, server } = await engineOf(t, {
    "/api/chat": (response) => response.end(answerLines("x")),
    "/api/ps": ps(4096),
  });
  for (let i = 0; i < 3; i++) {
    for await (const event of engine.chat!(request(), never)) if (event.type === "finish") break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok(server.sockets.size <= 2, `${server.sockets.size} connections`);
});

test("raw text is completed, and a grammar refused by name", async (t) => {
  const lines = `${JSON.stringify({ response: "42", done: false })}\n${JSON.stringify({ response: "", done: true, done_reason: "length", prompt_eval_count: 3, eval_count: 1 })}\n`;
  const { engine, server } = await engineOf(t, {
    "/api/generate": (response) => response.end(lines),
    "/api/ps": ps(4096),
  });
  const raw = { model: "smol", prompt: "6*7=", sampling: {} };
  const { events } = await collect(engine.complete!(raw, never));
  assert.deepEqual([summary(events).text, summary(events).finish], ["42", "length"]);
  assert.equal(JSON.parse(server.seen[0]!.body).raw, true);
  const { error } = await collect(engine.complete!({ ...raw, grammar: { gbnf: "root ::= [0-9]" } }, never));
  assert.ok(error instanceof CapabilityError);
});

test("texts are embedded in one request, never cut", async (t) => {
  const { engine, server } = await engineOf(t, {
    "/api/embed": json({
      embeddings: [
        [1, 2],
        [3, 4],
      ],
    }),
  });
  assert.deepEqual(await engine.embed!("e", ["a", "b"]), [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(JSON.parse(server.seen[0]!.body), { model: "e", input: ["a", "b"], truncate: false });
  await assert.rejects(engine.embed!("e", ["a", "b", "c"]), /2 embeddings for 3 texts/);
});

test("the address is taken with or without /api and /v1, and OLLAMA_HOST counts where none is given", () => {
  for (const tail of ["", "/", "/api", "/api/", "/v1", "/api/chat"]) {
    assert.equal(createOllama({ url: `http://127.0.0.1:9${tail}` }).address, "http://127.0.0.1:9");
  }
  assert.equal(createOllama({ env: { OLLAMA_HOST: "0.0.0.0" } }).address, "http://127.0.0.1:11434");
  assert.equal(createOllama({ env: {} }).address, "http://127.0.0.1:11434");
});

test("a model is loaded by a conversation without a message, with the window that questions will name", async (t) => {
  const { engine, server } = await engineOf(t, {
    "/api/chat": json({ message: { role: "assistant", content: "" }, done: true, done_reason: "load" }),
    "/api/ps": ps(8192),
  });
  await engine.load?.("smol", 8192, new AbortController().signal);
  const asked = server.seen.find(({ path }) => path === "/api/chat");
  const { messages, options } = JSON.parse(asked?.body ?? "{}") as {
    messages?: unknown[];
    options?: { num_ctx?: number };
  };
  assert.deepEqual(messages, []);
  assert.equal(options?.num_ctx, 8192);
});
