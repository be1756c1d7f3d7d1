import assert from "node:assert/strict";
import { test } from "node:test";
import { agent, memoryJournal, type RunEvent, systemMessage, text, userMessage } from "hearth";
import { scripted } from "hearth/testing";
import { completed, lastSession } from "./last.ts";

const HERE = "/home/ann/here";

test("the newest run of the workspace that has ended holds the conversation", async () => {
  const journal = memoryJournal();
  const helper = (workspace: string) =>
    agent({
      model: scripted([{ text: "Yes." }, { text: "No." }]),
      instructions: "Be brief.",
      journal,
      workspace,
    });
  const chat = helper(HERE).chat();
  await chat.run("First?");
  const second = await chat.run("Second?");
  await helper("/elsewhere").run("Third?");
  const found = await lastSession(journal, HERE);
  assert.equal(found?.runId, second.runId);
  assert.deepEqual(
    found?.messages.map(({ role }) => role),
    ["user", "assistant", "user", "assistant"],
  );
  assert.equal(await lastSession(journal, "/nowhere"), undefined);
});

test("a run without an end is named, and not gone on from", async () => {
  const journal = memoryJournal();
  const done = await agent({ model: scripted([{ text: "Yes." }]), journal, workspace: HERE }).run("First?");
  const started: RunEvent = {
    seq: 1,
    runId: "zzz",
    time: "2099-01-01T00:00:00.000Z",
    type: "run.started",
    task: "Died.",
    model: "m",
    engine: "e",
    tools: [],
    toolSchemas: [],
    settings: { workspace: HERE },
  };
  await journal.append(await journal.acquire("zzz", "somebody", 1000), 0, [started]);
  const found = await lastSession(journal, HERE);
  assert.equal(found?.runId, done.runId);
  assert.equal(found?.unfinished, "zzz");
});

test("calls without results and instructions are left out, and an answer stands at the end", () => {
  const call = { type: "call" as const, id: "1", name: "f", arguments: {} };
  assert.deepEqual(
    completed(
      [systemMessage("s"), userMessage("do it"), { role: "assistant", content: [call] }],
      "It waits for a word.",
    ),
    [userMessage("do it"), { role: "assistant", content: [text("It waits for a word.")] }],
  );
  assert.deepEqual(completed([], "x"), []);
});
