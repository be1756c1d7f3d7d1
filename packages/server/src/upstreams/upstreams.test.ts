import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  type ChatRequest,
  type Engine,
  type EngineEvent,
  EngineRefusedError,
  EngineUnreachableError,
  type ModelInfo,
  StreamCutError,
  userMessage,
} from "hearth";
import { fakeClock } from "hearth/testing";
import { Scheduler } from "../scheduler/index.ts";
import {
  type BreakerState,
  began,
  type Candidate,
  EnginePausedError,
  failed,
  HEALTH_EVERY_MS,
  mayAsk,
  type UpstreamOptions,
  Upstreams,
  undecided,
  WELL,
  waysTo,
} from "./index.ts";

const info = (name: string, ...capabilities: string[]): ModelInfo => ({ name, capabilities });

test("three failures in a row stop the asking, for 5 s and then ever longer; one trial at a time", () => {
  let state: BreakerState = WELL;
  for (let i = 0; i < 2; i++) state = failed(state, 0);
  assert.equal(mayAsk(state, 0), "yes");
  state = failed(state, 0);
  assert.equal(mayAsk(state, 4999), "no");
  assert.equal(mayAsk(state, 5000), "trial");
  state = began(state);
  assert.equal(mayAsk(state, 5000), "no", "a second trial");
  assert.equal(mayAsk(undecided(state), 5000), "trial", "whoever tried went away");
  for (const pauseMs of [10_000, 20_000, 40_000, 60_000, 60_000]) {
    state = failed(began(state), 0);
    assert.equal(state.pausedUntilMs, pauseMs);
  }
});

test("a model is looked for by name, by engine and name, by ability; the well before the others", () => {
  const candidates: Candidate[] = [
    { name: "desk", isWell: true, models: [info("small:latest", "tools"), info("shared")] },
    { name: "gpu", isWell: false, models: [info("big", "tools"), info("shared"), info("eye", "vision")] },
    { name: "spare", isWell: true, models: [info("shared"), info("gpu/odd", "embedding")] },
  ];
  const cases: [asked: string, ways: string[], standIns?: string[]][] = [
    ["small", ["desk small"]],
    ["big", ["gpu big"]],
    ["shared", ["desk shared", "spare shared", "gpu shared"]],
    ["gpu/shared", ["gpu shared"]],
    ["gpu/odd", ["gpu odd"]],
    ["spare/gpu/odd", ["spare gpu/odd"]],
    ["auto", ["desk small:latest", "gpu big"]],
    ["auto:vision", ["gpu eye"]],
    ["auto:embedding", ["spare gpu/odd"]],
    ["nobody", ["desk nobody"]],
    [
      "big",
      ["gpu big", "desk small", "desk shared", "spare shared", "gpu shared"],
      ["small", "shared", "big"],
    ],
  ];
  for (const [asked, ways, standIns = []] of cases) {
    const found = waysTo(asked, candidates, standIns).map(({ engine, model }) => `${engine} ${model}`);
    assert.deepEqual(found, ways, asked);
  }
});

test("a name that nobody is known to have goes to the first, and to whom never said what it has", () => {
  const candidates: Candidate[] = [
    { name: "a", isWell: true, models: [info("x")] },
    { name: "b", isWell: true, models: undefined },
    { name: "c", isWell: true, models: [] },
  ];
  assert.deepEqual(
    waysTo("y", candidates, []).map(({ engine }) => engine),
    ["a", "b"],
  );
});

/** An engine that answers with its name, or fails as told. */
class Fake implements Engine {
  readonly id = "fake";
  readonly address: string;
  readonly asked: string[] = [];
  readonly names: string[];
  failure: Error | undefined;
  failsAfter = 0;
  lists = 0;

  constructor(name: string, names: string[]) {
    this.address = `http://${name}`;
    this.names = names;
  }

  async models(): Promise<ModelInfo[]> {
    this.lists++;
    if (this.failure instanceof EngineUnreachableError) throw this.failure;
    return this.names.map((name) => info(name, "tools"));
  }

  async describe(name: string): Promise<ModelInfo> {
    if (this.failure !== undefined) throw this.failure;
    return info(name, "tools");
  }

  async *chat({ model }: ChatRequest): AsyncGenerator<EngineEvent> {
    this.asked.push(model);
    if (this.failure !== undefined && this.failsAfter === 0) throw this.failure;
    yield { type: "text", text: `${model} at ${this.address}` };
    if (this.failure !== undefined) throw this.failure;
    yield { type: "finish", reason: "stop" };
  }

  async close(): Promise<void> {}
}

const gone = (): Error => new EngineUnreachableError("nothing listens");

function engines(t: TestContext, options: Omit<UpstreamOptions, "engines"> = {}) {
  const clock = fakeClock({ jump: false });
  const desk = new Fake("desk", ["small", "shared"]);
  const gpu = new Fake("gpu", ["big", "shared"]);
  const changes: string[] = [];
  const all = new Upstreams({
    engines: [
      { name: "desk", engine: desk },
      { name: "gpu", engine: gpu },
    ],
    clock,
    changed: (name, failure) => changes.push(`${name} ${failure === undefined ? "well" : "left alone"}`),
    ...options,
  });
  t.after(() => all.close());
  return { all, desk, gpu, clock, changes };
}

async function ask(engine: Engine, model: string): Promise<string> {
  const request = { model, messages: [userMessage("?")], tools: [], sampling: {} };
  let text = "";
  for await (const event of engine.chat!(request, new AbortController().signal))
    if (event.type === "text") text += event.text;
  return text;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("each question goes to the engine that has the model; what two have is named with its engine", async (t) => {
  const { all } = engines(t);
  assert.deepEqual(
    (await all.models()).map(({ name }) => name),
    ["small", "shared", "big", "gpu/shared"],
  );
  assert.equal(await ask(all, "big"), "big at http://gpu");
  assert.equal(await ask(all, "shared"), "shared at http://desk");
  assert.equal(await ask(all, "gpu/shared"), "shared at http://gpu");
  assert.equal((await all.describe("gpu/shared")).name, "gpu/shared");
  assert.equal(all.partFor("big").address, "http://gpu");
});

test("an engine that is gone gives way to another with the model, then to a model that stands in", async (t) => {
  const { all, desk, gpu } = engines(t, { fallback: ["small"] });
  await all.models();
  desk.failure = gone();
  assert.equal(await ask(all, "shared"), "shared at http://gpu");
  desk.failure = undefined;
  gpu.failure = gone();
  assert.equal(await ask(all, "big"), "small at http://desk");
});

test("after three failures it is not asked any more, and whoever asks knows at once; the next look makes it well", async (t) => {
  const { all, gpu, clock, changes } = engines(t);
  await all.models();
  gpu.failure = gone();
  for (let i = 0; i < 3; i++) await assert.rejects(ask(all, "big"), EngineUnreachableError);
  assert.deepEqual(changes, ["gpu left alone"]);
  const before = gpu.asked.length;
  await assert.rejects(ask(all, "big"), (error) => {
    assert.ok(error instanceof EngineUnreachableError);
    assert.ok(error.cause instanceof EnginePausedError);
    return true;
  });
  assert.equal(gpu.asked.length, before);
  assert.deepEqual(
    all.health().map(({ name, ok }) => [name, ok]),
    [
      ["desk", true],
      ["gpu", false],
    ],
  );
  assert.deepEqual(
    (await all.models()).map(({ name }) => name),
    ["small", "shared"],
  );
  gpu.failure = undefined;
  await settled();
  await clock.advance(HEALTH_EVERY_MS);
  await settled();
  assert.deepEqual(changes, ["gpu left alone", "gpu well"]);
  assert.equal(await ask(all, "big"), "big at http://gpu");
});

test("what an engine refuses is no sickness; a cut answer is, and is not begun again elsewhere", async (t) => {
  const { all, desk, changes } = engines(t);
  await all.models();
  desk.failure = new EngineRefusedError("bad request");
  for (let i = 0; i < 5; i++) await assert.rejects(ask(all, "small"), EngineRefusedError);
  assert.deepEqual(changes, []);
  desk.failure = new StreamCutError("cut");
  desk.failsAfter = 1;
  await assert.rejects(ask(all, "shared"), StreamCutError);
  assert.equal(desk.asked.filter((name) => name === "shared").length, 1);
});

test("each engine has a line of its own", async (t) => {
  const { all } = engines(t);
  await all.models();
  const scheduler = new Scheduler({ limits: { maxQueue: 0 } });
  const asker = { tenant: "local", keyed: false, priority: "normal" } as const;
  const first = scheduler.admit(all, asker, { run: false, model: "small" });
  const second = scheduler.admit(all, asker, { run: false, model: "big" });
  assert.deepEqual(
    scheduler.hosts().map(({ engine }) => engine.address),
    ["http://desk", "http://gpu"],
  );
  first.release();
  second.release();
});
