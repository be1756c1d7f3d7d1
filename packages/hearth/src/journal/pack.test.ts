import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EventBody, RunEvent } from "../protocol/index.ts";
import { pack, unpack } from "./pack.ts";

const body: fc.Arbitrary<EventBody> = fc.oneof(
  fc.record({ type: fc.constantFrom("text.delta" as const, "thinking.delta" as const), text: fc.string() }),
  fc.record({
    type: fc.constant("call.delta" as const),
    callId: fc.constantFrom("a", "b"),
    text: fc.string(),
  }),
  fc.record({ type: fc.constant("step.started" as const), step: fc.nat() }),
  fc.record({ type: fc.constant("call.running" as const), callId: fc.string() }),
);

test("what is packed comes out as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(body, fc.constantFrom("t1", "t2"))), fc.nat(), (list, first) => {
      const events: RunEvent[] = list.map(([one, time], i) => ({ seq: first + i, runId: "r", time, ...one }));
      assert.deepEqual(unpack(pack(events), "r"), events);
    }),
  );
});

test("a batch of the first schema, whole events, is read too", () => {
  const events: RunEvent[] = [{ seq: 1, runId: "r", time: "t", type: "text.delta", text: "x" }];
  assert.deepEqual(unpack(JSON.stringify(events), "r"), events);
});

test("two hundred pieces take a few bytes each", () => {
  const events: RunEvent[] = Array.from({ length: 200 }, (_, i) => ({
    ...{ seq: i + 1, runId: "run_0123456789", time: "2026-01-01T00:00:00.000Z" },
    ...{ type: "text.delta" as const, text: "word" },
  }));
  assert.ok(pack(events).length < 200 * 8 + 100);
});
