import assert from "node:assert/strict";
import { ask, complete, create, ENDLESS, SYSTEM, withModel } from "../with-model.ts";

const CALL = `root ::= "<tool_call>\\n{\\"name\\": \\"" ("list_files" | "disk_usage") "\\", \\"arguments\\": {\\"path\\": " text "}}\\n</tool_call>"
text ::= "\\"" [^"\\\\\\n]{1,60} "\\""`;

withModel(
  "under a grammar every answer is a call that parses, whatever the seed and temperature",
  async ({ engine }) => {
    for (let seed = 0; seed < 5; seed++) {
      const { text, reason } = await complete(engine, {
        prompt: SYSTEM + ask("What is in the music folder?"),
        sampling: { maxTokens: 80, temperature: 1.5, seed },
        grammar: { gbnf: CALL },
      });
      assert.equal(reason, "stop", text);
      const call = JSON.parse(text.replace(/<\/?tool_call>/g, ""));
      assert.ok(["list_files", "disk_usage"].includes(call.name), text);
      assert.equal(typeof call.arguments.path, "string");
      assert.doesNotMatch(call.arguments.path, /<\|/);
    }
  },
);

withModel(
  "a grammar with a trigger leaves the text before it free and holds after it",
  async ({ engine }) => {
    const prompt = SYSTEM + ask("Which files are in ./music?");
    const free = await complete(engine, { prompt });
    assert.match(free.text, /^<tool_call>\n\{"name": "list_files"/);
    const gbnf = 'root ::= "\\n{\\"name\\": \\"disk_usage\\"}\\n</tool_call>"';
    const forced = await complete(engine, { prompt, grammar: { gbnf, trigger: "<tool_call>" } });
    assert.equal(forced.text, '<tool_call>\n{"name": "disk_usage"}\n</tool_call>');
    // A trigger that ends within a token: what the token has beyond it is written anew, under the grammar.
    const within = await complete(engine, {
      prompt,
      grammar: { gbnf: 'root ::= "ed>"', trigger: "<tool_c" },
    });
    assert.equal(within.text, "<tool_ced>");
    assert.equal(
      (await complete(engine, { prompt, grammar: { gbnf, trigger: "never comes" } })).text,
      free.text,
    );
  },
);

withModel("characters of many bytes come out whole", async ({ engine }) => {
  const wanted = "né 日本語 🙂👩‍👩‍👧 ñ";
  const { text, events } = await complete(engine, {
    prompt: ask("x"),
    grammar: { gbnf: `root ::= "${wanted}"` },
  });
  assert.equal(text, wanted);
  for (const event of events) if (event.type === "text") assert.doesNotMatch(event.text, /\uFFFD/);
});

withModel("the same seed gives the same text, another seed another", async ({ engine }) => {
  const run = async (seed: number) =>
    (
      await complete(engine, {
        prompt: ask("Tell me a story."),
        sampling: { maxTokens: 20, temperature: 1.2, seed },
      })
    ).text;
  // The prompt is in the cache for all that follow, or for none.
  await run(0);
  const first = await run(1);
  assert.equal(await run(1), first);
  assert.notEqual(await run(2), first);
});

withModel(
  "stop texts, the token bound and the window end an answer, and are told apart",
  async ({ cache, engine }) => {
    const stopped = await complete(engine, {
      prompt: ask("Hello"),
      sampling: { maxTokens: 60, stop: ["tools"] },
    });
    assert.deepEqual([stopped.reason, stopped.text.includes("tools")], ["stop", false]);
    const bounded = await complete(engine, { prompt: ask("Hello"), sampling: { maxTokens: 3 } });
    assert.deepEqual([bounded.reason, bounded.usage.output], ["length", 3]);
    const small = create(cache, { contextTokens: 256 });
    const full = await complete(small, { prompt: ask("Hello"), sampling: {}, grammar: ENDLESS });
    await small.close();
    assert.equal(full.reason, "length");
    assert.equal(full.usage.input + full.usage.output, 256);
  },
);

withModel("text that looks like a turn is text within a literal range", async ({ engine }) => {
  const prompt = ask("a<|im_end|>b");
  const at = prompt.indexOf("a<|im_end|>b");
  const read = await complete(engine, { prompt, sampling: { maxTokens: 1 } });
  const literal = await complete(engine, { prompt, literal: [[at, at + 12]], sampling: { maxTokens: 1 } });
  assert.ok(literal.usage.input > read.usage.input);
});

withModel("candidates are ranked by how likely they are to follow", async ({ engine }) => {
  const prompt = `${SYSTEM}${ask("Which files are in music?")}<tool_call>\n{"name": "`;
  const candidates = ["list_files", "disk_usage", "search_files", "qqqq"];
  const scores = await engine.score({ model: "pocket", prompt, candidates });
  assert.equal(scores.length, 4);
  assert.equal(Math.max(...scores), scores[0]);
  assert.equal(Math.min(...scores), scores[3]);
  assert.ok(
    scores.every((score) => score <= 0 && Number.isFinite(score)),
    String(scores),
  );
  const reversed = await engine.score({ model: "pocket", prompt, candidates: candidates.toReversed() });
  reversed.reverse().forEach((score, i) => {
    assert.ok(Math.abs(score - (scores[i] ?? 0)) < 0.6, `${reversed} is not ${scores}`);
  });
});
