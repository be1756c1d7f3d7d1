import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CancelledError, type ChatRequest, type Engine, type EngineEvent, type ModelInfo } from "hearth";
import { fakeClock } from "hearth/testing";
import {
  type Asker,
  DeadlineError,
  QueueFullError,
  Scheduler,
  type SchedulerMeter,
  WaitTimeoutError,
} from "./index.ts";

const me: Asker = { tenant: "t", priority: "normal" };
const NEVER = new AbortController().signal;

/** An engine whose answers a test ends by hand. */
function engineOf(more: Partial<Engine> = {}) {
  const asked: string[] = [];
  const ends: (() => void)[] = [];
  const info: ModelInfo[] = [{ name: "a" }, { name: "b" }];
  const engine: Engine = {
    id: "fake",
    address: "here",
    models: async () => info,
    describe: async (name) => ({ name }),
    async *chat({ model }: ChatRequest, signal: AbortSignal): AsyncGenerator<EngineEvent> {
      asked.push(model);
      yield { type: "text", text: model };
      await new Promise<void>((resolve, reject) => {
        ends.push(resolve);
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
      yield { type: "finish", reason: "stop" };
    },
    close: async () => undefined,
    ...more,
  };
  return { engine, asked, end: () => ends.shift()?.(), info };
}

const request = (model: string): ChatRequest => ({ model, messages: [], tools: [], sampling: {} });

/** Lets everything that can run, run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** All events of a call as they come, and how it ended. */
function follow(engine: Engine, model: string, signal = NEVER) {
  const events: EngineEvent[] = [];
  const done = (async () => {
    for await (const event of engine.chat!(request(model), signal)) events.push(event);
  })();
  done.catch(() => undefined);
  return { events, done };
}

function start(limits: object = {}, engine = engineOf(), meter?: SchedulerMeter) {
  const clock = fakeClock({ jump: false });
  const scheduler = new Scheduler({ limits, clock, meter });
  const admit = (asker: Partial<Asker> = {}, run = false) =>
    scheduler.admit(engine.engine, { ...me, ...asker }, { run });
  return { ...engine, clock, scheduler, admit };
}

test("a call that need not wait says nothing of it; one that waits tells its place whenever that changes", async () => {
  const { admit, end, clock } = start();
  const first = follow(admit().engine, "a");
  await turn();
  const second = follow(admit().engine, "a");
  const third = follow(admit().engine, "a");
  await turn();
  assert.deepEqual(first.events, [{ type: "text", text: "a" }]);
  assert.deepEqual(third.events, [{ type: "wait", for: "queue", boundMs: 600_000, position: 2 }]);
  end();
  await turn();
  await clock.advance(250);
  assert.deepEqual(third.events.at(-1), { type: "wait", for: "queue", boundMs: 599_750, position: 1 });
  assert.deepEqual(
    second.events.map(({ type }) => type),
    ["wait", "wait.end", "text"],
  );
  end();
  await turn();
  end();
  await Promise.all([first.done, second.done, third.done]);
  assert.deepEqual(third.events.at(-1), { type: "finish", reason: "stop" });
});

describe("leaving", () => {
  test("a cancelled call is out of line at once, also while nobody reads, and never reaches the engine", async () => {
    const { admit, asked, scheduler } = start();
    const first = follow(admit().engine, "a");
    await turn();
    const leave = new AbortController();
    const answer = admit().engine.chat!(request("a"), leave.signal)[Symbol.asyncIterator]();
    await answer.next();
    assert.equal(scheduler.state().waiting, 1);
    leave.abort(new CancelledError("gone"));
    assert.equal(scheduler.state().waiting, 0);
    await assert.rejects(answer.next(), CancelledError);
    assert.deepEqual(asked, ["a"]);
    assert.equal(first.events.length, 1);
  });

  test("a reader that stops gives its turn to the next", async () => {
    const { admit, asked } = start();
    const answer = admit().engine.chat!(request("a"), NEVER)[Symbol.asyncIterator]();
    await answer.next();
    follow(admit().engine, "a");
    await turn();
    assert.deepEqual(asked, ["a"]);
    await answer.return?.();
    await turn();
    assert.deepEqual(asked, ["a", "a"]);
  });

  test("who was let in and has left makes room for others; leaving twice is leaving once", async () => {
    const { admit } = start({ maxQueue: 0 });
    const first = admit();
    assert.throws(() => admit(), QueueFullError);
    first.release();
    first.release();
    const second = admit();
    assert.throws(() => admit(), QueueFullError);
    second.release();
  });
});

describe("bounds", () => {
  test("what has not begun in time is turned away with the time to come back", async () => {
    const { admit, clock } = start({ queueTimeoutMs: 5000 });
    follow(admit().engine, "a");
    await turn();
    const late = follow(admit().engine, "a");
    await turn();
    await clock.advance(5000);
    await assert.rejects(
      late.done,
      (error) => error instanceof WaitTimeoutError && (error.retryAfterMs ?? 0) >= 1000 && !error.transient,
    );
  });

  test("a deadline that is nearer counts, and is told as the bound of the wait", async () => {
    const { admit, clock } = start();
    follow(admit().engine, "a");
    await turn();
    const late = follow(admit({ deadlineMs: 2000 }).engine, "a");
    await turn();
    assert.deepEqual(late.events, [{ type: "wait", for: "queue", boundMs: 2000, position: 1 }]);
    await clock.advance(2000);
    await assert.rejects(late.done, DeadlineError);
  });
});

test("embedding waits for its turn like every call", async () => {
  const vectors = engineOf({ embed: async () => [[1]] });
  const { admit, end } = start({}, vectors);
  const first = follow(admit().engine, "a");
  await turn();
  let vector: number[][] | undefined;
  const made = admit().engine.embed!("b", ["x"]).then((value) => {
    vector = value;
  });
  await turn();
  assert.equal(vector, undefined);
  end();
  await Promise.all([first.done, made]);
  assert.deepEqual(vector, [[1]]);
});

test("a server that has one model answers with it to any name: no name changes the model", async () => {
  const one = engineOf({ models: async () => [{ name: "only" }] });
  const { admit, scheduler } = start({ parallel: 2 }, one);
  const probe = admit();
  await turn();
  probe.release();
  follow(admit().engine, "gpt-4");
  follow(admit().engine, "whatever");
  await turn();
  assert.deepEqual(one.asked, ["gpt-4", "whatever"]);
  assert.deepEqual([...scheduler.hostOf(one.engine).state.residents.keys()], ["only"]);
});

test("engines at one address share a line, those at others do not", async () => {
  const { admit, scheduler, asked } = start();
  const same = engineOf();
  const other = engineOf({ address: "there" });
  follow(admit().engine, "a");
  await turn();
  follow(scheduler.admit(same.engine, me, { run: false }).engine, "a");
  follow(scheduler.admit(other.engine, me, { run: false }).engine, "a");
  await turn();
  assert.deepEqual([asked, same.asked, other.asked], [["a"], [], ["a"]]);
  assert.deepEqual(scheduler.state(), { waiting: 1, running: 2, loaded: 2, capacity: 64, slots: 2 });
});

test("while nobody waits, the model of a run is loaded again, with the window that it was asked with", async () => {
  const loads: [string, number | undefined][] = [];
  const able = engineOf({
    load: async (model, contextTokens) => {
      loads.push([model, contextTokens]);
    },
  });
  const told: string[] = [];
  const meter: SchedulerMeter = {
    granted: (model) => told.push(`granted ${model}`),
    refused: (model, why) => told.push(`refused ${model} ${why}`),
    swapped: (to) => told.push(`swapped ${to}`),
    loaded: (model) => told.push(`loaded ${model}`),
    evicted: (model) => told.push(`evicted ${model}`),
  };
  const { admit, end, clock } = start({}, able, meter);
  const run = admit({}, true);
  const first = (async () => {
    for await (const _ of run.engine.chat!({ ...request("a"), contextTokens: 4096 }, NEVER));
  })();
  await turn();
  end();
  await first;
  await clock.advance(1000);
  const question = admit();
  const second = follow(question.engine, "b");
  await turn();
  end();
  await second.done;
  await turn();
  assert.deepEqual(loads, [["a", 4096]]);
  assert.deepEqual(told, [
    "granted a",
    "loaded a",
    "evicted a",
    "granted b",
    "swapped b",
    "loaded b",
    "evicted b",
    "loaded a",
  ]);
  run.release();
});
