/**
 * Defects of the original guide's program that lie in its transport, each against a server that provokes it.
 * Numbers are those of `references/wires.md` section 5 (wires) and `references/loop-context-models.md` section 0 (loop).
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { collect, never, sendJson, serve, summary } from "../../test/engines/servers.ts";
import { CancelledError, type EngineError, type Message, userMessage } from "../protocol/index.ts";
import { createOllama } from "./ollama/index.ts";
import { createOpenAI } from "./openai/index.ts";
import { retryDecision } from "./retry.ts";
import type { ChatRequest, Engine } from "./types.ts";

const add = { name: "add", description: "Adds.", parameters: { type: "object" } };
const acted: Message[] = [
  userMessage("Temperatures?"),
  {
    role: "assistant",
    content: [
      { type: "thinking", text: "Two." },
      { type: "text", text: "I look." },
      { type: "call", id: "a", name: "temperature", arguments: { city: "London" } },
      { type: "call", id: "b", name: "temperature", arguments: { city: "New York" } },
    ],
  },
  { role: "tool", callId: "a", name: "temperature", content: [{ type: "text", text: "LON 9" }], ok: true },
  { role: "tool", callId: "b", name: "temperature", content: [{ type: "text", text: "NYC 21" }], ok: true },
];
const request = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "m",
  messages: acted,
  tools: [add],
  sampling: {},
  contextTokens: 8192,
  ...more,
});
const line = (message: object, more: object = { done: false }): string =>
  `${JSON.stringify({ message, ...more })}\n`;
const DONE = line({ content: "" }, { done: true, done_reason: "stop", prompt_eval_count: 5, eval_count: 2 });

/** Both wires on a server whose chat routes do this; `bodies` are the chat requests it got. */
async function wires(
  t: TestContext,
  reply: (respond: (status: number, body: string, end?: "cut" | "open") => void, n: number) => void,
) {
  const bodies: ReturnType<typeof JSON.parse>[] = [];
  const server = await serve((seen, response) => {
    if (!/chat/.test(seen.path)) return sendJson(response, 404, { error: "not found" });
    const n = bodies.push(JSON.parse(seen.body)) - 1;
    return reply((status, body, end) => {
      response.writeHead(status, {
        "content-type": status === 200 ? "application/x-ndjson" : "application/json",
      });
      response.write(body);
      if (end === "cut") setTimeout(() => response.destroy(), 5);
      else if (end !== "open") response.end();
    }, n);
  });
  const engines: { ollama: Engine; openai: Engine } = {
    ollama: createOllama({ url: server.url }),
    openai: createOpenAI({ url: server.url }),
  };
  t.after(async () => {
    await Promise.all([engines.ollama.close(), engines.openai.close()]);
    await server.close();
  });
  return { ...engines, bodies, server };
}

async function ask(engine: Engine, more: Partial<ChatRequest> = {}, signal: AbortSignal = never) {
  const { events, error } = await collect(engine.chat!(request(more), signal));
  return { ...summary(events), error: error as EngineError | undefined };
}

test("guide wires 1, loop 3: step 2 sends arguments back as Ollama wants them, an object, and to OpenAI as text", async (t) => {
  const { ollama, openai, bodies } = await wires(t, (respond) => respond(200, DONE));
  await ask(ollama);
  await ask(openai);
  assert.deepEqual(bodies[0].messages[1].tool_calls[0].function.arguments, { city: "London" });
  assert.equal(bodies[1].messages[1].tool_calls[0].function.arguments, '{"city":"London"}');
});

test("guide wires 2, loop 4: calls that come one a chunk are all there", async (t) => {
  const call = (city: string): object => ({
    content: "",
    tool_calls: [{ function: { index: 0, name: "temperature", arguments: { city } } }],
  });
  const { ollama } = await wires(t, (respond) =>
    respond(200, line(call("London")) + line(call("New York")) + line(call("Oslo")) + DONE),
  );
  const { calls } = await ask(ollama);
  assert.deepEqual(
    calls.map((one) => one.arguments),
    [{ city: "London" }, { city: "New York" }, { city: "Oslo" }],
  );
});

test("guide wires 3: history keeps what the model said and thought beside its calls", async (t) => {
  const { ollama, openai, bodies } = await wires(t, (respond) => respond(200, DONE));
  await ask(ollama);
  await ask(openai);
  assert.deepEqual([bodies[0].messages[1].content, bodies[0].messages[1].thinking], ["I look.", "Two."]);
  assert.deepEqual(
    [bodies[1].messages[1].content, bodies[1].messages[1].reasoning_content],
    ["I look.", "Two."],
  );
});

test("guide wires 6, loop 2 and 11: each result carries name and id of its call, in call order", async (t) => {
  const { ollama, openai, bodies } = await wires(t, (respond) => respond(200, DONE));
  await ask(ollama);
  await ask(openai);
  for (const { messages } of bodies) {
    assert.deepEqual(
      messages
        .slice(2)
        .map((one: { tool_call_id: string; content: string }) => [one.tool_call_id, one.content]),
      [
        ["a", "LON 9"],
        ["b", "NYC 21"],
      ],
    );
  }
  assert.equal(bodies[0].messages[2].tool_name, "temperature");
});

for (const [status, body, name] of [
  [400, '{"error":"\\"m\\" does not support thinking"}', "CapabilityError"],
  [404, '{"error":"model \'m\' not found"}', "ModelNotFoundError"],
  [500, '{"error":"option \\"num_ctx\\" must be of type integer"}', "EngineRefusedError"],
] as const) {
  test(`guide wires 12, loop 1: ${status} as ${name} is final after one request, with its cause in words`, async (t) => {
    const { ollama, bodies } = await wires(t, (respond) => respond(status, body));
    const { error } = await ask(ollama);
    assert.equal(error?.name, name);
    assert.equal(retryDecision(error, 1), undefined);
    assert.equal(bodies.length, 1);
  });
}

test("guide wires 14: a stalled answer ends with a cancel, at once, on both wires", async (t) => {
  const { ollama, openai, server } = await wires(t, (respond) =>
    respond(200, line({ content: "x" }), "open"),
  );
  for (const engine of [ollama, openai]) {
    const control = new AbortController();
    const asked = ask(engine, {}, control.signal);
    const before = server.seen.length;
    while (server.seen.length === before) await new Promise(setImmediate);
    control.abort();
    assert.ok((await asked).error instanceof CancelledError);
  }
  for (const seen of server.seen.filter(({ path }) => path.includes("chat")))
    assert.equal(await seen.closed, true);
});

test("guide wires 15: `length` and an empty text are told apart from an answer", async (t) => {
  const cut = line(
    { content: "" },
    { done: true, done_reason: "length", prompt_eval_count: 5, eval_count: 12 },
  );
  const { ollama } = await wires(t, (respond) => respond(200, cut));
  const { text, finish, error } = await ask(ollama);
  assert.deepEqual([text, finish, error], ["", "length", undefined]);
});

for (const [name, body, end] of [
  ["15: `done:false` as the whole reply", line({ content: " ha ha" }), undefined],
  ["15: a stream that ends without `done`", line({ content: "ha" }) + line({ content: "ha" }), undefined],
  ["16: an error line after deltas", `${line({ content: "ha" })}{"error":"CUDA error"}\n`, undefined],
  ["16: a connection that breaks after deltas", line({ content: "ha" }), "cut"],
] as const) {
  test(`guide wires ${name} is a cut stream, which may be asked again`, async (t) => {
    const { ollama } = await wires(t, (respond) => respond(200, body, end));
    const { text, error } = await ask(ollama);
    assert.equal(error?.name, "StreamCutError");
    assert.match(text, /ha/);
    assert.deepEqual(retryDecision(error, 1), { waitMs: 1000 });
  });
}

test("guide wires 17, loop 14: every request names its window and forbids silent cutting", async (t) => {
  const { ollama, bodies } = await wires(t, (respond) => respond(200, DONE));
  await ask(ollama);
  await ask(ollama, { messages: [...acted, userMessage("And Oslo?")] });
  for (const body of bodies)
    assert.deepEqual([body.options.num_ctx, body.truncate, body.shift], [8192, false, false]);
});

test("guide loop 9: think is sent to a model only where somebody asked for it", async (t) => {
  const { ollama, bodies } = await wires(t, (respond) => respond(200, DONE));
  await ask(ollama);
  await ask(ollama, { think: true });
  assert.deepEqual(
    bodies.map((body) => body.think),
    [undefined, true],
  );
});
