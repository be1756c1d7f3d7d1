import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { agent, memoryJournal, type RunEvent } from "hearth";
import { type Script, scripted } from "hearth/testing";
import { OpenExchanges, observedJournal } from "../observe/index.ts";
import { createApp } from "../serve.ts";
import { Drain } from "./drain.ts";
import { check, createLog, type LogLevel, Operations } from "./index.ts";
import { logWork } from "./log-work.ts";
import { fruitless, isInterrupted, resumeInterrupted } from "./resume.ts";

const headers = { host: "127.0.0.1:4141", "content-type": "application/json" };
const noLog = createLog({ form: "text", level: "error", write: () => undefined });
const event = (seq: number, body: object): RunEvent =>
  ({ seq, runId: "r", time: new Date(seq).toISOString(), ...body }) as RunEvent;

function service(script: Script) {
  const { engine, model } = scripted(script, { last: "repeat" });
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ form: "json", level: "info", write: (line) => void lines.push(JSON.parse(line)) });
  const options = { agent: { model: { engine, model }, tools: [], journal: memoryJournal() } };
  const operations = new Operations({ ...options, log });
  const app = createApp({ ...options, operations });
  const get = (path: string) => app.request(path, { headers });
  const post = (path: string, body: object, more = {}) =>
    app.request(path, { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(body) });
  return { app, operations, engine, lines, get, post };
}

describe("checks", () => {
  test("a result is kept for a while, and asked once for all who ask at the same time", async () => {
    let now = 0;
    let asked = 0;
    const one = check("engine", () => ++asked, { now: () => now, keptMs: 100 });
    await Promise.all([one.look(), one.look(), one.look()]);
    now = 99;
    assert.deepEqual(await one.look(), { ok: true, ms: 0, ageMs: 99 });
    assert.equal(asked, 1);
    now = 201;
    await one.look();
    assert.equal(asked, 2);
  });

  test("a probe that hangs, heeding nothing, is not well within its bound", async () => {
    const told: [string, string | undefined][] = [];
    let hang = true;
    const one = check("engine", () => (hang ? new Promise(() => undefined) : undefined), {
      boundMs: 20,
      keptMs: 0,
      changed: (name, failure) => void told.push([name, failure?.name]),
    });
    const { ok, error } = await one.look();
    assert.deepEqual([ok, error], [false, "CheckTimeoutError"]);
    hang = false;
    await new Promise((resolve) => setTimeout(resolve, 2));
    assert.equal((await one.look()).ok, true);
    assert.deepEqual(told, [
      ["engine", "CheckTimeoutError"],
      ["engine", undefined],
    ]);
  });
});

describe("health over HTTP", () => {
  test("/readyz says each check; /livez asks nobody", async () => {
    const { get } = service([{ text: "x" }]);
    assert.deepEqual(await (await get("/livez")).json(), { ok: true });
    for (const path of ["/readyz", "/health"]) {
      const reply = await get(path);
      const body = (await reply.json()) as { ok: boolean; checks: Record<string, { ok: boolean }> };
      assert.equal(reply.status, 200);
      assert.deepEqual(Object.keys(body.checks), ["draining", "journal", "engine"]);
    }
  });

  test("an engine that is away makes it 503, without its address", async () => {
    const { get, engine, lines } = service([{ text: "x" }]);
    engine.models = async () => {
      throw new Error("connect ECONNREFUSED 10.1.2.3:11434");
    };
    const reply = await get("/readyz");
    const text = await reply.text();
    assert.equal(reply.status, 503);
    assert.match(text, /"engine":\{"ok":false/);
    assert.doesNotMatch(text, /10\.1\.2\.3/);
    assert.ok(lines.some(({ level, check: name }) => level === "error" && name === "engine"));
  });

  test("/metrics counts what was done, and names no tenant", async () => {
    const { get, post } = service([{ text: "Hello." }]);
    await post("/agent", { input: "Hi." });
    await post("/v1/chat/completions", { model: "scripted", messages: [{ role: "user", content: "Hi." }] });
    const reply = await get("/metrics");
    const text = await reply.text();
    assert.match(reply.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    for (const line of [
      "hearth:runs_started_total 1",
      'hearth:runs_finished_total{stop_reason="answer"} 1',
      'hearth:request_success_total{model_name="scripted",finished_reason="stop"} 2',
      'hearth:http_requests_total{method="POST",route="/agent",status="200"} 1',
      "hearth:num_requests_running 0",
      "hearth:journal_leases 0",
    ])
      assert.ok(text.includes(`${line}\n`), line);
    assert.doesNotMatch(text, /tenant|local/);
  });

  test("calls mended and prompts cut are counted where no run is behind them", async () => {
    const wrong = [{ name: "Add", args: { a: "2", b: "3" } }];
    const { get, post } = service([
      { calls: wrong },
      { text: "x", usage: { input: 20, output: 1 }, contextTokens: 64 },
    ]);
    const number = { type: "number" };
    const parameters = { type: "object", properties: { a: number, b: number }, required: ["a", "b"] };
    const tools = [{ type: "function", function: { name: "add", parameters } }];
    const ask = (content: string, more = {}) =>
      post("/v1/chat/completions", { model: "scripted", messages: [{ role: "user", content }], ...more });
    assert.equal((await ask("Add.", { tools })).status, 200);
    assert.equal((await ask("word ".repeat(4000))).status, 400);
    const text = await (await get("/metrics")).text();
    for (const line of ["hearth:calls_repaired_total 1", "hearth:context_truncations_total 1"])
      assert.ok(text.includes(`${line}\n`), line);
  });
});

describe("draining", () => {
  test("refuses what begins work, answers what only looks, and ends when the last run does", async () => {
    const { operations, get, post } = service([{ text: "A long answer.", gapMs: 20, chunk: 3 }]);
    const going = post("/agent", { input: "Go." });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const ended = operations.end(5000);
    for (const path of ["/agent", "/v1/chat/completions", "/api/chat"]) {
      const reply = await post(path, { input: "x" });
      assert.equal(reply.status, 503, path);
      assert.ok(Number(reply.headers.get("retry-after")) > 0);
    }
    const ready = await get("/readyz");
    assert.equal(ready.status, 503);
    assert.equal((await get("/livez")).status, 200);
    assert.equal((await get("/agent/runs")).headers.get("connection"), "close");
    assert.equal(((await (await going).json()) as { stopReason: string }).stopReason, "answer");
    const { whole, handedOff, ms } = await ended;
    assert.deepEqual([whole, handedOff], [true, []]);
    assert.ok(ms < 4000);
  });

  test("at the bound a run is handed off, but not in the middle of a tool", async () => {
    const inner = memoryJournal();
    const looked = observedJournal(inner, []);
    let done = false;
    const slow = {
      name: "slow",
      description: "Takes a while",
      effect: "once" as const,
      parameters: { type: "object", properties: {} },
      run: async () => {
        await new Promise((resolve) => setTimeout(resolve, 60));
        done = true;
        return "done";
      },
    };
    const run = agent({
      model: scripted([{ calls: [{ name: "slow" }] }, { text: "never", hang: true }]),
      tools: [slow],
      journal: looked.journal,
    }).run("Go.");
    for await (const one of run) if (one.type === "call.running") break;
    const { whole, handedOff } = await new Drain(() => looked, new OpenExchanges()).end(5, 2000);
    assert.deepEqual([whole, handedOff, done], [false, [run.id], true]);
    const types = (await inner.read(run.id)).map((one) => one.type);
    assert.ok(types.includes("call.finished"), "the letter that was sent stands in the log");
    assert.ok(!types.includes("run.finished"));
  });

  test("a tool that does not end is not waited for longer than the grace", async () => {
    const looked = observedJournal(memoryJournal(), []);
    const stuck = {
      name: "stuck",
      description: "",
      effect: "none" as const,
      parameters: { type: "object" },
      run: () => new Promise<string>(() => undefined),
    };
    const run = agent({
      model: scripted([{ calls: [{ name: "stuck" }] }]),
      tools: [stuck],
      limits: { toolTimeoutMs: 300 },
      journal: looked.journal,
    }).run("Go.");
    for await (const one of run) if (one.type === "call.running") break;
    const { ms, handedOff } = await new Drain(() => looked, new OpenExchanges()).end(5, 50);
    assert.ok(ms < 1000 && handedOff.length === 1);
  });
});

describe("going on after a restart", () => {
  const started = (settings: object) =>
    event(1, {
      type: "run.started",
      task: "t",
      model: "m",
      engine: "e",
      tools: [],
      toolSchemas: [],
      settings,
    });
  const own = { service: true, workspace: "/w" };

  test("only runs of a service, in its own workspace, without an end", () => {
    const end = event(2, {
      type: "run.finished",
      stopReason: "answer",
      text: "x",
      steps: 1,
      usage: { input: 0, output: 0 },
    });
    const cases: [RunEvent[], boolean][] = [
      [[started(own)], true],
      [[started(own), end], false],
      [[started({ ...own, workspace: "/other" })], false],
      [[started({ workspace: "/w" })], false],
      [[], false],
    ];
    for (const [events, expected] of cases) assert.equal(isInterrupted(events, "/w"), expected);
  });

  test("a run that gets nowhere when it is taken up is left to a person", async () => {
    const resumed = { type: "run.resumed" };
    const step = { type: "step.finished", step: 1, message: { role: "assistant", content: [] } };
    assert.equal(fruitless([resumed, step, resumed, resumed].map((body, i) => event(i + 1, body))), 2);
    const journal = memoryJournal();
    const lease = await journal.acquire("r", "a", 1000);
    const log = [started(own), event(2, resumed), event(3, resumed), event(4, resumed)];
    await journal.append(lease, 0, log);
    await journal.release(lease);
    const taken: string[] = [];
    const resume = async (id: string) => void taken.push(id);
    const signal = new AbortController().signal;
    assert.equal(await resumeInterrupted({ journal, workspace: "/w", resume, log: noLog, signal }), 0);
    assert.deepEqual(taken, []);
  });
});

describe("the log", () => {
  const lines: string[] = [];
  const make = (form: "text" | "json", level: LogLevel = "info") =>
    createLog({
      form,
      level,
      write: (line) => void lines.push(line),
      mask: (text) => text.replace("hunter2", "…"),
      now: () => new Date(0),
    });

  test("one line an entry, whatever a name holds, and no secret", () => {
    lines.length = 0;
    make("json").write("warn", "a\nb", { model: 'x"\n', key: "hunter2", none: undefined, ms: 5 });
    make("text").write("warn", "slow step", { model: 'x"\n', ok: true });
    make("text", "error").write("warn", "not this");
    assert.deepEqual(lines, [
      '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"a\\nb","model":"x\\"\\n","key":"…","ms":5}\n',
      '1970-01-01T00:00:00.000Z warn  slow step model="x\\"\\n" ok=true\n',
    ]);
  });

  test("requests and runs with their trace, tenant and ids; no prompt, no answer", async () => {
    const { post, lines: entries } = service([{ text: "The answer is swordfish." }]);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const body = (await (
      await post("/agent", { input: "Tell me about marlin." }, { traceparent })
    ).json()) as { runId: string };
    const began = entries.find(({ message }) => message === "run started");
    const ended = entries.find(({ message }) => message === "run finished");
    const asked = entries.find(({ message }) => message === "request");
    for (const entry of [began, ended, asked]) {
      assert.equal(entry?.["traceId"], "0af7651916cd43dd8448eb211c80319c");
      assert.equal(entry?.["tenant"], "local");
      assert.ok(entry?.["time"] !== undefined && entry["level"] === "info");
    }
    assert.deepEqual([began?.["runId"], asked?.["runId"]], [body.runId, body.runId]);
    assert.deepEqual([asked?.["route"], asked?.["status"]], ["/agent", 200]);
    assert.doesNotMatch(JSON.stringify(entries), /swordfish|marlin/);
  });

  test("what is slow is named, with what it was", () => {
    let now = 0;
    const found: [string, unknown][] = [];
    const log = {
      ...noLog,
      level: "warn" as const,
      write: (_: LogLevel, message: string, fields = {}) => void found.push([message, fields]),
    };
    const observer = logWork(
      log,
      () => 1000,
      () => now,
    );
    const tell = (body: object) => observer.event?.(event(1, body));
    tell({ type: "run.started", model: "m" });
    tell({ type: "step.started", step: 1 });
    tell({ type: "call.finished", callId: "c", name: "crawl", ok: true, content: "", ms: 5000 });
    tell({ type: "call.finished", callId: "d", name: "add", ok: true, content: "", ms: 1 });
    tell({ type: "wait.ended", for: "queue", ms: 2500 });
    now = 3000;
    tell({ type: "step.finished", step: 1 });
    const slow = found.filter(([message]) => message.startsWith("slow"));
    assert.deepEqual(
      slow.map(([message]) => message),
      ["slow tool", "slow wait", "slow step"],
    );
    assert.deepEqual(slow[0]?.[1], {
      runId: "r",
      tenant: undefined,
      traceId: undefined,
      step: 1,
      tool: "crawl",
      callId: "c",
      ms: 5000,
    });
  });
});
