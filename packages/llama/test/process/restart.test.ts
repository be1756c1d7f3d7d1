import assert from "node:assert/strict";
import { agent, type RunEvent, type Tool } from "hearth";
import { POCKET } from "../../src/index.ts";
import { type Fixture, withModel } from "../with-model.ts";

/** A folder whose contents no model could guess. */
function listing(onRun: () => void): Tool {
  return {
    name: "list_files",
    description: "List the files and folders in one folder, with file sizes.",
    parameters: {
      type: "object",
      properties: { path: { type: "string", description: "The folder.", default: "." } },
      additionalProperties: false,
    },
    effect: "none",
    run() {
      onRun();
      return { content: "reports/ has 0 folders and 2 files:\nwalrus.csv  12 B\notter.csv  14 B" };
    },
  };
}

/** One run whose engine process is ended by `kill -9` once, at the first event that `at` names. */
async function runAndKill({ engine }: Fixture, at: (event: RunEvent) => boolean) {
  let ran = 0;
  let killed: number | undefined;
  const run = agent({
    model: { engine, model: POCKET },
    tools: [listing(() => ran++)],
    artifacts: false,
  }).run("List the files in the folder reports");
  const events: RunEvent[] = [];
  for await (const event of run) {
    events.push(event);
    if (killed === undefined && engine.pid !== undefined && at(event)) {
      killed = engine.pid;
      process.kill(killed, "SIGKILL");
    }
  }
  return { outcome: await run, events, killed, ran };
}

const count = (events: readonly RunEvent[], type: RunEvent["type"]): number =>
  events.filter((event) => event.type === type).length;

withModel("kill -9 of the engine's process in mid-answer: the run finishes", async (fixture) => {
  const { outcome, events, killed, ran } = await runAndKill(
    fixture,
    ({ type }) => type === "call.started" || type === "text.delta",
  );
  assert.equal(outcome.stopReason, "answer");
  assert.match(outcome.text, /walrus\.csv/);
  assert.equal(count(events, "engine.retried"), 1);
  assert.equal(count(events, "step.discarded"), 1, "what the dead process had written is voided, not kept");
  assert.equal(ran, 1, "the tool ran once");
  assert.notEqual(fixture.engine.pid, killed);
});

withModel("kill -9 while a tool runs: the next step takes a new process", async (fixture) => {
  const { outcome, killed, ran } = await runAndKill(fixture, ({ type }) => type === "call.running");
  assert.notEqual(killed, undefined);
  assert.deepEqual([outcome.stopReason, ran], ["answer", 1]);
  assert.match(outcome.text, /walrus\.csv/);
});

withModel("kill -9 before the first token: the run finishes", async (fixture) => {
  const { outcome, killed, ran } = await runAndKill(fixture, ({ type }) => type === "wait.started");
  assert.notEqual(killed, undefined);
  assert.deepEqual([outcome.stopReason, ran], ["answer", 1]);
});
