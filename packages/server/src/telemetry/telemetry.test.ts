import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { agent, EngineRefusedError, type Tool, UsageError } from "hearth";
import { type Script, scripted } from "hearth/testing";
import { readTraceparent } from "../observe/index.ts";
import { telemetrySettings } from "./env.ts";
import { attach, telemetry, traced } from "./index.ts";
import { ATTRIBUTE } from "./names.ts";

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: string; doubleValue?: number; arrayValue?: { values: object[] } };
}

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code?: number };
}

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** A collector on loopback that answers as `answer` says and keeps what it took. */
async function collector(answer: (res: ServerResponse, n: number) => void = (res) => void res.end("{}")) {
  const bodies: { path: string; headers: IncomingMessage["headers"]; body: Record<string, unknown> }[] = [];
  let n = 0;
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const text = req.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
    bodies.push({ path: req.url ?? "", headers: req.headers, body: JSON.parse(text.toString()) });
    answer(res, n++);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const spans = (): Span[] =>
    bodies
      .filter(({ path }) => path === "/v1/traces")
      .flatMap(({ body }) => spansOf(body as unknown as TraceBody));
  return { url, bodies, spans };
}

interface TraceBody {
  resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
}

const spansOf = (body: TraceBody): Span[] =>
  body.resourceSpans.flatMap((one) => one.scopeSpans.flatMap(({ spans }) => spans));

const value = (span: Span | undefined, key: string): unknown => {
  const found = span?.attributes.find((one) => one.key === key)?.value;
  return (
    found?.stringValue ??
    found?.doubleValue ??
    (found?.intValue === undefined ? found?.arrayValue : Number(found.intValue))
  );
};

const add: Tool = {
  name: "add",
  description: "Add two numbers",
  effect: "none",
  parameters: {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
  },
  run: (args) => Number(args["a"]) + Number(args["b"]),
};
const sum: Script = [
  { text: "I add.", calls: [{ name: "add", args: { a: 2, b: 3 } }] },
  { text: "It is 5, swordfish.", usage: { input: 50, output: 7, cached: 20 } },
];

/** One run of the loop under these variables; resolves when all was sent. */
async function runUnder(env: Record<string, string>, script: Script = sum) {
  const sender = telemetry(env, "1.2.3");
  assert.ok(sender);
  const helper = agent(
    attach({ model: scripted(script), tools: [add], instructions: "Secret plan." }, sender),
  );
  const outcome = await traced(env, () => helper.run("Add 2 and 3, marlin."));
  await sender.close();
  return { outcome, counts: sender.counts() };
}

test("a run is a trace: the agent, its questions, its tools, with what they cost", async () => {
  const { url, spans, bodies } = await collector();
  const { outcome, counts } = await runUnder({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20b",
    OTEL_SERVICE_NAME: "desk",
    TRACEPARENT: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  });
  assert.equal(outcome.stopReason, "answer");
  assert.deepEqual(counts, { exported: 4, dropped: 0 });
  const all = spans();
  const run = all.find(({ name }) => name === "invoke_agent hearth");
  const asks = all.filter(({ name }) => name === "chat scripted");
  const tool = all.find(({ name }) => name === "execute_tool add");
  assert.equal(asks.length, 2);
  assert.ok(all.every(({ traceId }) => traceId === "0af7651916cd43dd8448eb211c80319c"));
  assert.equal(run?.parentSpanId, "b7ad6b7169203331");
  assert.ok([...asks, tool].every((span) => span?.parentSpanId === run?.spanId));
  assert.deepEqual([run?.kind, asks[0]?.kind, tool?.kind], [1, 3, 1]);
  assert.equal(value(run, ATTRIBUTE.runId), outcome.runId);
  assert.equal(value(run, ATTRIBUTE.stopReason), "answer");
  assert.equal(value(asks[1], ATTRIBUTE.inputTokens), 50);
  assert.equal(value(asks[1], ATTRIBUTE.cachedTokens), 20);
  assert.equal(value(tool, ATTRIBUTE.toolName), "add");
  for (const { startTimeUnixNano, endTimeUnixNano } of all)
    assert.ok(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano));
  const traces = bodies.find(({ path }) => path === "/v1/traces");
  assert.equal(traces?.headers["x-key"], "a b");
  assert.match(JSON.stringify(traces?.body), /"service\.name","value":\{"stringValue":"desk"\}/);
  const figures = JSON.stringify(bodies.find(({ path }) => path === "/v1/metrics")?.body);
  for (const name of [
    "gen_ai.client.token.usage",
    "gen_ai.client.operation.duration",
    "gen_ai.execute_tool.duration",
  ])
    assert.ok(figures.includes(name), name);
});

test("content leaves the process only where somebody asked for it", async () => {
  const secret = /swordfish|marlin|Secret plan|"a\\?":2/;
  const without = await collector();
  await runUnder({ OTEL_EXPORTER_OTLP_ENDPOINT: without.url });
  assert.doesNotMatch(JSON.stringify(without.bodies), secret);
  const withIt = await collector();
  await runUnder({
    OTEL_EXPORTER_OTLP_ENDPOINT: withIt.url,
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
  });
  const text = JSON.stringify(withIt.spans());
  for (const word of ["swordfish", "marlin", "Secret plan", ATTRIBUTE.toolArguments, ATTRIBUTE.toolResult])
    assert.ok(text.includes(word), word);
});

test("an engine that fails is an error of its span and of the run", async () => {
  const { url, spans } = await collector();
  const { outcome } = await runUnder({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, [
    { calls: [{ name: "add", args: { a: 1, b: 2 } }] },
    { error: new EngineRefusedError("no such thing") },
  ]);
  assert.notEqual(outcome.stopReason, "answer");
  const failed = spans().filter(({ status }) => status.code === 2);
  assert.deepEqual(failed.map(({ name }) => name).sort(), ["chat scripted", "invoke_agent hearth"]);
  assert.equal(
    value(
      failed.find(({ name }) => name.startsWith("chat")),
      ATTRIBUTE.error,
    ),
    "EngineRefusedError",
  );
});

const BAD_COLLECTORS: readonly (readonly [string, (res: ServerResponse) => void, dropped: number])[] = [
  ["refuses", (res) => void res.writeHead(400).end(), 4],
  ["hangs", () => undefined, 4],
  ["cuts off", (res) => void res.destroy(), 4],
  ["wants a part of it", (res) => void res.end('{"partialSuccess":{"rejectedSpans":"3"}}'), 3],
];
for (const [name, answer, dropped] of BAD_COLLECTORS) {
  test(`a collector that ${name} holds up nothing, and what is lost is counted`, async () => {
    const { url } = await collector(answer);
    const sender = telemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: "100" }, "1");
    assert.ok(sender);
    const helper = agent(attach({ model: scripted(sum), tools: [add] }, sender));
    assert.equal((await helper.run("Add.")).stopReason, "answer");
    await sender.close(300);
    assert.equal(sender.counts().dropped, dropped);
  });
}

test("nobody listens there, and the run does not notice", async () => {
  const { outcome, counts } = await runUnder({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" });
  assert.equal(outcome.stopReason, "answer");
  assert.equal(counts.dropped, 4);
});

test("a trace that its beginning does not keep is not sent, and goes on as not kept", async () => {
  const { url, spans } = await collector();
  await runUnder({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    TRACEPARENT: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
  });
  assert.deepEqual(spans(), []);
});

test("what the environment asks for", () => {
  const base = "http://127.0.0.1:4318/";
  assert.equal(telemetrySettings({}), undefined);
  assert.equal(
    telemetrySettings({ OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_SDK_DISABLED: "true" }),
    undefined,
  );
  const both = telemetrySettings({ OTEL_EXPORTER_OTLP_ENDPOINT: base });
  assert.equal(both?.traces?.url, "http://127.0.0.1:4318/v1/traces");
  assert.equal(both?.metrics?.url, "http://127.0.0.1:4318/v1/metrics");
  const own = telemetrySettings({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://c.example/in",
    OTEL_METRICS_EXPORTER: "none",
  });
  assert.equal(own?.traces?.url, "https://c.example/in");
  assert.equal(own?.metrics, undefined);
  const bad: Record<string, string>[] = [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "collector" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_HEADERS: "novalue" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_TRACES_SAMPLER: "sometimes" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "2" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_BSP_MAX_QUEUE_SIZE: "-1" },
  ];
  for (const env of bad) assert.throws(() => telemetrySettings(env), UsageError, JSON.stringify(env));
});

test("only what is a traceparent is taken for one", () => {
  const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  assert.equal(readTraceparent(good)?.sampled, true);
  assert.equal(
    readTraceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later")?.sampled,
    true,
  );
  const bad = [
    undefined,
    "",
    "x".repeat(10_000),
    good.toUpperCase(),
    `${good}-more`,
    `ff${good.slice(2)}`,
    good.replace("0af7651916cd43dd8448eb211c80319c", "0".repeat(32)),
    good.replace("b7ad6b7169203331", "0".repeat(16)),
    good.slice(0, -1),
  ];
  for (const header of bad) assert.equal(readTraceparent(header), undefined, header);
});
