import assert from "node:assert/strict";
import { test } from "node:test";
import { promptChars } from "../context/index.ts";
import { scripted } from "../engines/scripted/index.ts";
import type { ChatRequest } from "../engines/types.ts";
import { callsOf, type RunEvent } from "../protocol/index.ts";
import { agent } from "./index.ts";

const read = {
  name: "read",
  description: "Read a part",
  effect: "none" as const,
  parameters: {
    type: "object",
    properties: { n: { type: "integer" }, path: { type: "string" } },
    required: ["n"],
  },
  run: (args: Record<string, unknown>) => `part ${args["n"]}: ${"x".repeat(2000)}`,
};
const WINDOW = 8192;
const info = { maxContextTokens: WINDOW, loadedContextTokens: WINDOW };

async function longRun(steps: number, compaction: "default" | "rolling" | "summary" | "topic") {
  const requests: ChatRequest[] = [];
  const model = scripted(
    (request) => {
      requests.push(request);
      const last = request.messages.at(-1);
      if (last?.role === "user" && /about to be shortened/.test(JSON.stringify(last)))
        return { text: "Facts: part 1 was read." };
      const n = request.messages.filter((message) => message.role === "assistant").length;
      return requests.length > steps
        ? { text: "done" }
        : { calls: [{ name: "read", args: { n: requests.length, path: `f${n}.txt` } }] };
    },
    { info },
  );
  const events: RunEvent[] = [];
  const run = agent({ model, tools: [read], compaction, limits: { maxSteps: 100 } }).run(
    "Read all parts. Never write to f0.txt.",
  );
  for await (const event of run) events.push(event);
  return { requests, events, outcome: await run };
}

for (const compaction of ["default", "rolling", "summary", "topic"] as const) {
  test(`a run that outgrows its window goes on under ${compaction}: every request fits and no result is an orphan`, async () => {
    const { requests, events, outcome } = await longRun(38, compaction);
    assert.equal(outcome.stopReason, "answer");
    assert.ok(events.some((event) => event.type === "context.compacted"));
    for (const request of requests) {
      assert.ok(promptChars(request.messages, request.tools) / 4 < WINDOW);
      const known = new Set(
        request.messages.flatMap((m) => (m.role === "assistant" ? callsOf(m).map((c) => c.id) : [])),
      );
      for (const message of request.messages)
        if (message.role === "tool") assert.ok(known.has(message.callId));
      assert.match(JSON.stringify(request.messages), /Never write to f0\.txt/);
    }
  });
}

test("compaction is rare, and between two of them each request begins with the one before it", async () => {
  const { requests, events } = await longRun(38, "default");
  const compactions = events.filter((event) => event.type === "context.compacted").length;
  let breaks = 0;
  for (let i = 1; i < requests.length; i++) {
    const before = JSON.stringify(requests[i - 1]!.messages).slice(0, -1);
    if (!JSON.stringify(requests[i]!.messages).startsWith(before)) breaks++;
  }
  assert.ok(breaks <= compactions * 2, `${breaks} breaks for ${compactions} compactions`);
  assert.ok(compactions < 12, `${compactions} compactions`);
});

test("an engine that cuts the prompt in silence is found out, and its answer is not trusted", async () => {
  const long = "word ".repeat(4000);
  const model = scripted(
    [{ text: "made up", usage: { input: 2050, output: 3 } }, { text: "never reached" }],
    { info: { maxContextTokens: 16_384, loadedContextTokens: 16_384 } },
  );
  const events: RunEvent[] = [];
  const run = agent({ model }).run(long);
  for await (const event of run) events.push(event);
  const outcome = await run;
  assert.equal(events.find((event) => event.type === "context.truncated")?.type, "context.truncated");
  assert.notEqual(outcome.text, "made up");
  assert.equal(outcome.stopReason, "context");
});
