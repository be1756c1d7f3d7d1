/**
 * `npm run prove:operations`: a real `hearth serve` as those who run it see it. Readiness, figures, JSON log, traces (with collectors that
 * hang, refuse and are slow), draining by SIGTERM, settings read again by SIGHUP, going on after a restart.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ask,
  background,
  clear,
  engine,
  folder,
  listen,
  post,
  start,
  until,
  view,
} from "./operations/world.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

let failed = 0;
function said(ok: boolean, line: string): void {
  console.log(`${ok ? "ok  " : "FAIL"} ${line}`);
  if (!ok) failed++;
}

await health();
await logged();
await traced();
await drained();
await impatient();
await reloaded();
clear();
process.exit(failed === 0 ? 0 : 1);

async function health(): Promise<void> {
  const { url, child, exit } = await start();
  const ready = async (): Promise<number> => (await fetch(`${url}/readyz`)).status;
  said(
    (await fetch(`${url}/livez`)).status === 200 && (await ready()) === 200,
    "/livez and /readyz answer 200",
  );
  engine.up = false;
  const atMs = performance.now();
  said(
    await until(async () => (await ready()) === 503),
    `/readyz is 503 ${Math.round(performance.now() - atMs)} ms after the engine went (results stand for 5 s)`,
  );
  said((await fetch(`${url}/livez`)).status === 200, "/livez stays 200: a restart would not help");
  engine.up = true;
  said(await until(async () => (await ready()) === 200), "/readyz is 200 again when the engine is back");
  await ask(url);
  await post(url, "/agent", { input: "Hi." });
  const text = await (await fetch(`${url}/metrics`)).text();
  const names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const wanted = [
    "num_requests_running",
    "num_requests_waiting",
    "time_to_first_token_seconds",
    "e2e_request_latency_seconds",
    "prompt_tokens_total",
    "generation_tokens_total",
    "queue_capacity",
    "request_queue_time_seconds",
    "model_swaps_total",
    "model_evictions_total",
    "model_load_duration_seconds",
    "context_truncations_total",
    "calls_repaired_total",
    "tool_duration_seconds",
    "tool_failures_total",
    "approvals_requested_total",
    "engine_retries_total",
    "sse_clients",
  ];
  const missing = wanted.filter((name) => !names.has(`hearth:${name}`));
  said(
    missing.length === 0,
    `/metrics has ${names.size} metrics, of the ${wanted.length} promised ${missing.length} are missing ${missing.join(" ")}`,
  );
  said(
    /^hearth:request_success_total\{model_name="mock",finished_reason="stop"\} 2$/m.test(text),
    "a question over a wire and one of a run are counted alike",
  );
  child.kill("SIGTERM");
  said((await exit) === 0, "SIGTERM without work ends with 0");
}

async function logged(): Promise<void> {
  const { url, child, exit, log } = await start({}, ["--slow-step", "0.05"]);
  const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
  const reply = await post(
    url,
    "/agent",
    { input: "Tell me, marlin." },
    { traceparent, authorization: "Bearer sk-abcdefghijklmnopqrstuvwx" },
  );
  const { runId } = (await reply.json()) as { runId?: string };
  child.kill("SIGTERM");
  await exit;
  const entries = log.filter((entry) => entry["runId"] === runId && runId !== undefined);
  const whole = entries.every(
    (entry) => entry["traceId"] === TRACE && entry["tenant"] === "local" && entry["time"] !== undefined,
  );
  const messages = entries.map((entry) => entry["message"]);
  said(
    whole &&
      ["run started", "slow step", "run finished", "request"].every((message) => messages.includes(message)),
    `the JSON log of one run: ${messages.join(", ")}, each with time, trace, run and tenant`,
  );
  said(
    !/marlin|word word|abcdefghijkl/.test(JSON.stringify(log)),
    "no prompt, no answer, no key stands in it",
  );
}

async function traced(): Promise<void> {
  /** After how long the collector answers, in ms; `never` holds on to it. */
  const kinds: Record<string, number | "away" | "never"> = {
    "is away": "away",
    takes: 0,
    "is slow": 700,
    hangs: "never",
  };
  const took: Record<string, number> = {};
  for (const [kind, delay] of Object.entries(kinds)) {
    const bodies: string[] = [];
    const collector =
      delay === "away"
        ? "http://127.0.0.1:9"
        : await listen(async (req, res) => {
            let body = "";
            for await (const chunk of req.setEncoding("utf8")) body += chunk;
            bodies.push(body);
            if (delay !== "never") setTimeout(() => res.end("{}"), delay);
          });
    engine.traceparents = [];
    const otel = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_BSP_SCHEDULE_DELAY: "50",
      OTEL_EXPORTER_OTLP_TIMEOUT: "1000",
    };
    const { url, child, exit } = await start(otel);
    await ask(url);
    const atMs = performance.now();
    for (let i = 0; i < 20; i++)
      await (
        await post(
          url,
          "/agent",
          { input: "Hi, marlin." },
          { traceparent: `00-${TRACE}-b7ad6b7169203331-01` },
        )
      ).text();
    took[kind] = (performance.now() - atMs) / 20;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    child.kill("SIGTERM");
    const ended = performance.now();
    const code = await exit;
    const exported = Number(/^hearth:spans_exported_total (\d+)/m.exec(metrics)?.[1] ?? 0);
    const handed = engine.traceparents.filter((value) => value?.startsWith(`00-${TRACE}-`)).length;
    said(
      code === 0 && handed === 20 && (kind === "takes" ? exported === 41 : exported <= 41),
      `a collector that ${kind}: ${took[kind].toFixed(0)} ms a run, ${exported} of 41 spans taken, trace context on ${handed} of 20 questions, ended ${Math.round(performance.now() - ended)} ms after SIGTERM`,
    );
    if (kind === "takes") {
      const all = bodies.join("");
      const names = ["invoke_agent hearth", "chat mock"].every((name) => all.includes(`"name":"${name}"`));
      said(
        names && all.includes(TRACE) && !all.includes("marlin"),
        "spans of runs and questions, below the trace of the request, without content",
      );
    }
  }
  const plain = took["takes"] ?? 1;
  const worst = Math.max(...Object.values(took));
  said(
    worst < plain * 1.5 + 20,
    `runs take ${plain.toFixed(0)} ms with a collector that takes all, ${worst.toFixed(0)} ms at most with one that does not`,
  );
}

async function drained(): Promise<void> {
  const journal = ["--journal", join(folder, "drain.sqlite")];
  const first = await start({}, [...journal, "--drain", "2"]);
  engine.words = 40;
  const short = await background(first.url);
  engine.words = 400;
  await until(() => engine.traceparents.length > 0, 500);
  const long = await background(first.url);
  await new Promise((resolve) => setTimeout(resolve, 200));
  first.child.kill("SIGTERM");
  const atMs = performance.now();
  await until(async () => (await fetch(`${first.url}/readyz`)).status === 503, 1000);
  const refused = await post(first.url, "/agent", { input: "One more." });
  said(
    refused.status === 503 && refused.headers.has("retry-after"),
    "while it drains: /readyz 503, new runs 503 with Retry-After",
  );
  const code = await first.exit;
  const ms = Math.round(performance.now() - atMs);
  said(
    code === 0 && ms >= 1500 && ms < 9000,
    `SIGTERM with a long run: exit ${code} after ${ms} ms (bound 2,000 ms)`,
  );
  engine.words = 5;
  const next = await start({}, journal);
  const began = performance.now();
  const onward = await until(async () => (await view(next.url, long)).stopReason === "answer");
  said(
    (await view(next.url, short)).stopReason === "answer",
    "the short run had come to its answer before the end",
  );
  said(
    onward,
    `the long one goes on by itself: answer ${Math.round(performance.now() - began)} ms after the restart`,
  );
  next.child.kill("SIGTERM");
  await next.exit;
}

async function impatient(): Promise<void> {
  const { url, child, exit } = await start({}, ["--journal", join(folder, "twice.sqlite")]);
  engine.words = 2000;
  await background(url);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const atMs = performance.now();
  child.kill("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 150));
  child.kill("SIGTERM");
  const code = await exit;
  const ms = Math.round(performance.now() - atMs);
  said(code !== 0 && ms < 2000, `a second SIGTERM ends at once: exit ${code} after ${ms} ms`);
  engine.words = 5;
}

async function reloaded(): Promise<void> {
  const file = join(folder, "reload.json");
  writeFileSync(file, JSON.stringify({ maxSteps: 7, maxQueue: 3 }));
  const { url, child, exit, log } = await start({}, ["--config", file]);
  const steps = async (): Promise<unknown> => {
    const id = await background(url);
    await until(async () => (await view(url, id)).status === "finished");
    const events = await (await fetch(`${url}/agent/runs/${id}/events`)).text();
    return /"maxSteps":(\d+)/.exec(events)?.[1];
  };
  const before = await steps();
  writeFileSync(file, JSON.stringify({ maxSteps: 9, maxQueue: 4 }));
  child.kill("SIGHUP");
  await until(() => log.some((entry) => entry["message"] === "settings read again"));
  const after = await steps();
  const restart = log.find((entry) => entry["message"] === "these settings need a restart");
  said(before === "7" && after === "9", `SIGHUP: runs take ${before} steps before, ${after} after`);
  said(
    String(restart?.["settings"]).includes("maxQueue"),
    `named as needing a restart: ${restart?.["settings"]}`,
  );
  writeFileSync(file, "{ not json");
  child.kill("SIGHUP");
  const kept = await until(() =>
    log.some((entry) => String(entry["message"]).includes("those in force stay")),
  );
  said(kept && (await steps()) === "9", "a file that can't be read changes nothing, and the log says so");
  child.kill("SIGTERM");
  await exit;
}
