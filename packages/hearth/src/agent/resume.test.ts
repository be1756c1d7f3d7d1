import assert from "node:assert/strict";
import { test } from "node:test";
import { scripted } from "../engines/scripted/index.ts";
import { memoryJournal } from "../journal/index.ts";
import { type Effect, JournalError, type RunEvent, UsageError } from "../protocol/index.ts";
import { type AgentOptions, agent } from "./index.ts";

const done: string[] = [];
const touch = (effect: Effect) => ({
  name: "touch",
  description: "Touch a thing",
  effect,
  parameters: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
  run: (args: Record<string, unknown>) => {
    done.push(String(args["name"]));
    return `touched ${args["name"]}`;
  },
});
const call = (name: string) => ({ name: "touch", args: { name } });
const script = [{ calls: [call("a")] }, { calls: [call("b")] }, { text: "Both are touched." }];

/** The log of a whole run, cut after its `length` first events: what a crash at that moment leaves behind. */
async function crashed(events: readonly RunEvent[], length: number) {
  const journal = memoryJournal();
  const lease = await journal.acquire(events[0]!.runId, "gone", 1);
  await journal.append(lease, 0, events.slice(0, length));
  await journal.release(lease);
  return journal;
}

async function logOf(options: Partial<AgentOptions> & Pick<AgentOptions, "model">): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of agent({ tools: [touch("once")], ...options }).run("Touch a and b."))
    events.push(event);
  return events;
}

test("a crash after any event: no finished call is repeated, no `once` call runs twice, the run ends with its answer", async () => {
  const whole = await logOf({ model: scripted(script) });
  assert.equal(whole.at(-1)?.type, "run.finished");
  for (let length = 1; length < whole.length; length++) {
    const before = whole.slice(0, length);
    const started = before.filter((event) => event.type === "call.running").length;
    const answers = before.filter((event) => event.type === "step.finished").length;
    const half =
      before.some((event) => event.type === "call.ready") &&
      answers < before.filter((e) => e.type === "call.ready").length;
    done.length = 0;
    const model = scripted(script.slice(answers + (half ? 1 : 0)));
    const journal = await crashed(whole, length);
    const outcome = await agent({ model, tools: [touch("once")], journal }).resume(whole[0]!.runId);
    assert.equal(outcome.stopReason, "answer", `after ${before.at(-1)?.type} (${length})`);
    assert.equal(done.length + started, 2, `after ${before.at(-1)?.type} (${length}): ran ${done} again`);
    const seqs = (await journal.read(whole[0]!.runId)).map((event) => event.seq);
    assert.deepEqual(
      seqs,
      seqs.map((_, i) => i + 1),
    );
  }
});

test("a call in flight that may be repeated is repeated", async () => {
  const whole = await logOf({ model: scripted(script), tools: [touch("idempotent")] });
  const journal = await crashed(whole, whole.findIndex((event) => event.type === "call.running") + 1);
  done.length = 0;
  await agent({ model: scripted(script.slice(1)), tools: [touch("idempotent")], journal }).resume(
    whole[0]!.runId,
  );
  assert.deepEqual(done, ["a", "b"]);
});

test("a `once` call in flight: with `ask` and nobody there the run waits, and goes on when somebody decides", async () => {
  const whole = await logOf({ model: scripted(script) });
  const { runId } = whole[0]!;
  const journal = await crashed(whole, whole.findIndex((event) => event.type === "call.running") + 1);
  const policy = () => ({ verdict: "allow" }) as const;
  done.length = 0;
  const helper = () =>
    agent({ model: scripted(script.slice(1)), tools: [touch("once")], journal, approve: "ask", policy });
  const waiting = await helper().resume(runId);
  assert.equal(waiting.stopReason, "waiting");
  assert.equal(waiting.pending?.[0]?.name, "touch");
  assert.deepEqual(done, []);
  const { callId } = waiting.pending![0]!;
  await journal.send(runId, { kind: "approval", callId, decision: "approve", by: "a person" });
  const outcome = await helper().resume(runId);
  assert.equal(outcome.stopReason, "answer");
  assert.deepEqual(done, ["a", "b"]);
});

test("a call that needs asking waits, holding nothing, and is run once it is approved", async () => {
  const journal = memoryJournal();
  done.length = 0;
  const first = await agent({ model: scripted(script), tools: [touch("once")], journal, approve: "ask" }).run(
    "Touch.",
  );
  assert.equal(first.stopReason, "waiting");
  const { callId } = first.pending![0]!;
  await journal.send(first.runId, { kind: "approval", callId, decision: "refuse", by: "a person" });
  const outcome = await agent({
    model: scripted([{ text: "Then not." }]),
    tools: [touch("once")],
    journal,
    approve: "ask",
  }).resume(first.runId);
  assert.equal(outcome.text, "Then not.");
  assert.deepEqual(done, []);
});

test("a run that has its answer is not resumed, nor one that is not there", async () => {
  const journal = memoryJournal();
  const helper = agent({ model: scripted([{ text: "Yes." }]), journal });
  const { runId } = await helper.run("?");
  await assert.rejects(async () => helper.resume(runId), UsageError);
  await assert.rejects(async () => helper.resume("run_nobody"), JournalError);
});

test("interrupted again before its next step began, a run counts its steps as before", async () => {
  const whole = await logOf({ model: scripted(script) });
  const { runId, time } = whole[0]!;
  const at = whole.findIndex((event) => event.type === "step.started" && event.step === 2) + 1;
  const before = whole.slice(0, at);
  const again = (seq: number): RunEvent[] => [
    { seq, runId, time, type: "run.resumed" },
    { seq: seq + 1, runId, time, type: "step.discarded", fromSeq: at, why: "the run was interrupted" },
  ];
  const journal = await crashed([...before, ...again(at + 1), ...again(at + 3)], at + 4);
  const model = scripted(script.slice(1));
  await agent({ model, tools: [touch("none")], journal }).resume(runId);
  const steps = (await journal.read(runId)).flatMap((event) =>
    event.type === "step.finished" ? [event.step] : [],
  );
  assert.deepEqual(steps, [1, 2, 3]);
});
