import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Limits, Priority, State } from "../../src/scheduler/index.ts";
import { hearth } from "./policies.ts";
import { type Job, type Machine, simulate } from "./world.ts";

const limits: fc.Arbitrary<Limits> = fc.record({
  parallel: fc.integer({ min: 1, max: 4 }),
  maxLoaded: fc.integer({ min: 1, max: 3 }),
  maxQueue: fc.integer({ min: 0, max: 40 }),
  maxWaitMs: fc.integer({ min: 0, max: 60_000 }),
  lingerMs: fc.constantFrom(0, 1000, 5000),
  queueTimeoutMs: fc.constantFrom(20_000, 1e9),
  canLoad: fc.constant(false),
});

const call = fc.record({
  answerMs: fc.integer({ min: 0, max: 8000 }),
  toolMs: fc.integer({ min: 0, max: 3000 }),
});

const jobs: fc.Arbitrary<Job[]> = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 60_000 }),
      tenant: fc.constantFrom("a", "b", "c"),
      priority: fc.constantFrom<Priority>("high", "normal", "low"),
      model: fc.constantFrom("A", "B", "C", "D"),
      calls: fc.array(call, { minLength: 1, maxLength: 5 }),
      patienceMs: fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined }),
    }),
    { maxLength: 60 },
  )
  .map((rows) =>
    rows.map(({ patienceMs, ...row }, id) => ({
      ...row,
      id,
      ...(patienceMs === undefined ? {} : { cancelAt: row.at + patienceMs }),
    })),
  );

const machineFor = ({ parallel, maxLoaded }: Limits, loadMs: number): Machine => ({
  parallel,
  maxLoaded,
  loadMs,
  coldMs: 100,
  warmMs: 10,
});

const loadMs = fc.integer({ min: 0, max: 20_000 });

test("caps hold, nothing active or loading is put out, nobody waits for ever or longer than anybody may", () => {
  fc.assert(
    fc.property(jobs, limits, loadMs, fc.boolean(), (work, given, load, keyed) => {
      const places = given.parallel * given.maxLoaded + given.maxQueue;
      const outcome = simulate(
        work,
        machineFor(given, load),
        hearth(given, keyed, (state) => assert.ok(state.sessions.size <= places)),
      );
      assert.equal(outcome.overCap, 0);
      assert.equal(outcome.evictedActive, 0);
      for (const { waitMs } of outcome.served) assert.ok(waitMs <= given.queueTimeoutMs + load);
      const asked = work.reduce((sum, { calls }) => sum + calls.length, 0);
      assert.ok(outcome.served.length + outcome.refused + outcome.cancelled <= asked + outcome.cancelled);
      const cancels = work.some(({ cancelAt }) => cancelAt !== undefined);
      // Whoever was let in and neither left nor was turned away has all its answers.
      if (!cancels && outcome.refused === 0) assert.equal(outcome.served.length, asked);
    }),
    { numRuns: 300 },
  );
});

/** Nothing that can be done at once is left undone. */
function conserving(state: State, now: number, { parallel, maxLoaded }: Limits): void {
  const active = (model: string): number =>
    [...state.running.values()].filter(({ request }) => request.model === model).length;
  const kept = [...state.sessions.values()].filter(({ holdUntil }) => holdUntil > now);
  for (const request of state.waiting) {
    const resident = state.residents.get(request.model);
    if (resident === undefined) {
      assert.ok(state.residents.size >= maxLoaded, `${request.model} could be loaded`);
      continue;
    }
    if (resident.phase === "loading" || state.turn?.from === request.model) continue;
    const ofOwn = kept.some(({ tenant, model }) => tenant === request.tenant && model === request.model);
    assert.ok(active(request.model) >= parallel || ofOwn, `a slot of ${request.model} is left free`);
  }
  const loading = [...state.residents.values()].some(({ phase }) => phase === "loading");
  if (state.running.size === 0 && !loading && kept.length === 0) assert.equal(state.waiting.length, 0);
}

test("no slot and no room for a model is left free while somebody could use it", () => {
  fc.assert(
    fc.property(jobs, limits, loadMs, (work, given, load) => {
      const watch = (state: State, now: number): void => conserving(state, now, given);
      simulate(work, machineFor(given, load), hearth(given, false, watch));
    }),
    { numRuns: 300 },
  );
});

test("beside a model that never has a pause, others are there within the bound, one load and the longest call", () => {
  const scene = fc.record({
    load: fc.integer({ min: 500, max: 15_000 }),
    parallel: fc.integer({ min: 1, max: 4 }),
    others: fc.integer({ min: 1, max: 3 }),
    answers: fc.array(fc.integer({ min: 200, max: 8000 }), { minLength: 20, maxLength: 20 }),
    lingerMs: fc.constantFrom(0, 1000),
  });
  fc.assert(
    fc.property(scene, ({ load, parallel, others, answers, lingerMs }) => {
      const longest = Math.max(...answers) + 100;
      // Long enough for all of them to be loaded once, to keep the GPU for their least time, and to give it back.
      const maxWaitMs = (others + 2) * (3 * load + longest);
      const answer = (n: number): number => answers[n % answers.length] ?? 200;
      const work: Job[] = [];
      const add = (at: number, model: string, answerMs: number): void => {
        const base = { id: work.length, at, tenant: "t", priority: "normal" as const, model };
        work.push({ ...base, calls: [{ answerMs, toolMs: 0 }] });
      };
      const spanMs = 4 * maxWaitMs;
      const every = Math.max(50, longest / parallel / 2);
      for (let at = 0, n = 0; at < spanMs && n < 300; at += every, n++) add(Math.round(at), "A", answer(n));
      for (let i = 0; i < others; i++)
        for (let at = 1000 * i; at < spanMs / 2; at += 1.5 * maxWaitMs)
          add(Math.round(at), `B${i}`, answer(i + Math.round(at)));
      const given: Limits = {
        parallel,
        maxLoaded: 1,
        maxQueue: 1e6,
        maxWaitMs,
        lingerMs,
        queueTimeoutMs: 1e9,
        canLoad: false,
      };
      const outcome = simulate(work, machineFor(given, load), hearth(given));
      for (const { job, waitMs } of outcome.served)
        if (job.model !== "A")
          assert.ok(
            waitMs <= maxWaitMs + load + outcome.longestCallMs,
            `${job.model} waited ${waitMs} of ${maxWaitMs} + ${load} + ${outcome.longestCallMs}`,
          );
    }),
    { numRuns: 40 },
  );
});
