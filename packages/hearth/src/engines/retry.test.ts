import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CapabilityError,
  ContextExceededError,
  EngineBusyError,
  EngineFailedError,
  EngineTimeoutError,
  EngineUnreachableError,
  ModelNotFoundError,
  StreamCutError,
} from "../protocol/index.ts";
import { systemClock } from "./clock.ts";
import { type RetryPolicy, retryDecision } from "./retry.ts";
import { fakeClock } from "./scripted/index.ts";

const cut = new StreamCutError("cut");
const busy = (retryAfterMs: number): EngineBusyError => new EngineBusyError("busy", { retryAfterMs });

const cases: [
  name: string,
  error: unknown,
  attempt: number,
  policy: Partial<RetryPolicy>,
  waitMs: number | undefined,
][] = [
  ["the first failure waits 1 s", cut, 1, {}, 1000],
  ["the second 2 s", cut, 2, {}, 2000],
  ["the third ends it", cut, 3, {}, undefined],
  ["more attempts double the wait", cut, 4, { attempts: 9 }, 8000],
  ["up to 10 s", cut, 8, { attempts: 9 }, 10_000],
  ["one attempt in all means none again", cut, 1, { attempts: 1 }, undefined],
  ["an engine that is not there", new EngineUnreachableError("x"), 1, {}, 1000],
  ["memory short while loading", new EngineFailedError("x"), 1, {}, 1000],
  ["Retry-After counts", busy(2500), 1, {}, 2500],
  ["also where it is shorter than ours", busy(0), 1, {}, 0],
  ["one that asks for an hour is not asked again", busy(3_600_000), 1, {}, undefined],
  ["jitter widens the wait at most by its share", cut, 1, { jitter: 0.5, random: () => 1 }, 1500],
  ["and shortens it", cut, 1, { jitter: 0.5, random: () => 0 }, 500],
  ["no such model", new ModelNotFoundError("x"), 1, {}, undefined],
  ["no such ability", new CapabilityError("x"), 1, {}, undefined],
  ["prompt too long", new ContextExceededError("x"), 1, {}, undefined],
  ["silent for too long", new EngineTimeoutError("x"), 1, {}, undefined],
  ["a fault of ours", new TypeError("x"), 1, {}, undefined],
  ["no error at all", "x", 1, {}, undefined],
];

for (const [name, error, attempt, policy, waitMs] of cases) {
  test(`retry: ${name}`, () => {
    assert.deepEqual(retryDecision(error, attempt, policy), waitMs === undefined ? undefined : { waitMs });
  });
}

test("the waits of eight attempts are 1, 2, 4, 8, 10, 10, 10 s", () => {
  const waits = Array.from({ length: 8 }, (_, i) => retryDecision(cut, i + 1, { attempts: 8 })?.waitMs);
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, undefined]);
});

test("a sleep on the system's clock ends with the signal's reason", async () => {
  const control = new AbortController();
  const sleeping = systemClock.sleep(60_000, control.signal);
  const reason = new Error("stop");
  control.abort(reason);
  await assert.rejects(sleeping, reason);
  await assert.rejects(systemClock.sleep(1, control.signal), reason);
  const before = systemClock.now();
  await systemClock.sleep(2);
  assert.ok(systemClock.now() >= before);
});

test("a fake clock jumps over sleeps, or moves by hand and wakes in order", async () => {
  const jumping = fakeClock({ startMs: 0 });
  await jumping.sleep(5000);
  assert.deepEqual([jumping.now(), jumping.sleeps], [5000, [5000]]);

  const clock = fakeClock({ startMs: 0, jump: false });
  const woken: string[] = [];
  const sleep = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms);
    woken.push(`${name} at ${clock.now()}`);
    if (name === "b") await sleep("b again", 5);
  };
  const all = Promise.all([sleep("a", 30), sleep("b", 10)]);
  const control = new AbortController();
  const cancelled = clock.sleep(20, control.signal);
  control.abort(new Error("stop"));
  await assert.rejects(cancelled, /stop/);
  await clock.advance(29);
  assert.deepEqual(woken, ["b at 10", "b again at 15"]);
  await clock.advance(1);
  await all;
  assert.equal(woken.at(-1), "a at 30");
});
