import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { type Answer, ownPlace, SILENT_MS, type Value } from "../postgres/index.ts";
import type { FlowState } from "./flow.ts";
import * as rows from "./rows.ts";
import { Supervisor } from "./supervisor.ts";

const NAMES = new Map(Object.entries(rows).map(([name, text]) => [text, name]));

interface Scene {
  /** Rows that each statement answers with, by its name. */
  answers?: Record<string, Record<string, unknown>[]>;
  flows?: Record<string, FlowState>;
  /** Whether this worker's row is there. */
  known?: boolean;
  fails?: boolean;
}

function stage({ answers = {}, flows = {}, known = true, fails = false }: Scene) {
  const done: string[] = [];
  const claims: (readonly Value[])[] = [];
  const warnings: string[] = [];
  const clock = { now: 0 };
  const supervisor = new Supervisor({
    journal: {
      async query(_what, text, values = []): Promise<Answer> {
        if (fails) throw new Error("the database is away");
        const name = NAMES.get(text) ?? "?";
        if (name === "CLAIM") claims.push(values);
        if (["LEAVE", "LEFT_ALONE", "RENAME_FLOW"].includes(name)) done.push(`${name} ${values.join(" ")}`);
        const found = answers[name] ?? [];
        return {
          rows: found,
          count: name === "BEAT" && !known ? 0 : Math.max(1, found.length),
          again: false,
        };
      },
    },
    flow: {
      stateOf: async (flowId) => flows[flowId] ?? "none",
      takeOver: async (flowIds) => void done.push(`take over ${flowIds.join(" ")}`),
      enqueue: async (runId, flowId) => void done.push(`enqueue ${runId} ${flowId}`),
      sweep: async () => 0,
    },
    id: "me",
    pool: "p",
    join: async () => void done.push("join"),
    warn: (text) => warnings.push(text),
    now: () => clock.now,
  });
  return { supervisor, done, claims, warnings, clock };
}

const claimed = (runId: string, flowId: string) => ({
  run_id: runId,
  workflow_id: flowId,
  last_seq: 7,
  claims: 2,
});

test("a run nobody drives is taken over, left in line, or given a new drive, as its flow stands", async () => {
  const flows: Record<string, FlowState> = { a: "given", b: "given", c: "queued", d: "over", "e/3": "over" };
  const { supervisor, done } = stage({
    answers: {
      CLAIM: [
        claimed("a", "a"),
        claimed("b", "b"),
        claimed("c", "c"),
        claimed("d", "d"),
        claimed("e", "e/3"),
        claimed("f", "f"),
      ],
    },
    flows,
  });
  await supervisor.look();
  assert.deepEqual(done, [
    "RENAME_FLOW d d/7.2",
    "enqueue d d/7.2",
    "RENAME_FLOW e e/7.2",
    "enqueue e e/7.2",
    "RENAME_FLOW f f",
    "enqueue f f",
    "LEFT_ALONE c",
    "take over a b",
  ]);
});

test("silence of others counts only for who has been steady itself", async () => {
  const { supervisor, claims, clock } = stage({});
  const counts = async (atMs: number): Promise<Value | undefined> => {
    clock.now = atMs;
    await supervisor.look();
    return claims.at(-1)?.[1];
  };
  assert.equal(await counts(0), false);
  assert.equal(await counts(3000), false);
  assert.equal(await counts(6000), false);
  assert.equal(await counts(SILENT_MS + 500), true);
  // It was frozen, or the database was away: the others may have been here all the time.
  assert.equal(await counts(60_000), false);
  assert.equal(await counts(63_000), false);
});

test("a neighbour whose process is dead is gone at once, one that lives is not", async () => {
  const dead = `${hostname()}/${2 ** 22 + 1}/1/1`;
  const { supervisor, done } = stage({
    answers: {
      NEIGHBOURS: [
        { id: "dead", owner: dead },
        { id: "elsewhere", owner: "another-machine/1/1/1" },
      ],
    },
  });
  await supervisor.look();
  assert.deepEqual(done, ["LEAVE dead"]);
  assert.notEqual(ownPlace(), "");
});

test("who was taken for gone enters the list again; who leaves takes nothing over any more", async () => {
  const { supervisor, done, claims } = stage({ known: false });
  supervisor.leave();
  await supervisor.look();
  assert.deepEqual(done, ["join"]);
  assert.deepEqual(claims, []);
});

test("a database that is away is told once, not at each look", async () => {
  const { supervisor, warnings } = stage({ fails: true });
  await supervisor.look();
  await supervisor.look();
  assert.deepEqual(warnings, ["Workers: the database is away"]);
});
