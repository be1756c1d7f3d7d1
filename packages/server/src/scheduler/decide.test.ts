import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMITS, Table } from "../../test/queue/table.ts";
import { type Priority, places } from "./index.ts";

describe("one model", () => {
  test("the first loads it alone; the others of its slots begin when it is there", () => {
    const table = new Table({ parallel: 3 });
    for (const id of [1, 2, 3, 4]) table.comes(id, "A");
    assert.deepEqual(table.news(), ["load 1:A"]);
    table.take({ type: "loaded", model: "A" });
    assert.deepEqual(table.news(), ["2:A", "3:A"]);
    table.take({ type: "end", id: 2, ok: true });
    assert.deepEqual(table.news(), ["4:A"]);
  });

  test("a load that fails is tried by the next", () => {
    const table = new Table();
    table.comes(1, "A");
    table.comes(2, "A");
    table.take({ type: "end", id: 1, ok: false });
    assert.deepEqual(table.news(), ["load 1:A", "load 2:A"]);
  });

  test("who leaves the line makes room, who leaves the engine too", () => {
    const table = new Table();
    for (const id of [1, 2, 3]) table.comes(id, "A");
    table.take({ type: "loaded", model: "A" });
    table.take({ type: "drop", id: 2 });
    assert.deepEqual(
      places(table.state, 0, LIMITS).map(({ request }) => request.id),
      [3],
    );
    table.take({ type: "end", id: 1, ok: false });
    assert.deepEqual(table.news(), ["load 1:A", "3:A"]);
  });

  test("with whoever leaves go its calls", () => {
    const table = new Table({ parallel: 2 });
    table.comes(1, "A");
    table.take({ type: "loaded", model: "A" });
    table.ask(1, "A", {}, 11);
    table.ask(1, "A", {}, 12);
    table.comes(2, "A");
    table.take({ type: "close", session: 1 });
    assert.deepEqual(table.news(), ["load 1:A", "11:A", "2:A"]);
    assert.deepEqual([...table.state.running.keys()], [2]);
    assert.deepEqual(table.state.waiting, []);
  });

  test("within a tenant: high before normal before low, then who came first", () => {
    const table = new Table();
    const priorities: Priority[] = ["normal", "low", "normal", "high"];
    for (const [i, priority] of priorities.entries()) table.comes(i + 1, "A", { priority });
    for (const id of [1, 4, 3, 2]) table.take({ type: "end", id, ok: true });
    assert.deepEqual(table.news(), ["load 1:A", "4:A", "3:A", "2:A"]);
  });

  test("what has waited long goes before what is urgent", () => {
    const table = new Table();
    table.comes(1, "A");
    table.comes(2, "A", { priority: "low" });
    table.now = 30_000;
    table.comes(3, "A", { priority: "high" });
    table.take({ type: "end", id: 1, ok: true });
    assert.deepEqual(table.news(), ["load 1:A", "2:A"]);
  });

  test("low ones let other tenants go first", () => {
    const table = new Table();
    table.comes(1, "A");
    table.comes(2, "A", { tenant: "a", priority: "low" });
    table.comes(3, "A", { tenant: "b" });
    table.comes(4, "A", { tenant: "b" });
    for (const id of [1, 3, 4]) table.take({ type: "end", id, ok: true });
    assert.deepEqual(table.news(), ["load 1:A", "3:A", "4:A", "2:A"]);
  });
});

describe("fairness between tenants", () => {
  test("who sends much gets as much GPU time as who sends little, not as many calls", () => {
    const table = new Table();
    const tookMs: Record<string, number> = { long: 6000, short: 2000 };
    const got: Record<string, number> = { long: 0, short: 0 };
    for (let id = 1; id <= 60; id++) table.comes(id, "A", { tenant: id % 2 === 0 ? "long" : "short" });
    table.take({ type: "loaded", model: "A" });
    for (let i = 0; i < 30; i++) {
      const [running] = table.state.running.values();
      assert.ok(running);
      const { id, tenant } = running.request;
      table.now += tookMs[tenant] ?? 0;
      got[tenant] = (got[tenant] ?? 0) + (tookMs[tenant] ?? 0);
      table.take({ type: "end", id, ok: true });
    }
    const share = (got["long"] ?? 0) / (got["short"] ?? 1);
    assert.ok(share > 0.7 && share < 1.4, `shares ${JSON.stringify(got)}`);
  });

  test("a newcomer is next, however many others wait", () => {
    const table = new Table();
    for (let id = 1; id <= 20; id++) table.comes(id, "A", { tenant: "heavy" });
    table.take({ type: "loaded", model: "A" });
    table.comes(21, "A", { tenant: "light" });
    table.now = 3000;
    table.take({ type: "end", id: 1, ok: true });
    assert.deepEqual(table.news(), ["load 1:A", "21:A"]);
  });

  test("a tenant that had next to nothing has the models changed at once; another waits its time", () => {
    for (const [before, expected] of [
      ["light", ["evict A", "load 99:B"]],
      ["heavy", []],
    ] as const) {
      const table = new Table({ parallel: 1 });
      for (let id = 1; id <= 40; id++) table.comes(id, "A", { tenant: "heavy" });
      table.take({ type: "loaded", model: "A" });
      for (let id = 1; id <= 20; id++) {
        table.now += 3000;
        const [running] = table.state.running.values();
        table.take({ type: "end", id: running?.request.id ?? 0, ok: true });
      }
      table.comes(99, "B", { tenant: before });
      table.news();
      table.now += 3000;
      const [running] = table.state.running.values();
      table.take({ type: "end", id: running?.request.id ?? 0, ok: true });
      assert.deepEqual(
        table.news().filter((line) => line.includes("B") || line.startsWith("evict")),
        expected,
      );
    }
  });
});

describe("several models", () => {
  test("one model's line is served before the models change: ABAB becomes AABB", () => {
    const table = new Table();
    for (const [id, model] of [
      [1, "A"],
      [2, "B"],
      [3, "A"],
      [4, "B"],
    ] as const)
      table.comes(id, model);
    for (const id of [1, 3, 2, 4]) {
      table.now += 1000;
      table.take({ type: "end", id, ok: true });
    }
    assert.deepEqual(table.news(), ["load 1:A", "3:A", "evict A", "load 2:B", "4:B"]);
  });

  test("a model with calls, or one that loads, is never put out", () => {
    const table = new Table({ parallel: 2, maxWaitMs: 0 });
    table.comes(1, "A");
    table.comes(2, "B");
    table.now = 500_000;
    table.take({ type: "tick" });
    assert.deepEqual(table.news(), ["load 1:A"]);
    table.take({ type: "loaded", model: "A" });
    table.now = 550_000;
    table.take({ type: "tick" });
    assert.deepEqual(table.news(), []);
    table.take({ type: "end", id: 1, ok: true });
    assert.deepEqual(table.news(), ["evict A", "load 2:B"]);
  });

  test("once another model is due, the one that is there takes nothing new", () => {
    const table = new Table({ parallel: 2 });
    table.comes(1, "A");
    table.take({ type: "loaded", model: "A" });
    table.comes(2, "B");
    table.comes(3, "A");
    table.news();
    table.now = 58_000;
    table.take({ type: "tick" });
    table.comes(4, "A");
    table.take({ type: "end", id: 1, ok: true });
    assert.deepEqual(table.news(), []);
    table.take({ type: "end", id: 3, ok: true });
    assert.deepEqual(table.news(), ["evict A", "load 2:B"]);
  });

  test("with room for two, both stay; the one not used for longest gives way to a third", () => {
    const table = new Table({ maxLoaded: 2 });
    table.comes(1, "A");
    table.comes(2, "B");
    table.take({ type: "end", id: 2, ok: true });
    table.now = 1;
    table.take({ type: "end", id: 1, ok: true });
    table.comes(3, "C");
    assert.deepEqual(table.news(), ["load 1:A", "load 2:B", "evict B", "load 3:C"]);
  });

  test("the scheduler wakes by itself when somebody is due", () => {
    const table = new Table();
    table.comes(1, "A");
    table.take({ type: "loaded", model: "A" });
    table.comes(2, "B");
    assert.ok(table.wakeAt !== undefined && table.wakeAt <= 60_000);
    for (let i = 0; i < 20 && table.state.turn === undefined; i++) {
      assert.ok(table.wakeAt !== undefined && table.wakeAt > table.now);
      table.now = table.wakeAt;
      table.take({ type: "tick" });
    }
    assert.deepEqual(table.state.turn, { from: "A", to: "B" });
  });

  test("what the engine says is in memory is believed while nothing runs", () => {
    const table = new Table();
    table.take({ type: "seen", models: ["B"] });
    table.comes(1, "B");
    assert.deepEqual(table.news(), ["1:B"]);
    table.take({ type: "seen", models: ["C"] });
    assert.deepEqual([...table.state.residents.keys()], ["B"]);
  });
});

describe("runs between two calls", () => {
  const waiting = (lingerMs: number): Table => {
    const table = new Table({ lingerMs });
    table.comes(1, "A", { run: true });
    table.take({ type: "loaded", model: "A" });
    table.comes(2, "B");
    table.comes(3, "A");
    table.news();
    table.now = 2000;
    table.take({ type: "end", id: 1, ok: true });
    return table;
  };

  test("its slot is kept for a moment, and its next call goes first", () => {
    const table = waiting(1000);
    assert.deepEqual(table.news(), []);
    assert.equal(table.wakeAt, 3000);
    table.now = 2900;
    table.ask(1, "A", {}, 10);
    assert.deepEqual(table.news(), ["10:A"]);
  });

  test("a run that takes longer holds nothing: others of the model go on, then the other model", () => {
    const table = waiting(1000);
    table.now = 3000;
    table.take({ type: "tick" });
    assert.deepEqual(table.news(), ["3:A"]);
    table.take({ type: "end", id: 3, ok: true });
    assert.deepEqual(table.news(), ["evict A", "load 2:B"]);
  });

  test("a run that is over holds nothing", () => {
    const table = waiting(1000);
    table.take({ type: "close", session: 1 });
    assert.deepEqual(table.news(), ["3:A"]);
  });

  test("no place is kept from another tenant, nor from what is urgent", () => {
    for (const who of [{ tenant: "other" }, { priority: "high" }] as const) {
      const table = waiting(1000);
      table.comes(9, "A", who);
      assert.deepEqual(table.news(), ["9:A"]);
    }
  });

  test("while nobody waits, the model that a run will ask is brought back", () => {
    const table = new Table({ canLoad: true });
    table.comes(1, "A", { run: true });
    table.take({ type: "end", id: 1, ok: true });
    table.comes(2, "B");
    table.now = 1000;
    table.take({ type: "tick" });
    table.take({ type: "loaded", model: "B" });
    table.news();
    table.take({ type: "end", id: 2, ok: true });
    assert.deepEqual(table.news(), ["evict B", "ahead A"]);
    table.take({ type: "loaded", model: "A" });
    table.ask(1, "A", {}, 10);
    assert.deepEqual(table.news(), ["10:A"]);
  });
});

describe("who is let in", () => {
  test("as many as can be answered and may wait; the next one hears when to come back", () => {
    const table = new Table({ parallel: 2, maxQueue: 3 });
    for (let id = 1; id <= 5; id++) assert.deepEqual(table.open(id), []);
    const [refused] = table.open(6);
    assert.ok(refused?.type === "refuse" && refused.retryAfterMs >= 1000);
    table.take({ type: "close", session: 2 });
    assert.deepEqual(table.open(7), []);
  });

  test("a key may have half of all places; who finds none because of others is told so", () => {
    const table = new Table({ parallel: 1, maxQueue: 3 });
    const reasonFor = (id: number, tenant: string): string | undefined => {
      const [first] = table.open(id, "A", { tenant, keyed: true });
      return first?.type === "refuse" ? first.reason : undefined;
    };
    assert.deepEqual(
      [reasonFor(1, "a"), reasonFor(2, "a"), reasonFor(3, "a")],
      [undefined, undefined, "share"],
    );
    assert.deepEqual(
      [reasonFor(4, "b"), reasonFor(5, "b"), reasonFor(6, "c")],
      [undefined, undefined, "full"],
    );
  });

  test("who waits as long as anybody may is turned away", () => {
    const table = new Table({ queueTimeoutMs: 5000 });
    table.comes(1, "A");
    table.comes(2, "A");
    assert.equal(table.wakeAt, 5000);
    table.now = 5000;
    table.take({ type: "tick" });
    assert.deepEqual(table.news(), ["load 1:A", "expire 2"]);
  });
});

test("places and estimates follow the order in which the line will be served", () => {
  const table = new Table();
  table.comes(1, "A");
  table.take({ type: "loaded", model: "A" });
  table.now = 4000;
  table.take({ type: "end", id: 1, ok: true });
  table.comes(2, "A", { tenant: "a" });
  table.comes(3, "B", { tenant: "b" });
  table.comes(4, "A", { tenant: "a" });
  table.comes(5, "A", { tenant: "c" });
  const line = places(table.state, table.now, LIMITS);
  assert.deepEqual(
    line.map(({ request, position }) => [position, request.id]),
    [
      [1, 5],
      [2, 4],
      [3, 3],
    ],
  );
  // Half a call that goes on, then whole ones of four seconds; a load comes before the other model's.
  assert.deepEqual(
    line.map(({ estimateMs }) => estimateMs),
    [2000, 6000, 18_000],
  );
});

test("a decision leaves the state that it was made from as it was", () => {
  const table = new Table();
  table.comes(1, "A");
  const before = structuredClone(table.state);
  const kept = table.state;
  table.take({ type: "loaded", model: "A" });
  table.comes(2, "B");
  table.take({ type: "end", id: 1, ok: true });
  assert.deepEqual(kept, before);
});
