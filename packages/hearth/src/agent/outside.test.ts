/** What others may do to a run while it goes on: cancel, approve, say something, be asked, be a run themselves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { scripted } from "../engines/scripted/index.ts";
import { memoryJournal, type Signal } from "../journal/index.ts";
import { approvalHash } from "../policy/index.ts";
import { type RunEvent, textOf } from "../protocol/index.ts";
import { agent, asTool, type Run } from "./index.ts";

const sent: unknown[] = [];
const send = {
  name: "send",
  description: "Send",
  effect: "once" as const,
  parameters: {
    type: "object",
    properties: { to: { type: "string" } },
    required: ["to"],
    additionalProperties: false,
  },
  run: (args: Record<string, unknown>) => {
    sent.push(args["to"]);
    return `sent to ${args["to"]}`;
  },
};
const sends = (to: string) => ({ calls: [{ name: "send", args: { to } }] });
const of = <T extends RunEvent["type"]>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);

async function until<T extends RunEvent["type"]>(run: Run, type: T): Promise<Extract<RunEvent, { type: T }>> {
  for await (const event of run) if (event.type === type) return event as Extract<RunEvent, { type: T }>;
  throw new Error(`no ${type}`);
}
async function all(run: Run): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run) events.push(event);
  return events;
}

test("a cancel through the journal stops a step that goes on", async () => {
  const journal = memoryJournal();
  const run = agent({ model: scripted([{ hang: true }]), journal }).run("Go.");
  await until(run, "step.started");
  await journal.send(run.id, { kind: "cancel", by: "another process" });
  const { stopReason, error } = await run;
  assert.equal(stopReason, "cancelled");
  assert.match(error?.message ?? "", /another process/);
});

test("words through the journal stand before the next step; an answer just given takes a step more", async () => {
  const journal = memoryJournal();
  const model = scripted([{ text: "First answer.", delayMs: 30 }, { text: "Second answer." }]);
  const run = agent({ model, journal }).run("Go.");
  await until(run, "step.started");
  await journal.send(run.id, { kind: "steer", text: "In German.", by: "a person" });
  assert.equal((await run).text, "Second answer.");
  assert.equal(textOf(model.requests[1]!.messages.at(-1)!), "In German.");
});

/** A run that waits for the approval of `send to=x`, resumed after this signal. */
async function afterSignal(signal: (callId: string) => Signal, resumes = 1) {
  sent.length = 0;
  const journal = memoryJournal();
  const options = { tools: [send], journal, approve: "ask" as const };
  const first = await agent({ ...options, model: scripted([sends("x")]) }).run("Send.");
  const callId = first.pending![0]!.callId;
  let events: RunEvent[] = [];
  let stopReason = "";
  for (let i = 0; i < resumes; i++) {
    await journal.send(first.runId, signal(callId));
    const run = agent({ ...options, model: scripted([{ text: "Done." }]) }).resume(first.runId);
    events = await all(run);
    ({ stopReason } = await run);
  }
  return { stopReason, events };
}
const approval =
  (rest: Partial<Extract<Signal, { kind: "approval" }>>) =>
  (callId: string): Signal => ({
    kind: "approval",
    callId,
    decision: "approve",
    by: "a person",
    ...rest,
  });

test("an approval with the hash of what was shown counts", async () => {
  const { stopReason } = await afterSignal(approval({ hash: approvalHash("send", { to: "x" }) }));
  assert.equal(stopReason, "answer");
  assert.deepEqual(sent, ["x"]);
});

const refused: [name: string, signal: Partial<Extract<Signal, { kind: "approval" }>>, why: RegExp][] = [
  ["of something else", { hash: approvalHash("send", { to: "y" }) }, /not what was asked for/],
  ["with arguments that do not fit", { arguments: '{"too":"y"}' }, /do not fit/],
  ["with arguments that are no object", { arguments: "[1]" }, /no JSON object/],
  ["of a call nobody asked about", { callId: "call_99" }, /nobody was asked/],
];
for (const [name, rest, why] of refused) {
  test(`an approval ${name} does not count, and the run goes on waiting`, async () => {
    const { stopReason, events } = await afterSignal(approval(rest));
    assert.equal(stopReason, "waiting");
    assert.match(
      of(events, "notice")
        .map((event) => event.text)
        .join(),
      why,
    );
    assert.deepEqual(sent, []);
  });
}

test("an approval with edited arguments runs those, and says so", async () => {
  const { events } = await afterSignal(approval({ arguments: '{"to":"y"}' }));
  assert.deepEqual(sent, ["y"]);
  assert.match(of(events, "call.finished")[0]!.content, /edited arguments \{"to":"y"\}/);
});

test("an approval is good for one start: the same call again is asked for again", async () => {
  sent.length = 0;
  const journal = memoryJournal();
  const options = { tools: [send], journal, approve: "ask" as const };
  const first = await agent({ ...options, model: scripted([sends("x")]) }).run("Send.");
  await journal.send(first.runId, approval({})(first.pending![0]!.callId));
  const second = await agent({ ...options, model: scripted([sends("x")]) }).resume(first.runId);
  assert.equal(second.stopReason, "waiting");
  assert.deepEqual(sent, ["x"]);
  assert.notEqual(second.pending![0]!.callId, first.pending![0]!.callId);
});

test("somebody elsewhere may answer while a person here is asked", async () => {
  sent.length = 0;
  const journal = memoryJournal();
  const run = agent({
    model: scripted([sends("x"), { text: "Done." }]),
    tools: [send],
    journal,
    approve: () => new Promise(() => undefined),
  }).run("Send.");
  const { callId } = await until(run, "approval.requested");
  await journal.send(run.id, approval({})(callId));
  assert.equal((await run).text, "Done.");
  assert.deepEqual(sent, ["x"]);
});

test("a cancel ends the wait for a person who does not listen", async () => {
  const run = agent({
    model: scripted([sends("x")]),
    tools: [send],
    approve: () => new Promise(() => undefined),
  }).run("Send.");
  await until(run, "approval.requested");
  run.cancel();
  assert.equal((await run).stopReason, "cancelled");
});

test("a run that was resumed after its limit goes on instead of answering with what it had", async () => {
  const journal = memoryJournal();
  const look = { ...send, name: "look", effect: "none" as const };
  const looks = (to: string) => ({ calls: [{ name: "look", args: { to } }] });
  const first = await agent({
    model: scripted([looks("a"), { text: "Half." }]),
    tools: [look],
    journal,
    limits: { maxSteps: 2 },
  }).run("Look.");
  assert.equal(first.stopReason, "max_steps");
  const model = scripted([looks("b"), { text: "Whole." }]);
  const second = await agent({ model, tools: [look], journal, limits: { maxSteps: 4 } }).resume(first.runId);
  assert.equal(second.text, "Whole.");
  assert.match(textOf(model.requests[0]!.messages.at(-1)!), /Go on with the task/);
});

test("the user is asked where something is unclear; silence is told", async () => {
  const asked: string[] = [];
  const answers = ["Bergen", undefined];
  const model = scripted([
    { calls: [{ name: "ask_user", args: { question: "Which city?" } }] },
    { calls: [{ name: "ask_user", args: { question: "Which year?" } }] },
    { text: "Done." },
  ]);
  const run = agent({
    model,
    askUser: async (question) => {
      asked.push(question);
      return answers.shift();
    },
  }).run("Go.");
  const events = await all(run);
  assert.deepEqual(asked, ["Which city?", "Which year?"]);
  assert.deepEqual(
    of(events, "call.finished").map((event) => [event.ok, event.content.slice(0, 15)]),
    [
      [true, "Bergen"],
      [false, "Nobody answered"],
    ],
  );
});

test("a sub-agent has a budget of its own, and its hand-off is a failed result", async () => {
  const inner = agent({ model: scripted(() => sends("x")), tools: [{ ...send, effect: "none" }] });
  const helper = asTool(inner, { name: "mail", description: "Sends mail", limits: { maxSteps: 2 } });
  const model = scripted([
    { calls: [{ name: "mail", args: { task: "Write to all." } }] },
    { text: "It did not end." },
  ]);
  const events = await all(agent({ model, tools: [helper] }).run("Mail."));
  const [result] = of(events, "call.finished");
  assert.equal(result?.ok, false);
  assert.equal(result?.details?.["stopReason"], "max_steps");
  assert.match(result?.content ?? "", /Not finished/);
  assert.ok(of(events, "run.finished").length === 1);
});

test("a cancel reaches the sub-agent", async () => {
  const inner = agent({ model: scripted([{ hang: true }]) });
  const model = scripted([{ calls: [{ name: "sub", args: { task: "x" } }] }]);
  const run = agent({ model, tools: [asTool(inner, { name: "sub", description: "Sub" })] }).run("Go.");
  await until(run, "call.running");
  run.cancel();
  assert.equal((await run).stopReason, "cancelled");
});

test("of many tools a few are shown, the others can be found and called", async () => {
  const many = Array.from({ length: 30 }, (_, i) => ({
    ...send,
    name: `send_${i}`,
    description: `Send by channel ${i}`,
  }));
  const model = scripted([
    { calls: [{ name: "find_tools", args: { query: "channel 27" } }] },
    { calls: [{ name: "send_27", args: { to: "z" } }] },
    { text: "Done." },
  ]);
  sent.length = 0;
  const events = await all(agent({ model, tools: many, alwaysTools: ["send_29"] }).run("Send by channel 3."));
  const shown = model.requests[0]!.tools.map((tool) => tool.name);
  assert.equal(shown.length, 11);
  for (const name of ["send_3", "send_29", "find_tools", "read_result"])
    assert.ok(shown.includes(name), name);
  assert.match(of(events, "call.finished")[0]!.content, /"send_27"/);
  assert.deepEqual(sent, ["z"]);
  assert.deepEqual(model.requests[2]!.tools, model.requests[0]!.tools);
});
