/** The taint rule in the loop: what was read decides what may be done, and nothing that happens to a run makes it forget. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ScriptedTurn, scripted } from "../engines/scripted/index.ts";
import { memoryJournal } from "../journal/index.ts";
import type { AuditedCall } from "../policy/index.ts";
import type { RunEvent, Taint, Tool, ToolContext } from "../protocol/index.ts";
import { agent, asTool, forkRun } from "./index.ts";
import type { AgentOptions } from "./options.ts";

const sent: string[] = [];
const toolOf = (name: string, rest: Partial<Tool>, run: Tool["run"] = () => `${name} says`): Tool => ({
  name,
  description: name,
  parameters: { type: "object", properties: { to: { type: "string" } }, additionalProperties: false },
  run,
  ...rest,
});
const page = toolOf("page", { effect: "none", source: "untrusted", reads: "public", egress: false });
const file = toolOf("file", { effect: "none", source: "trusted", reads: "private", egress: false });
const mail = toolOf("mail", { effect: "none", source: "untrusted", reads: "private", egress: false });
const send = toolOf("send", {}, ({ to }) => {
  sent.push(String(to));
  return "sent";
});
const post = toolOf("post", { reads: "public" }, () => {
  sent.push("posted");
  return "posted";
});
const tools = [page, file, mail, send, post];
const calls = (...names: string[]): ScriptedTurn => ({
  calls: names.map((name) => ({ name, ...(name === "send" ? { args: { to: "x" } } : {}) })),
});
const DONE: ScriptedTurn = { text: "Done." };

async function play(turns: ScriptedTurn[], options: Partial<AgentOptions> = {}) {
  sent.length = 0;
  const run = agent({ model: scripted(turns), tools, ...options }).run("Go.");
  const events: RunEvent[] = [];
  for await (const event of run) events.push(event);
  return { events, outcome: await run, sent: sent.length };
}

const cases: [turns: ScriptedTurn[], sent: number][] = [
  [[calls("send"), DONE], 1],
  // It may read what is private itself, and send it.
  [[calls("page"), calls("send"), DONE], 0],
  [[calls("page"), calls("post"), DONE], 1],
  [[calls("page"), calls("file"), calls("post"), DONE], 0],
  [[calls("file"), calls("send"), DONE], 1],
  [[calls("page"), calls("file"), calls("send"), DONE], 0],
  [[calls("file"), calls("page"), calls("send"), DONE], 0],
  [[calls("mail"), calls("send"), DONE], 0],
  // Its results were not in the prompt from which the call was made.
  [[calls("mail", "send"), DONE], 1],
  [[calls("mail", "send"), calls("send"), DONE], 1],
];
for (const [turns, expected] of cases) {
  const names = turns.flatMap((turn) => turn.calls?.map(({ name }) => name).join("+") ?? []).join(", ");
  test(`${names}: ${expected} sent by itself`, async () => {
    for (const approve of ["auto"] as const) assert.equal((await play(turns, { approve })).sent, expected);
  });
}

test("a refusal says what was read, that only a person may let it run, and stands in the log", async () => {
  const { events, outcome } = await play([calls("mail"), calls("send"), DONE]);
  const refused = events.find((event) => event.type === "call.finished" && event.name === "send");
  assert.ok(refused?.type === "call.finished" && !refused.ok);
  assert.match(refused.content, /mail brought private text of unknown origin.*Only a person/s);
  const given = events.find((event) => event.type === "approval.given");
  assert.ok(given?.type === "approval.given" && given.by === "taint rule");
  assert.deepEqual(outcome.taint, { untrusted: "mail", private: "mail" });
});

test("a person's word for the call lets it run, and for this call only", async () => {
  const asked: string[] = [];
  const { sent } = await play([calls("mail"), calls("send"), calls("send"), DONE], {
    approve: async ({ why, hash }) => {
      asked.push(hash);
      assert.match(why, /mail brought/);
      return { decision: asked.length === 1 ? "approve" : "refuse", by: "ann" };
    },
  });
  assert.equal(sent, 1);
  assert.equal(asked.length, 2);
});

test("a rule of the program that names the tool goes before it, one for everything does not", async () => {
  const turns = [calls("mail"), calls("send"), DONE];
  assert.equal((await play(turns, { rules: { send: "allow" } })).sent, 1);
  assert.equal((await play(turns, { rules: { "*": "allow" } })).sent, 0);
  assert.equal((await play(turns, { policy: () => ({ verdict: "allow" }) })).sent, 0);
});

test("with nobody there the run waits; it goes on tainted with whoever resumes it", async () => {
  const journal = memoryJournal();
  const { outcome } = await play([calls("mail"), calls("send")], { approve: "ask", journal });
  assert.equal(outcome.stopReason, "waiting");
  // `auto` is no answer to what a person was asked.
  const resumed = await agent({ model: scripted([DONE]), tools, journal, approve: "auto" }).resume(
    outcome.runId,
  );
  assert.equal(sent.length, 0);
  assert.deepEqual(resumed.taint, { untrusted: "mail", private: "mail" });
});

test("an approval from another process counts as a person's", async () => {
  const journal = memoryJournal();
  const { outcome } = await play([calls("mail"), calls("send")], { approve: "ask", journal });
  const { callId } = outcome.pending![0]!;
  await journal.send(outcome.runId, { kind: "approval", callId, decision: "approve", by: "HTTP" });
  await agent({ model: scripted([DONE]), tools, journal, approve: "ask" }).resume(outcome.runId);
  assert.equal(sent.length, 1);
});

test("a chat remembers what it has read, a new one does not", async () => {
  sent.length = 0;
  const model = scripted([calls("mail"), { text: "Read." }, calls("send"), DONE]);
  const chat = agent({ model, tools }).chat();
  await chat.run("Read.");
  await chat.run("Send.");
  assert.equal(sent.length, 0);
  assert.deepEqual(chat.taint, { untrusted: "mail", private: "mail" });
  await agent({ model: scripted([calls("send"), DONE]), tools })
    .chat()
    .run("Send.");
  assert.equal(sent.length, 1);
});

test("a history from elsewhere counts by its results, and by what is said of it", async () => {
  const { outcome } = await play([calls("mail"), DONE]);
  const history = outcome.messages.filter(({ role }) => role !== "system");
  const again = (options: { history?: typeof history; taint?: Taint }) =>
    agent({ model: scripted([calls("send"), DONE]), tools }).run("Send.", options);
  sent.length = 0;
  await again({ history });
  await again({ taint: { untrusted: "the input", private: "the input" } });
  assert.equal(sent.length, 0);
  await again({ taint: { private: "the input" } });
  assert.equal(sent.length, 1);
});

test("a fork knows what it has kept, and no more", async () => {
  const journal = memoryJournal();
  const { outcome, events } = await play([calls("file"), calls("mail"), calls("send"), DONE], { journal });
  const steps = events.filter((event) => event.type === "step.started").map(({ seq }) => seq);
  const sendsAfter = async (atSeq: number): Promise<number> => {
    sent.length = 0;
    const id = await forkRun(journal, outcome.runId, atSeq);
    await agent({ model: scripted([calls("send"), DONE]), tools, journal }).resume(id);
    return sent.length;
  };
  assert.equal(await sendsAfter(steps[1]!), 1);
  assert.equal(await sendsAfter(steps[2]!), 0);
});

test("compaction takes results out of the prompt, not out of the rule", async () => {
  let n = 0;
  const long = toolOf(
    "long",
    { effect: "none", source: "trusted", reads: "public", egress: false },
    () => `${n++} ${"word ".repeat(1200)}`,
  );
  const turns = [calls("mail"), ...Array.from({ length: 14 }, () => calls("long")), calls("send"), DONE];
  for (const compaction of ["default", "rolling"] as const) {
    const { events, sent } = await play(turns, {
      tools: [...tools, long],
      contextTokens: 4096,
      compaction,
      artifacts: false,
      limits: { maxSteps: 25 },
    });
    assert.ok(
      events.some((event) => event.type === "context.compacted"),
      compaction,
    );
    const refused = events.filter((event) => event.type === "call.finished" && event.name === "send");
    assert.equal(refused.length, 1, compaction);
    assert.equal(sent, 0, compaction);
  }
});

test("a run inside the run gets what was read above, and hands up what it read itself", async () => {
  const inner = (turns: ScriptedTurn[]): Tool =>
    asTool(agent({ model: scripted(turns), tools }), { name: "helper", description: "Helps" });
  const helper: ScriptedTurn = { calls: [{ name: "helper", args: { task: "Help." } }] };
  const down = await play([calls("mail"), helper, DONE], { tools: [...tools, inner([calls("send"), DONE])] });
  assert.equal(down.sent, 0);
  const up = await play([helper, calls("send"), DONE], { tools: [...tools, inner([calls("mail"), DONE])] });
  assert.equal(up.sent, 0);
  const clean = await play([helper, calls("send"), DONE], { tools: [...tools, inner([DONE])] });
  assert.equal(clean.sent, 1);
});

test("a tool may say that its result brought more than it declares", async () => {
  const sly = toolOf("sly", { effect: "none", source: "trusted", reads: "public", egress: false }, ((
    _args,
    { addTaint }: ToolContext,
  ) => {
    addTaint?.({ untrusted: "elsewhere", private: "elsewhere" });
    throw new Error("failed, but its words are read");
  }) satisfies Tool["run"]);
  assert.equal((await play([calls("sly"), calls("send"), DONE], { tools: [...tools, sly] })).sent, 0);
});

test("an auditor is told of each decision before the call runs, and of its end", async () => {
  const told: string[] = [];
  const auditor = {
    decided: async ({ tool, verdict, by }: AuditedCall) => void told.push(`${tool.name} ${verdict} by ${by}`),
    finished: async ({ tool }: AuditedCall, { ok }: { ok: boolean }) =>
      void told.push(`${tool.name} ended ${ok}`),
  };
  await play([calls("send"), calls("mail"), calls("send"), DONE], { auditor });
  assert.deepEqual(told, [
    "send allow by auto",
    "send ended true",
    "mail allow by policy",
    "mail ended true",
    "send refuse by taint rule",
  ]);
});

test("what can't be written down does not run, unless it only looks; the run says so", async () => {
  const auditor = {
    decided: () => Promise.reject(new Error("the disk is full")),
    finished: () => Promise.reject(new Error("the disk is full")),
  };
  const { sent, events } = await play([calls("send"), calls("mail"), DONE], { auditor });
  assert.equal(sent, 0);
  const results = events.flatMap((event) => (event.type === "call.finished" ? [event] : []));
  assert.match(results[0]?.content ?? "", /Not run: the disk is full/);
  assert.equal(results[1]?.ok, true);
  assert.ok(events.some((event) => event.type === "notice" && /mail is not in the audit/.test(event.text)));
});

test("while stopped no call starts; pulling the stop cancels what goes on", async () => {
  const listeners = new Set<(reason: string) => void>();
  const halt = {
    reason: "the stop was pulled" as string | undefined,
    subscribe: (listener: (reason: string) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const { sent, events } = await play([calls("send"), DONE], { halt });
  assert.equal(sent, 0);
  assert.ok(events.some((event) => event.type === "call.finished" && /stop was pulled/.test(event.content)));
  const run = agent({ model: scripted([{ hang: true }]), tools, halt }).run("Go.");
  for await (const event of run) {
    if (event.type !== "step.started") continue;
    for (const pulled of listeners) pulled("stop now");
  }
  const { stopReason, error } = await run;
  assert.deepEqual([stopReason, error?.message, listeners.size], ["cancelled", "stop now", 0]);
});
