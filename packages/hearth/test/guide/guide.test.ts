/**
 * The defects of the original guide's programs, each by its place there: `wires N` is the list of measured faults of
 * its Python loops, `loop N` the table of faults in its four documents. What failed there passes here.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "hearth";
import { add, run, skip, slow } from "./support.ts";

const call = (name: string, args: unknown) => ({ name, args });
const guide = (name: string, body: () => Promise<void>): void => void test(name, { skip }, body);

guide("wires 1, loop 3: a streamed run finishes a tool call; arguments go back as an object", async () => {
  const ran = await run([{ calls: [call("add", { a: 1, b: 2 })] }, { text: "3" }], [add]);
  assert.equal(ran.outcome.text, "3");
  const sent = ran.chats[1]!.body.messages.find((message) => message.role === "assistant");
  assert.deepEqual(sent?.tool_calls?.[0]?.function.arguments, { a: 1, b: 2 });
});

guide("loop 3: the OpenAI wire gets its arguments as text", async () => {
  const ran = await run([{ calls: [call("add", { a: 1, b: 2 })] }, { text: "3" }], [add], { kind: "openai" });
  const sent = ran.chats[1]!.body.messages.find((message) => message.role === "assistant");
  assert.equal(typeof sent?.tool_calls?.[0]?.function.arguments, "string");
});

guide("wires 2, loop 4: three calls in three chunks all run", async () => {
  const calls = [1, 2, 3].map((n) => call("add", { a: n, b: 0 }));
  const ran = await run([{ calls }, { text: "done" }], [add]);
  assert.deepEqual(
    ran.of("call.finished").map((event) => event.content),
    ["1", "2", "3"],
  );
});

guide("wires 3: the streamed history keeps text and thinking", async () => {
  const turns = [
    { thinking: "I must add.", text: "Let me see.", calls: [call("add", { a: 1, b: 2 })] },
    { text: "3" },
  ];
  const ran = await run(turns, [add], { engine: { capabilities: ["completion", "tools", "thinking"] } });
  const sent = ran.chats[1]!.body.messages.find((message) => message.role === "assistant");
  assert.equal(sent?.content, "Let me see.");
  assert.equal(sent?.thinking, "I must add.");
});

guide("wires 4: a streamed request is retried too", async () => {
  const ran = await run(
    [{ status: 500 }, { cut: "answer", text: "half of an answer" }, { text: "whole" }],
    [add],
  );
  assert.equal(ran.outcome.text, "whole");
  assert.equal(ran.of("engine.retried").length, 2);
  assert.equal(ran.of("step.discarded").length, 2);
});

for (const width of [1, 5]) {
  guide(
    `wires 5, loop 7: the last step of a run of width ${width} answers without tools, and says max_steps`,
    async () => {
      const endless = (body: { tools?: unknown[] }, n: number) =>
        body.tools?.length ? { calls: [call("add", { a: n, b: 1 })] } : { text: "Some sums." };
      const ran = await run(endless, [add], { limits: { maxSteps: 3, maxParallel: width } });
      assert.equal(ran.outcome.stopReason, "max_steps");
      assert.equal(ran.outcome.text, "Some sums.");
      assert.equal(ran.chats.length, 3);
    },
  );
}

guide("wires 6, loop 2: results stand in call order with their ids, whoever was first", async () => {
  const calls = [call("slow", { label: "NYC", ms: 60 }), call("slow", { label: "LON", ms: 1 })];
  const ran = await run([{ calls }, { text: "done" }], [slow]);
  const tools = ran.chats[1]!.body.messages.filter((message) => message.role === "tool");
  assert.deepEqual(
    tools.map((message) => message.content),
    ["result of NYC", "result of LON"],
  );
  const ids = ran.chats[1]!.body.messages.find((message) => message.role === "assistant")!.tool_calls!.map(
    (c) => c.id,
  );
  assert.deepEqual(
    tools.map((message) => message.tool_call_id),
    ids,
  );
  assert.deepEqual(
    tools.map((message) => message.tool_name),
    ["slow", "slow"],
  );
});

guide("wires 7: three tools of one answer run at the same time", async () => {
  let now = 0;
  let most = 0;
  const busy = {
    ...slow,
    run: async () => {
      most = Math.max(most, ++now);
      await new Promise((done) => setTimeout(done, 30));
      now--;
      return "x";
    },
  };
  await run(
    [{ calls: [1, 2, 3].map((n) => call("slow", { label: `${n}`, ms: 1 })) }, { text: "done" }],
    [busy],
  );
  assert.equal(most, 3);
});

guide("wires 8, loop 5: the same call with the same result is noticed, told, and ended", async () => {
  const ran = await run(() => ({ calls: [call("add", { a: 1, b: 1 })] }), [add]);
  assert.equal(ran.outcome.stopReason, "loop");
  assert.deepEqual(
    ran.of("guard.tripped").map((event) => [event.kind, event.action]),
    [
      ["repeat", "teach"],
      ["repeat", "stop"],
    ],
  );
  assert.equal(ran.of("call.finished").length, 5);
});

guide("loop 5: A, B, A, B is noticed too", async () => {
  const ran = await run((_body, n) => ({ calls: [call("add", { a: n % 2, b: 0 })] }), [add]);
  assert.equal(ran.outcome.stopReason, "loop");
  assert.equal(ran.of("guard.tripped").at(-1)?.kind, "cycle");
});

guide("loop 5: polling a job that moves is no loop", async () => {
  let percent = 0;
  const poll = {
    ...add,
    name: "job",
    parameters: { type: "object", properties: {} },
    run: () => `${(percent += 10)} %`,
  };
  const ran = await run((_body, n) => (n < 8 ? { calls: [call("job", {})] } : { text: "done" }), [poll]);
  assert.equal(ran.outcome.stopReason, "answer");
  assert.equal(ran.of("guard.tripped").length, 0);
});

guide("wires 9, loop 6: an invented tool is answered with the nearest ones and what they take", async () => {
  const ran = await run(
    [{ calls: [call("ad", { a: 1, b: 2 })] }, { text: "sorry" }],
    [{ ...add, effect: "once" as const }],
  );
  const invalid = ran.of("call.invalid")[0]!;
  assert.equal(invalid.reason, "unknown_tool");
  assert.match(invalid.message, /no tool "ad".*add \{"a"/s);
  assert.equal(ran.outcome.stopReason, "answer");
});

guide("wires 10: numbers as text are read as numbers where the schema says so", async () => {
  const ran = await run([{ calls: [call("add", { a: "1", b: "2" })] }, { text: "3" }], [add]);
  assert.equal(ran.of("call.finished")[0]?.content, "3");
  assert.ok((ran.of("call.ready")[0]?.repairs?.length ?? 0) > 0);
});

guide("wires 11: a missing argument is named, an extra one is not swallowed", async () => {
  const ran = await run(
    [
      { calls: [call("add", { a: 1 })] },
      { calls: [call("add", { a: 1, b: 2, colour: "red" })] },
      { text: "x" },
    ],
    [add],
  );
  const [missing, extra] = ran.of("call.invalid");
  assert.match(missing!.message, /\bb\b/);
  assert.match(extra!.message, /colour/);
});

guide("wires 12, loop 1: a model that is not there fails at once, with its cause", async () => {
  const ran = await run([], [add], { engine: { missing: true } });
  assert.equal(ran.outcome.stopReason, "engine_error");
  assert.equal(ran.outcome.error?.class, "ModelNotFoundError");
  assert.equal(ran.of("engine.retried").length, 0);
});

guide("loop 1: Retry-After is honoured, and the waits are 1 and 2 seconds without it", async () => {
  const polite = await run([{ status: 503, headers: { "retry-after": "3" } }, { text: "ok" }], []);
  assert.deepEqual(
    polite.of("engine.retried").map((event) => event.waitMs),
    [3000],
  );
  const plain = await run([{ status: 500 }, { status: 500 }, { status: 500 }], []);
  assert.deepEqual(
    plain.of("engine.retried").map((event) => event.waitMs),
    [1000, 2000],
  );
  assert.equal(plain.outcome.stopReason, "engine_error");
  assert.equal(plain.chats.length, 3);
});

guide("wires 13: a tool that ends the process fails its call, not the program", async () => {
  const rude = { ...add, run: () => process.exit(7) };
  const ran = await run([{ calls: [call("add", { a: 1, b: 2 })] }, { text: "it failed" }], [rude]);
  assert.equal(ran.outcome.stopReason, "answer");
  assert.match(ran.of("call.finished")[0]!.content, /tried to end the whole program/);
});

guide("wires 14: a tool that hangs is stopped after its time", async () => {
  const hang = { ...add, timeoutMs: 50, run: () => new Promise(() => undefined) };
  const ran = await run([{ calls: [call("add", { a: 1, b: 2 })] }, { text: "it hung" }], [hang]);
  assert.equal(ran.of("call.finished")[0]?.ok, false);
  assert.match(ran.of("call.finished")[0]!.content, /did not finish within 0.05 s/);
});

guide("wires 15: an empty answer is asked again, and is never a success", async () => {
  const ran = await run([{ text: "" }, { text: "there" }], [add]);
  assert.equal(ran.outcome.text, "there");
  const never = await run(() => ({ text: "" }), [add]);
  assert.equal(never.outcome.stopReason, "handoff");
  assert.notEqual(never.outcome.text.trim(), "");
});

guide("wires 15: an answer cut by the window is not taken for a whole one", async () => {
  const ran = await run([{ text: "It is in the", finish: "length" }], [add]);
  assert.equal(ran.outcome.stopReason, "context");
  assert.match(ran.outcome.text, /It is in the[\s\S]*cut off/);
});

guide("wires 15: a stream without its end mark is a cut stream", async () => {
  const ran = await run([{ text: "half", done: false }, { text: "whole" }], [add]);
  assert.equal(ran.outcome.text, "whole");
  assert.equal(ran.of("engine.retried")[0]?.class, "StreamCutError");
});

guide("wires 16: an error line in mid-stream is an event and a retry", async () => {
  const ran = await run(
    [{ text: "half", errorLine: "model runner has unexpectedly stopped" }, { text: "whole" }],
    [add],
  );
  assert.equal(ran.outcome.text, "whole");
  assert.match(ran.of("engine.retried")[0]!.message, /unexpectedly stopped/);
});

guide("wires 17: five megabytes of result are cut with a word about it, and kept", async () => {
  const big = { ...add, run: () => "x".repeat(5_000_000) };
  const ran = await run([{ calls: [call("add", { a: 1, b: 2 })] }, { text: "long" }], [big]);
  assert.equal(ran.of("call.finished")[0]?.truncated, true);
  assert.equal(ran.of("artifact.stored")[0]?.bytes, 5_000_000);
  assert.match(ran.of("call.finished")[0]!.content, /left out/);
});

guide(
  "wires 17, loop 14: the window is sent, the same in each request, and nothing may be cut in silence",
  async () => {
    const ran = await run([{ calls: [call("add", { a: 1, b: 2 })] }, { text: "3" }], [add]);
    for (const { body } of ran.chats) {
      assert.equal(body.options?.num_ctx, 16_384);
      assert.equal(body.truncate, false);
      assert.equal(body.shift, false);
    }
  },
);

guide("loop 14: a prompt over the window ends as `context`, in words", async () => {
  const ran = await run([{ text: "x" }], [], { instructions: "y ".repeat(40_000) });
  assert.equal(ran.outcome.stopReason, "context");
  assert.match(ran.outcome.text, /16384|16,384/);
});

guide("wires 18: a result that is no text reaches the model and the reader as text", async () => {
  const ran = await run(
    [{ calls: [call("add", { a: 1, b: 2 })] }, { text: "3" }],
    [{ ...add, run: () => ({ sum: 3 }) }],
  );
  assert.equal(ran.of("call.finished")[0]?.content, '{"sum":3}');
});

guide("loop 9: `think` is not sent unless the model can and somebody wants it", async () => {
  const ran = await run([{ text: "hi" }], []);
  assert.equal("think" in ran.chats[0]!.body, false);
  const wished = await run([{ text: "hi" }], [], { think: true });
  assert.equal("think" in wished.chats[0]!.body, false);
});

guide("loop 10: two rounds of tools, one after the other", async () => {
  const turns = [
    { calls: [call("add", { a: 1, b: 2 })] },
    { calls: [call("add", { a: 3, b: 4 })] },
    { text: "7" },
  ];
  const ran = await run(turns, [add]);
  assert.equal(ran.outcome.text, "7");
  assert.deepEqual(ran.chats[1]!.body.tools, ran.chats[0]!.body.tools);
  assert.ok(ran.chats.every((chat) => (chat.body.tools?.length ?? 0) > 0));
});

guide("loop 11: results carry the call's id on the OpenAI wire", async () => {
  const ran = await run([{ calls: [call("add", { a: 1, b: 2 })] }, { text: "3" }], [add], { kind: "openai" });
  const messages = ran.chats[1]!.body.messages;
  const id = messages.find((message) => message.role === "assistant")!.tool_calls![0]!.id;
  assert.equal(messages.find((message) => message.role === "tool")!.tool_call_id, id);
});

guide("loop 12: a tool's (ok, data) pair is unwrapped; false is a failure", async () => {
  const pair = { ...add, run: () => [false, "no such key"] };
  const ran = await run([{ calls: [call("add", { a: 1, b: 2 })] }, { text: "x" }], [pair]);
  assert.equal(ran.of("call.finished")[0]?.ok, false);
  assert.equal(ran.of("call.finished")[0]?.content, "no such key");
});

guide("wires 0 (real run): a call that leaked as text is read and run", async () => {
  const leaked = '<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n</tool_call>';
  const ran = await run([{ text: leaked }, { text: "3" }], [add]);
  assert.equal(ran.of("call.finished")[0]?.content, "3");
  assert.equal(ran.outcome.text, "3");
  assert.ok(!ran.outcome.messages.some((message) => textOf(message).includes("tool_call")));
});
