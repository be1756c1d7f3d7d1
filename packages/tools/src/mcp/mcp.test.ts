import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isObject, type JsonObject, type Tool, ToolError } from "hearth";
import { cleanSchema, cleanText } from "./clean.ts";
import { bounded, toolResult } from "./content.ts";
import { freeName, takenName } from "./names.ts";
import { type ServeMcpOptions, serveMcp, wireTool } from "./server.ts";
import { declared } from "./tools.ts";

test("names: what engines take, and free of the names that are there", () => {
  for (const [name, expected] of [
    ["get weather", "get_weather"],
    ["a.b/c", "a_b_c"],
    ["Ünïcode", "Unicode"],
    ["日本", "tool"],
    ["7up", "tool_7up"],
    ["__x__", "x"],
  ])
    assert.equal(takenName(name ?? ""), expected);
  assert.equal(freeName("time", "srv", []), "time");
  assert.equal(freeName("time", "srv", ["Time"]), "srv_time");
  assert.equal(freeName("get-time", "srv", ["get_time", "GetTime"]), "srv_get-time");
  assert.equal(freeName("time", "srv", ["time", "srv_time"]), "srv_time_2");
});

test("hints: only what the user trusts counts, and only upwards of nothing", () => {
  const strict = { effect: "once", reads: "private", source: "untrusted", egress: true };
  assert.deepEqual(declared({ readOnlyHint: true, openWorldHint: false }, false), strict);
  assert.deepEqual(declared({ readOnlyHint: true, openWorldHint: false }, true), {
    ...strict,
    effect: "none",
    egress: false,
  });
  assert.deepEqual(declared({ idempotentHint: true }, true), { ...strict, effect: "idempotent" });
  assert.deepEqual(declared({ readOnlyHint: true, destructiveHint: true }, true), strict);
  assert.deepEqual(declared({ readOnlyHint: "yes", openWorldHint: 0 }, true), strict);
  assert.deepEqual(declared(undefined, true), strict);
});

test("schemas stay as given but for their words", () => {
  const given = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      description: { type: "string", description: "A <|im_start|> field named like a keyword." },
      kind: { enum: ["a", "b"], default: "a", title: "Kind" },
    },
    required: ["kind"],
    additionalProperties: false,
  };
  const cleaned = cleanSchema(given);
  assert.ok("schema" in cleaned);
  const { properties, ...rest } = cleaned.schema;
  assert.deepEqual(rest, { type: "object", required: ["kind"], additionalProperties: false });
  assert.ok(isObject(properties) && isObject(properties["description"]));
  assert.deepEqual(properties["kind"], given.properties.kind);
  assert.doesNotMatch(String(properties["description"]["description"]), /<\|im_start\|>/);
});

test("a token that hides behind an invisible character is found", () => {
  assert.doesNotMatch(cleanText("<|im_\u202estart|>", 100), /<\|im_start\|>/);
  assert.equal(cleanText("a\u0000b\u001b[31m", 100), "ab[31m");
  assert.equal(cleanText("x".repeat(50), 10), `${"x".repeat(9)}…`);
});

test("structured content stands for text where there is none", () => {
  assert.equal(toolResult({ structuredContent: { a: 1 } }).content, '{"a":1}');
  assert.equal(
    toolResult({ structuredContent: { a: 1 }, content: [{ type: "text", text: "one" }] }).content,
    "one",
  );
  assert.equal(toolResult({}).content, "");
  assert.equal(bounded("a".repeat(11), 10).content, "aaaaa\n[… 1 characters left out …]\naaaaa");
});

test("our tools' hints follow from what they declare", () => {
  const base = { name: "t", description: "", parameters: {}, run: () => "" };
  assert.deepEqual(wireTool(base).annotations, {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: true,
  });
  assert.deepEqual(wireTool({ ...base, effect: "none", egress: false }).annotations, {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  });
});

const object = (properties: JsonObject = {}): JsonObject => ({ type: "object", properties });
let active = 0;
let most = 0;
const TOOLS: Tool[] = [
  {
    name: "look",
    description: "Looks.",
    parameters: object({ at: { type: "integer" } }),
    effect: "none",
    run: ({ at }) => `saw ${at}`,
  },
  {
    name: "change",
    description: "Changes.",
    parameters: object(),
    effect: "once",
    run: () => [false, "not today"],
  },
  {
    name: "wait",
    description: "Waits until it is stopped.",
    parameters: object(),
    effect: "none",
    run: (_, { signal, output }) => {
      output("waiting\n");
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  },
  {
    name: "fail",
    description: "Throws.",
    parameters: object(),
    effect: "none",
    run: () => {
      throw new ToolError("It broke.", { remedy: "Mend it." });
    },
  },
  {
    name: "count",
    description: "Says how many run at once.",
    parameters: object(),
    effect: "none",
    run: async () => {
      most = Math.max(most, ++active);
      await sleep(5);
      active--;
    },
  },
];

/** A client that writes lines and reads lines. */
function served(options: Partial<ServeMcpOptions> = {}) {
  const input = new PassThrough();
  const output = new PassThrough();
  const stop = new AbortController();
  const messages: JsonObject[] = [];
  let rest = "";
  output.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) messages.push(JSON.parse(line));
  });
  const done = serveMcp({
    tools: TOOLS,
    workspace: "/tmp",
    approve: "never",
    version: "0",
    input,
    output,
    signal: stop.signal,
    ...options,
  });
  const send = (message: JsonObject): void =>
    void input.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  let last = 0;
  const request = async (method: string, params: JsonObject = {}): Promise<JsonObject> => {
    const id = ++last;
    send({ id, method, params });
    for (;;) {
      const found = messages.find((message) => message["id"] === id);
      if (found !== undefined) return isObject(found["result"]) ? found["result"] : { error: found["error"] };
      await sleep(2);
    }
  };
  const start = async (): Promise<JsonObject> => {
    const hello = await request("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "t", version: "0" },
    });
    send({ method: "notifications/initialized" });
    return hello;
  };
  const call = async (name: string, args?: JsonObject): Promise<{ text: string; isError: unknown }> => {
    const result = await request("tools/call", { name, ...(args === undefined ? {} : { arguments: args }) });
    const [block] = Array.isArray(result["content"]) ? result["content"] : [];
    return {
      text: isObject(block) ? String(block["text"]) : JSON.stringify(result),
      isError: result["isError"],
    };
  };
  return { input, messages, send, request, start, call, stop, done, next: () => last + 1 };
}

test("the server says what it is and what it has", async () => {
  const { start, request, input, done } = served();
  assert.partialDeepStrictEqual(await start(), {
    protocolVersion: "2025-11-25",
    serverInfo: { name: "hearth" },
    capabilities: { tools: {} },
  });
  const { tools } = await request("tools/list");
  assert.ok(Array.isArray(tools));
  assert.deepEqual(
    tools.map((tool) => (isObject(tool) ? tool["name"] : "")),
    TOOLS.map((tool) => tool.name),
  );
  assert.deepEqual(await request("ping"), {});
  assert.ok("error" in (await request("no/such")));
  input.end();
  await done;
});

test("calls: answered, mended, taught, refused", async () => {
  const { start, call, input, done } = served();
  await start();
  assert.deepEqual(await call("look", { at: 3 }), { text: "saw 3", isError: false });
  assert.deepEqual(await call("look", { at: "3" }), { text: "saw 3", isError: false });
  const wrong = await call("look", { at: "north" });
  assert.equal(wrong.isError, true);
  assert.match(wrong.text, /look was not run\..*at.*integer/s);
  assert.deepEqual(await call("lock"), { text: 'There is no tool "lock". Nearest: look.', isError: true });
  assert.deepEqual(await call("fail"), { text: "Error: It broke. Mend it.", isError: true });
  const refused = await call("change");
  assert.equal(refused.isError, true);
  assert.match(refused.text, /^Refused: change has the effect "once"\..*--approve auto/);
  input.end();
  await done;
});

test("with --approve auto what would be asked for is run; a failed result is an error", async () => {
  const { start, call, input, done } = served({ approve: "auto" });
  await start();
  assert.deepEqual(await call("change"), { text: "not today", isError: true });
  input.end();
  await done;
});

test("what the policy denies is refused even then", async () => {
  const { start, call, input, done } = served({
    approve: "auto",
    policy: () => ({ verdict: "deny", why: "Never." }),
  });
  await start();
  assert.deepEqual(await call("look"), { text: "Refused: Never.", isError: true });
  input.end();
  await done;
});

test("progress goes out where a token was given; a cancelled call stops", async () => {
  const { start, send, messages, input, done, call, next } = served();
  await start();
  const id = next() + 100;
  send({ id, method: "tools/call", params: { name: "wait", arguments: {}, _meta: { progressToken: "p" } } });
  while (!messages.some((one) => one["method"] === "notifications/progress")) await sleep(2);
  assert.partialDeepStrictEqual(
    messages.find((one) => one["method"] === "notifications/progress"),
    {
      params: { progressToken: "p", progress: 1, message: "waiting" },
    },
  );
  send({ method: "notifications/cancelled", params: { requestId: id, reason: "enough" } });
  assert.equal((await call("look", { at: 1 })).isError, false);
  assert.ok(!messages.some((one) => one["id"] === id));
  input.end();
  await done;
});

test("a tool that does not end is stopped after its time", async () => {
  const { start, call, input, done } = served({ toolTimeoutMs: 30 });
  await start();
  assert.deepEqual(await call("wait"), {
    text: "wait did not finish within 0.03 s and was stopped.",
    isError: true,
  });
  input.end();
  await done;
});

test("no more calls run at once than allowed; all are answered", async () => {
  most = 0;
  const { start, call, input, done } = served({ maxParallel: 2 });
  await start();
  const all = await Promise.all(Array.from({ length: 12 }, () => call("count")));
  assert.ok(all.every((one) => one.isError === false));
  assert.equal(most, 2);
  input.end();
  await done;
});

test("requests that were piped in are answered though the pipe has ended", async () => {
  const { send, input, messages, done } = served();
  send({
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "0" } },
  });
  send({ method: "notifications/initialized" });
  send({ id: 2, method: "tools/call", params: { name: "count", arguments: {} } });
  input.end();
  await done;
  assert.deepEqual(
    messages.map((one) => one["id"]),
    [1, 2],
  );
});

test("lines that are no messages do not stop the server", async () => {
  const { start, input, call, done } = served();
  await start();
  input.write("rubbish\n{}\n[]\n\u0000\n");
  assert.deepEqual(await call("look", { at: 1 }), { text: "saw 1", isError: false });
  input.end();
  await done;
});

test("a signal ends the server and the calls under way", async () => {
  const { start, send, stop, done, next } = served();
  await start();
  send({ id: next(), method: "tools/call", params: { name: "wait", arguments: {} } });
  await sleep(10);
  stop.abort();
  await done;
});
