import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type RunEvent, type Tool, UsageError } from "hearth";
import { type Script, scripted } from "hearth/testing";
import { createApp, serve } from "./index.ts";

const add: Tool = {
  name: "add",
  description: "Add two numbers",
  effect: "none",
  parameters: {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
    additionalProperties: false,
  },
  run: (args) => Number(args["a"]) + Number(args["b"]),
};
const sum: Script = [
  {
    text: "First\nthe sum.",
    calls: [
      { name: "add", args: { a: 2, b: 3 } },
      { name: "add", args: { a: 1, b: 1 } },
    ],
  },
  { text: "5 and 2." },
];

const app = (script: Script, more: object = {}) =>
  createApp({ agent: { model: scripted(script, { last: "repeat" }), tools: [add] }, ...more });
const headers = { host: "127.0.0.1:4141", "content-type": "application/json" };
const post = (script: Script, body: unknown, path = "/agent", more: Record<string, string> = {}) =>
  app(script).request(path, {
    method: "POST",
    headers: { ...headers, ...more },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

/** Server-sent events as `[event, data]` pairs. */
function frames(body: string): [string, unknown][] {
  return body
    .split("\n\n")
    .filter(Boolean)
    .map((frame) => {
      const lines = new Map(
        frame
          .split("\n")
          .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      return [lines.get("event") ?? "", JSON.parse(lines.get("data") ?? "null")];
    });
}

test("POST /agent answers as JSON", async () => {
  const response = await post(sum, { input: "Add." });
  const body = (await response.json()) as Record<string, unknown>;
  assert.equal(response.status, 200);
  assert.equal(body["result"], "5 and 2.");
  assert.equal(body["text"], body["result"]);
  assert.equal(body["stopReason"], "answer");
  assert.match(String(body["runId"]), /^run_/);
});

test("POST /agent streams every event of the log with its seq as id", async () => {
  const response = await post(sum, { input: "Add.", stream: true });
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  const events = frames(await response.text()).map(([type, data]) => ({ type, data: data as RunEvent }));
  assert.deepEqual(
    events.map(({ data }) => data.seq),
    events.map((_, i) => i + 1),
  );
  assert.ok(events.every(({ type, data }) => type === data.type));
  assert.equal(events.at(-1)?.type, "run.finished");
});

test("the simple form has four plain events; calls of one answer go out together", async () => {
  const response = await post(sum, { input: "Add." }, "/agent?events=simple", {
    accept: "text/event-stream",
  });
  const list = frames(await response.text());
  assert.equal(
    list
      .filter(([type]) => type === "delta")
      .map(([, data]) => data)
      .join(""),
    "First\nthe sum.5 and 2.",
  );
  assert.deepEqual(
    list.filter(([type]) => type === "tool_calls").map(([, data]) => data),
    [
      [
        { name: "add", args: { a: 2, b: 3 } },
        { name: "add", args: { a: 1, b: 1 } },
      ],
    ],
  );
  assert.deepEqual(
    list.filter(([type]) => type === "tool_result").map(([, data]) => data),
    [
      { name: "add", result: "5" },
      { name: "add", result: "2" },
    ],
  );
  assert.deepEqual(list.at(-1), ["done", "5 and 2."]);
});

describe("requests that are refused", () => {
  const cases: [name: string, body: unknown, status: number, code: string, more?: Record<string, string>][] =
    [
      ["no JSON", "{", 400, "bad_request"],
      ["no object", "[]", 400, "bad_request"],
      ["no input", {}, 400, "bad_request"],
      ["an unknown field", { input: "x", foo: 1 }, 400, "bad_request"],
      ["an unknown tool", { input: "x", tools: ["sub"] }, 400, "unknown_tool"],
      ["a form", "input=x", 415, "json_required", { "content-type": "application/x-www-form-urlencoded" }],
      ["a foreign Host", { input: "x" }, 403, "host_not_allowed", { host: "evil.example" }],
      ["a foreign Origin", { input: "x" }, 403, "origin_not_allowed", { origin: "http://evil.example" }],
      ["an Origin that is no URL", { input: "x" }, 403, "origin_not_allowed", { origin: "null" }],
      ["a body over the limit", { input: "x".repeat(5_000_000) }, 413, "too_large"],
    ];
  for (const [name, body, status, code, more] of cases) {
    test(name, async () => {
      const response = await post(sum, body, "/agent", more);
      assert.equal(response.status, status);
      assert.equal(((await response.json()) as { error: { code: string } }).error.code, code);
    });
  }
});

test("runs wait in line for the engine, with their place; a full line answers 429 at once", async () => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const one = app(
    async () => {
      await gate;
      return { text: "done" };
    },
    { maxQueue: 1 },
  );
  const ask = () => one.request("/agent", { method: "POST", headers, body: '{"input":"x","stream":true}' });
  const [first, second] = [await ask(), await ask()];
  const third = await ask();
  assert.equal(third.status, 429);
  assert.ok(Number(third.headers.get("retry-after")) > 0);
  release();
  await first.text();
  const waits = frames(await second.text()).filter(([type]) => type.startsWith("wait."));
  assert.deepEqual(
    waits.map(([type, data]) => [type, (data as { position?: number }).position]),
    [
      ["wait.started", 1],
      ["wait.ended", undefined],
    ],
  );
  assert.equal((await ask()).status, 200);
});

test("a client that leaves cancels its run, and the next one gets the engine", async () => {
  const one = app(({ messages }) =>
    JSON.stringify(messages).includes("for ever") ? { hang: true } : { text: "free" },
  );
  const ask = (input: string) =>
    one.request("/agent", { method: "POST", headers, body: JSON.stringify({ input, stream: true }) });
  const first = await ask("Think for ever.");
  await first.body?.getReader().cancel();
  assert.match(await (await ask("x")).text(), /free/);
});

test("an engine that fails is a 502 with its cause", async () => {
  const response = await post([{ error: new UsageError("broken") }], { input: "x" });
  assert.equal(response.status, 500);
});

test("a public address is refused while there are no keys", async () => {
  const options = { agent: { model: scripted([]), tools: [] }, host: "0.0.0.0", port: 0 };
  await assert.rejects(serve(options), UsageError);
});

test("a real socket answers /livez, and a port in use is named", async () => {
  const options = { agent: { model: scripted([]), tools: [] }, port: 0 };
  const service = await serve(options);
  assert.deepEqual(await (await fetch(`${service.url}/livez`)).json(), { ok: true });
  await assert.rejects(serve({ ...options, port: Number(new URL(service.url).port) }), /listens there/);
  await service.close();
});
