import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, never, summary } from "../../../test/engines/servers.ts";
import { CancelledError, InternalError, StreamCutError, userMessage } from "../../protocol/index.ts";
import type { EngineEvent } from "../types.ts";
import { fakeClock, type ScriptedRef, type ScriptedTurn, scripted } from "./index.ts";

const request = { model: "scripted", messages: [userMessage("Hi")], tools: [], sampling: {} };

function ask(
  ref: ScriptedRef,
  signal: AbortSignal = never,
): Promise<{ events: EngineEvent[]; error: unknown }> {
  return collect(ref.engine.chat!(request, signal));
}

test("a turn plays thinking, text and calls in pieces, counts and finishes", async () => {
  const turn: ScriptedTurn = {
    thinking: "hm",
    text: "abcdef",
    calls: [{ name: "add", args: { a: 1 } }],
    chunk: 4,
  };
  const { events } = await ask(scripted([turn]));
  assert.deepEqual(
    events.map((event) => ("text" in event ? event.text : event.type)),
    ["hm", "abcd", "ef", "call.start", '{"a"', ":1}", "call.end", "usage", "finish"],
  );
  assert.equal(summary(events).finish, "calls");
});

test("arguments as raw text come out unread where they are no object", async () => {
  const { events } = await ask(scripted([{ calls: [{ name: "add", raw: "{a" }] }]));
  assert.deepEqual(summary(events).calls, [{ name: "add", arguments: "{a" }]);
});

test("a script that runs out says so; or goes on with its last turn where asked to", async () => {
  const short = scripted([{ text: "one" }]);
  await ask(short);
  const { error } = await ask(short);
  assert.ok(error instanceof InternalError && /1 turns, and request 2/.test(error.message));
  const endless = scripted([{ text: "one" }], { last: "repeat" });
  await ask(endless);
  assert.equal(summary((await ask(endless)).events).text, "one");
});

test("a function sees the request and its number; requests are kept as they were", async () => {
  const ref = scripted((seen, n) => ({ text: `${n}:${seen.messages.length}` }));
  await ask(ref);
  assert.equal(summary((await ask(ref)).events).text, "1:1");
  assert.equal(ref.requests.length, 2);
  assert.notEqual(ref.requests[0]?.messages, request.messages);
});

for (const [cut, before] of [
  ["before", 0],
  ["answer", 1],
  ["call", 3],
  ["end", 5],
] as const) {
  test(`a cut ${cut} comes after ${before} events`, async () => {
    const { events, error } = await ask(
      scripted([{ text: "abcd", calls: [{ name: "add" }], chunk: 2, cut }]),
    );
    assert.ok(error instanceof StreamCutError);
    assert.equal(events.length, before);
  });
}

test("delays are slept on the clock given; a cancel ends them and a hang", async () => {
  const clock = fakeClock();
  const ref = scripted([{ text: "abcd", chunk: 2, delayMs: 100, gapMs: 10 }, { hang: true }], { clock });
  await ask(ref);
  assert.deepEqual(clock.sleeps, [100, 10, 10]);
  const control = new AbortController();
  const hanging = ask(ref, control.signal);
  setImmediate(() => control.abort());
  assert.ok((await hanging).error instanceof CancelledError);
});
