import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineBusyError, type RunEvent } from "hearth";
import { type Ask, OpenExchanges } from "../observe/index.ts";
import { BoundedLabel, Counter, createMetrics, exposition, Gauge, Histogram } from "./index.ts";

const open = new OpenExchanges();
const newMetrics = () =>
  createMetrics({
    version: "1.2.3",
    queue: () => ({ waiting: 3, running: 1, capacity: 32, slots: 2, loaded: 1 }),
    open,
    leases: () => 2,
    draining: () => false,
  });
/** The value of one series, by its name and labels as they are written. */
const read = (text: string, series: string): number | undefined => {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};
const ask = (model: string): Ask => ({
  kind: "chat",
  engine: "scripted",
  address: "here",
  model,
  request: { model, messages: [], tools: [], sampling: {} },
  scope: undefined,
});

test("text as Prometheus reads it: escaped labels, cumulative buckets, whole lines", () => {
  const counter = new Counter("a_total", "With a \\ and a\nline.", ["path"]);
  counter.add(2, 'say "hi"\\\n');
  const histogram = new Histogram("b_seconds", "B.", [0.1, 1], ["m"]);
  for (const value of [0.1, 0.5, 7]) histogram.observe(value, "x");
  const gauge = new Gauge("c", "C.", () => undefined);
  assert.equal(
    exposition([counter, histogram, gauge]),
    `# HELP a_total With a \\\\ and a\\nline.
# TYPE a_total counter
a_total{path="say \\"hi\\"\\\\\\n"} 2
# HELP b_seconds B.
# TYPE b_seconds histogram
b_seconds_bucket{m="x",le="0.1"} 1
b_seconds_bucket{m="x",le="1"} 2
b_seconds_bucket{m="x",le="+Inf"} 3
b_seconds_sum{m="x"} 7.6
b_seconds_count{m="x"} 3
# HELP c C.
# TYPE c gauge
`,
  );
});

test("what is counted without labels is there from the start", () => {
  const text = newMetrics().text();
  for (const name of ["hearth:runs_started_total", "hearth:num_requests_running", "hearth:model_swaps_total"])
    assert.equal(read(text, name), 0, name);
  assert.equal(read(text, "hearth:num_requests_waiting"), 3);
  assert.equal(read(text, "hearth:queue_capacity"), 32);
  assert.equal(read(text, "hearth:journal_leases"), 2);
  assert.equal(read(text, 'hearth:build_info{version="1.2.3"}'), 1);
  assert.ok((read(text, "process_resident_memory_bytes") ?? 0) > 1e6);
});

test("every line of /metrics is a comment or a sample, and no name stands twice", () => {
  const lines = newMetrics().text().trimEnd().split("\n");
  const sample = /^[a-z0-9_:]+(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? -?[\d.e+-]+$/;
  for (const line of lines) assert.match(line, line.startsWith("#") ? /^# (HELP|TYPE) [a-z0-9_:]+ / : sample);
  const types = lines.filter((line) => line.startsWith("# TYPE"));
  assert.equal(new Set(types).size, types.length);
});

test("questions: running, first token, tokens, ends", () => {
  const metrics = newMetrics();
  const [observer] = metrics.observers;
  const watch = observer?.ask?.(ask("qwen3:8b"));
  assert.equal(read(metrics.text(), "hearth:num_requests_running"), 1);
  watch?.event?.({ type: "text", text: "x" });
  watch?.end({
    how: "whole",
    ms: 2200,
    firstMs: 200,
    reason: "stop",
    usage: { input: 100, output: 21, cached: 60 },
  });
  const text = metrics.text();
  const model = '{model_name="qwen3:8b"}';
  assert.equal(read(text, "hearth:num_requests_running"), 0);
  assert.equal(read(text, `hearth:prompt_tokens_total${model}`), 100);
  assert.equal(read(text, `hearth:prompt_tokens_cached_total${model}`), 60);
  assert.equal(read(text, `hearth:generation_tokens_total${model}`), 21);
  assert.equal(read(text, `hearth:time_to_first_token_seconds_sum${model}`), 0.2);
  assert.equal(read(text, `hearth:time_per_output_token_seconds_sum${model}`), 0.1);
  assert.equal(read(text, `hearth:e2e_request_latency_seconds_sum${model}`), 2.2);
  assert.equal(read(text, 'hearth:request_success_total{model_name="qwen3:8b",finished_reason="stop"}'), 1);
  observer?.ask?.(ask("qwen3:8b"))?.end({ how: "left", ms: 5 });
  observer?.ask?.(ask("qwen3:8b"))?.end({ how: "failed", ms: 5, error: new EngineBusyError("busy") });
  for (const error of ["abort", "EngineBusyError"])
    assert.equal(
      read(metrics.text(), `hearth:request_failures_total{model_name="qwen3:8b",error="${error}"}`),
      1,
    );
});

test("names that clients make up become no labels, and real ones only so many", () => {
  const metrics = newMetrics();
  const [observer] = metrics.observers;
  for (let i = 0; i < 1000; i++)
    observer?.ask?.(ask(`made-up-${i}`))?.end({ how: "failed", ms: 1, error: new Error("no such model") });
  for (let i = 0; i < 100; i++) {
    const watch = observer?.ask?.(ask(`real-${i}`));
    watch?.event?.({ type: "text", text: "x" });
    watch?.end({ how: "whole", ms: 1 });
  }
  const text = metrics.text();
  assert.doesNotMatch(text, /made-up/);
  const models = new Set([...text.matchAll(/model_name="([^"]+)"/g)].map(([, name]) => name));
  assert.equal(models.size, 65, "64 names and other");
  const label = new BoundedLabel(1);
  assert.deepEqual(
    [label.admit("a"), label.admit("b"), label.known("a"), label.admit("")],
    ["a", "other", "a", "other"],
  );
});

test("runs are counted from their events alone", () => {
  const metrics = newMetrics();
  const event = (seq: number, body: object): RunEvent =>
    ({ seq, runId: "r", time: new Date(seq * 1000).toISOString(), ...body }) as RunEvent;
  const usage = { input: 1, output: 1 };
  const log = [
    { type: "run.started", task: "t", model: "m", engine: "e", tools: [], toolSchemas: [], settings: {} },
    { type: "engine.retried", attempt: 1, class: "EngineBusyError", waitMs: 1, message: "busy" },
    { type: "call.ready", callId: "a", name: "add", arguments: {}, repairs: ["quotes"] },
    { type: "call.invalid", callId: "b", name: "x", reason: "unknown_tool", message: "no" },
    { type: "call.finished", callId: "a", name: "add", ok: false, content: "", ms: 250 },
    { type: "approval.requested", callId: "c", name: "w", arguments: {}, why: "writes" },
    { type: "approval.given", callId: "c", decision: "refuse", by: "me" },
    { type: "context.truncated", expected: 9, actual: 5 },
    { type: "context.compacted", before: 9, after: 5, how: "stubs" },
    { type: "guard.tripped", kind: "repeat", action: "told" },
    { type: "step.finished", step: 1, message: { role: "assistant", content: [] } },
    { type: "text.delta", text: "never counted" },
    { type: "run.finished", stopReason: "answer", text: "x", steps: 1, usage },
  ];
  for (const [i, body] of log.entries()) for (const one of metrics.observers) one.event?.(event(i + 1, body));
  assert.equal(read(metrics.text(), "hearth:runs_running"), 1, "until its lease is given back");
  for (const one of metrics.observers) one.over?.("r");
  const text = metrics.text();
  const expected: Record<string, number> = {
    "hearth:runs_running": 0,
    "hearth:runs_started_total": 1,
    'hearth:runs_finished_total{stop_reason="answer"}': 1,
    "hearth:run_duration_seconds_sum": 12,
    'hearth:engine_retries_total{error="EngineBusyError"}': 1,
    "hearth:calls_repaired_total": 1,
    'hearth:calls_invalid_total{reason="unknown_tool"}': 1,
    'hearth:tool_duration_seconds_sum{tool_name="add"}': 0.25,
    'hearth:tool_failures_total{tool_name="add"}': 1,
    "hearth:approvals_requested_total": 1,
    'hearth:approvals_given_total{decision="refuse"}': 1,
    "hearth:context_truncations_total": 1,
    "hearth:context_compactions_total": 1,
    'hearth:guard_trips_total{kind="repeat"}': 1,
    "hearth:steps_total": 1,
  };
  for (const [series, value] of Object.entries(expected)) assert.equal(read(text, series), value, series);
});

test("what the scheduler tells, and what HTTP does; no label names a tenant or a path", () => {
  const metrics = newMetrics();
  const { queue } = metrics;
  queue.loaded("m", 3000);
  queue.granted("m", 1500);
  queue.refused("m", "full");
  queue.swapped("m");
  queue.evicted("m");
  const exchange = { method: "POST", route: "/agent", status: 200, ms: 20, left: true, tenant: "acme" };
  for (const one of metrics.observers) {
    one.exchange?.(exchange);
    one.exchange?.({ ...exchange, method: "BREW", route: "", status: 404, left: false });
  }
  const text = metrics.text();
  assert.equal(read(text, 'hearth:model_load_duration_seconds_sum{model_name="m"}'), 3);
  assert.equal(read(text, 'hearth:request_queue_time_seconds_sum{model_name="m"}'), 1.5);
  assert.equal(read(text, 'hearth:requests_refused_total{reason="full"}'), 1);
  assert.equal(read(text, "hearth:model_swaps_total"), 1);
  assert.equal(read(text, "hearth:model_evictions_total"), 1);
  assert.equal(read(text, 'hearth:http_requests_total{method="POST",route="/agent",status="200"}'), 1);
  assert.equal(read(text, 'hearth:http_requests_total{method="other",route="none",status="404"}'), 1);
  assert.equal(read(text, 'hearth:http_clients_left_total{route="/agent"}'), 1);
  assert.doesNotMatch(text, /acme/);
});
