import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { EventBody, RunEvent } from "hearth";
import { Output } from "../output.ts";
import { clipped, plain } from "./plain.ts";
import { progressBar, StatusLine } from "./status.ts";
import { duration, RunView } from "./view.ts";

async function shown(events: EventBody[], { tty }: { tty: boolean }): Promise<{ out: string; err: string }> {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const said = { out: "", err: "" };
  streams.out.on("data", (text) => (said.out += text));
  streams.err.on("data", (text) => (said.err += text));
  if (tty) for (const stream of Object.values(streams)) Object.assign(stream, { isTTY: true, columns: 80 });
  const out = new Output(streams.out, streams.err);
  const view = new RunView({ out, status: new StatusLine(out), paint: (_style, text) => text });
  let seq = 0;
  for (const body of events) {
    const event: RunEvent = { seq: ++seq, runId: "r", time: "2026-01-01T00:00:00Z", ...body };
    await view.on(event);
  }
  await out.flush();
  return said;
}

const usage = { input: 1, output: 1 };
const answered = (text: string): EventBody => ({
  type: "run.finished",
  stopReason: "answer",
  text,
  steps: 1,
  usage,
});
const TALK: EventBody[] = [
  { type: "step.started", step: 1 },
  { type: "text.delta", text: "Let me look." },
  { type: "call.ready", callId: "1", name: "list_files", arguments: { path: "." } },
  { type: "call.finished", callId: "1", name: "list_files", ok: true, content: "a\nb", ms: 12 },
  { type: "step.started", step: 2 },
  { type: "text.delta", text: "Two " },
  { type: "text.delta", text: "files." },
  answered("Two files."),
];

test("without a terminal the answer comes once, whole, and what was done goes to stderr", async () => {
  const { out, err } = await shown(TALK, { tty: false });
  assert.equal(out, "Two files.\n");
  assert.match(err, /▸ list_files {"path":"\."}\n/);
  assert.match(err, /✓ 12 ms · a b\n/);
});

test("on a terminal the answer is streamed and not said twice", async () => {
  const { out, err } = await shown(TALK, { tty: true });
  assert.equal(out, "Let me look.Two files.");
  assert.match(err, /^\n▸ list_files/);
  assert.ok(err.endsWith("\n"));
});

test("a text that was never streamed is shown at the end, with why the run ended", async () => {
  const end: EventBody = {
    type: "run.finished",
    stopReason: "max_steps",
    text: "Not done.",
    steps: 3,
    usage,
  };
  for (const tty of [true, false]) {
    const { out, err } = await shown([end], { tty });
    assert.equal(out, "Not done.\n");
    assert.match(err, /without a full answer: max_steps/);
  }
});

test("a failure of the engine is no answer", async () => {
  const error = { class: "EngineUnreachableError", message: "gone" };
  const end: EventBody = {
    type: "run.finished",
    stopReason: "engine_error",
    text: "No.",
    steps: 0,
    usage,
    error,
  };
  assert.equal((await shown([end], { tty: false })).out, "");
});

test("a wait is shown with its bound, and gone when it is over", async () => {
  const wait: EventBody[] = [
    { type: "wait.started", for: "loading qwen3", boundMs: 60_000 },
    { type: "wait.ended", for: "loading qwen3", ms: 5 },
    answered("x"),
  ];
  assert.match((await shown(wait, { tty: false })).err, /^waiting: loading qwen3, at most 60 s …\n/);
  assert.match((await shown(wait, { tty: true })).err, /60 s …\r\x1b\[K/);
});

test("nothing that a model or a tool writes can command the terminal", async () => {
  const evil = "\x1b]0;owned\x07\x1b[2Jhi\x9b31m\x07\r\b\x00";
  const { out, err } = await shown(
    [
      { type: "text.delta", text: evil },
      { type: "call.finished", callId: "1", name: "x", ok: false, content: evil, ms: 1 },
      { type: "notice", text: evil },
      answered(evil),
    ],
    { tty: true },
  );
  assert.doesNotMatch(out, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  assert.doesNotMatch(err.replaceAll("\r\x1b[K", ""), /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  assert.equal(plain("a\tb\nc"), "a\tb\nc");
});

test("figures and lengths are short", () => {
  assert.deepEqual([5, 999, 1500, 45_000, 300_000].map(duration), [
    "5 ms",
    "999 ms",
    "1.5 s",
    "45 s",
    "5 min",
  ]);
  assert.equal(clipped("one\n two   three", 100), "one two three");
  assert.equal(clipped("abcdef", 4), "abc…");
  assert.equal(progressBar(49e6, 98e6), "[############............] 49 of 98 MB");
  assert.match(progressBar(5, 0), /^\[\.+\]/);
});
