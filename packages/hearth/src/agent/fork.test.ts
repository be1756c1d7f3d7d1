import assert from "node:assert/strict";
import { test } from "node:test";
import { scripted } from "../engines/scripted/index.ts";
import { memoryJournal } from "../journal/index.ts";
import { type RunEvent, UsageError } from "../protocol/index.ts";
import { agent, forkRun, replayRun } from "./index.ts";

const done: number[] = [];
const look = {
  name: "look",
  description: "Look",
  effect: "none" as const,
  parameters: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
  run: (args: Record<string, unknown>) => {
    done.push(Number(args["n"]));
    return `saw ${args["n"]} ${"x".repeat(7000)}`;
  },
};
const call = (n: number) => ({ text: `Step ${n}.`, calls: [{ name: "look", args: { n } }] });

async function recorded() {
  const journal = memoryJournal();
  const model = scripted([
    call(1),
    call(2),
    { calls: [{ name: "look", args: { m: 1 } }] },
    call(3),
    { text: "done" },
  ]);
  const run = agent({ model, tools: [look], journal, instructions: "Be brief." }).run("Look.");
  const events: RunEvent[] = [];
  for await (const event of run) events.push(event);
  return { journal, events, runId: run.id };
}

test("a fork at any event goes on from the last whole step before it, and the old run stays as it is", async () => {
  const { journal, events, runId } = await recorded();
  for (let at = 1; at <= events.length; at++) {
    const id = await forkRun(journal, runId, at);
    const copied = await journal.read(id);
    assert.deepEqual(
      copied.map((event) => event.seq),
      copied.map((_, i) => i + 1),
    );
    const steps = copied.filter((event) => event.type === "step.finished").length;
    assert.ok(copied.length <= at && steps <= 4, `${at}: ${copied.length} events, ${steps} steps`);
    done.length = 0;
    const { text, messages } = await agent({
      model: scripted([{ text: "another end" }]),
      tools: [look],
      journal,
    }).resume(id);
    assert.equal(text, "another end", `at ${at}`);
    assert.equal(messages.filter((message) => message.role === "assistant").length, steps + 1);
    assert.deepEqual(done, []);
  }
  assert.deepEqual(await journal.read(runId), events);
});

test("a fork has the results that were kept outside the prompt", async () => {
  const { journal, events, runId } = await recorded();
  const id = await forkRun(journal, runId, events.length);
  for (const artifact of await journal.listArtifacts(runId))
    assert.equal(await journal.getArtifact(id, artifact), await journal.getArtifact(runId, artifact));
  assert.ok((await journal.listArtifacts(id)).length > 0);
  const first = (await journal.read(id))[0];
  assert.equal(
    JSON.stringify(first?.type === "run.started" && first.settings["forkedFrom"]).includes(runId),
    true,
  );
});

test("before the first event there is nothing to begin from", async () => {
  const { journal, runId } = await recorded();
  await assert.rejects(forkRun(journal, runId, 0), UsageError);
});

test("a replay comes out the same, and does nothing to the world", async () => {
  const { journal, runId } = await recorded();
  done.length = 0;
  const { outcome, differences } = await replayRun(journal, runId);
  assert.deepEqual(differences, []);
  assert.equal(outcome.text, "done");
  assert.deepEqual(done, []);
});

test("a replay under other limits tells what would have come out", async () => {
  const { journal, runId } = await recorded();
  const { outcome, differences } = await replayRun(journal, runId, { limits: { maxSteps: 2 } });
  assert.equal(outcome.stopReason, "max_steps");
  assert.ok(differences.length > 0);
});
