/** Two services that share a database, as their clients see them. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { RunEvent } from "hearth";
import type { PostgresJournal } from "../../src/postgres/index.ts";
import { skip as noPostgres } from "../postgres/cluster.ts";
import { makeWorld, settled, type Worker, type World } from "../takeover/world.ts";
import { end, skip } from "./support.ts";

describe("two services of one journal", { skip: skip || noPostgres }, () => {
  let world: World;
  let one: Worker;
  let other: Worker;
  before(async () => {
    world = await makeWorld("postgres", { args: ["--parallel", "2", "--approve", "ask"] });
    one = await world.launch();
    other = await world.launch();
  });
  after(() => world?.[Symbol.asyncDispose]());

  const view = async ({ url }: Worker, runId: string): Promise<Record<string, unknown>> =>
    (await fetch(`${url}/agent/runs/${runId}`)).json() as Promise<Record<string, unknown>>;
  const post = ({ url, token }: Worker, path: string, body: object = {}) =>
    fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  const eventually = async (holds: () => Promise<boolean>): Promise<void> => {
    for (const until = Date.now() + 20_000; !(await holds()); ) {
      assert.ok(Date.now() < until, "it did not come about");
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  };
  const is = (worker: Worker, runId: string, status: string) => async () =>
    (await view(worker, runId))["status"] === status;

  test("what one drives is seen at the other: as running, event by event, and cancelled at once", async () => {
    const { runId } = await world.begin(one, "Tell a story");
    await eventually(is(other, runId, "running"));
    const reply = await fetch(`${other.url}/agent/runs/${runId}/events`);
    const seqs: number[] = [];
    let last: RunEvent | undefined;
    let rest = "";
    let cancelledMs = 0;
    for await (const chunk of reply.body!.pipeThrough(new TextDecoderStream())) {
      const frames = (rest + chunk).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        const data = /^data: (.*)$/m.exec(frame)?.[1];
        if (data === undefined) continue;
        last = JSON.parse(data) as RunEvent;
        seqs.push(last.seq);
      }
      if (seqs.length > 20 && cancelledMs === 0) {
        cancelledMs = Date.now();
        assert.equal((await post(other, `/agent/runs/${runId}/cancel`)).status, 202);
      }
    }
    assert.equal(last?.type === "run.finished" && last.stopReason, "cancelled");
    assert.deepEqual(
      seqs,
      seqs.map((_, i) => i + 1),
    );
  });

  test("a call waits at one, is approved at the other, which goes on with the run", async () => {
    const { runId } = await world.begin(one);
    for (;;) {
      await eventually(async () => !(await is(other, runId, "running")()));
      const { status, approvals } = await view(other, runId);
      if (status === "finished") break;
      const [call] = approvals as { callId: string }[];
      const given = await post(other, `/agent/runs/${runId}/approvals/${call?.callId}`, {
        decision: "approve",
      });
      assert.equal(given.status, 202);
    }
    assert.equal((await view(one, runId))["stopReason"], "answer");
    assert.equal(new Set(world.paid()).size, world.paid().length);
  });

  test("two that resume the same run at once drive it once", async () => {
    const { runId } = await world.begin(one);
    await eventually(is(one, runId, "waiting"));
    const before = world.asked.length;
    await Promise.all(
      [one, other].map((worker) => post(worker, `/agent/runs/${runId}/resume`, { background: true })),
    );
    await eventually(is(one, runId, "waiting"));
    const log = await world.journal.read(runId);
    assert.equal(log.filter(({ type }) => type === "run.resumed").length, 1);
    assert.equal(world.asked.length, before);
  });

  test("what one has no room for, the other does; whoever waits for it waits there", async () => {
    const replies = Array.from({ length: 5 }, () =>
      post(one, "/agent", { input: "Tell a story of client-900." }).then((reply) => reply.json()),
    );
    const outcomes = (await Promise.all(replies)) as { stopReason: string; text: string; runId: string }[];
    assert.ok(outcomes.every(({ stopReason, text }) => stopReason === "answer" && text.startsWith("word")));
    const { journal } = world;
    if (!("database" in journal)) assert.fail("this takes a database");
    const drove =
      "SELECT count(DISTINCT executor_id) AS n FROM hearth_flow.workflow_status WHERE workflow_uuid = ANY($1)";
    const ids = outcomes.map(({ runId }) => runId);
    const { rows } = await (journal as PostgresJournal).query("read", drove, [ids]);
    assert.equal(Number(rows[0]?.["n"]), 2);
  });

  test("the emergency stop at one stops what the other drives", async () => {
    const { runId } = await world.begin(other, "Tell a story");
    const stopped = await (await post(one, "/agent/stop")).json();
    assert.deepEqual(stopped, { stopped: 1 });
    await eventually(is(one, runId, "finished"));
    assert.equal((await view(one, runId))["stopReason"], "cancelled");
    await post(one, "/agent/stop", { lift: true });
  });

  test("a conversation goes on wherever it is asked", async () => {
    const ask = async (worker: Worker) =>
      (await (await post(worker, "/agent", { input: "Greet client-901.", session: "desk" })).json()) as {
        text: string;
      };
    const said = [(await ask(one)).text, (await ask(other)).text, (await ask(one)).text];
    const counts = said.map((text) => Number(/\d+/.exec(text)?.[0]));
    assert.deepEqual(
      counts.map((count, i) => count - counts[0]! - 2 * i),
      [0, 0, 0],
    );
  });

  test("a service that is told to end hands its runs on", async () => {
    const third = await world.launch();
    const { runId } = await world.begin(third, "Tell a story");
    await eventually(async () => (await world.journal.read(runId)).length > 20);
    await end(third.child, "SIGINT");
    assert.deepEqual(await settled(world.journal, [runId], 20_000), []);
    const log = await world.journal.read(runId);
    assert.equal(log.filter(({ type }) => type === "run.resumed").length, 1);
    const last = log.at(-1);
    assert.equal(last?.type === "run.finished" && last.stopReason, "answer");
  });
});
