import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CompletionRequest,
  ContextExceededError,
  EngineError,
  type EngineEvent,
  EngineFailedError,
  EngineRefusedError,
  ModelNotFoundError,
} from "hearth";
import { BASE, type EmbeddedEngine, presentModel } from "../../src/index.ts";
import { ask, complete, ENDLESS, never, withModel } from "../with-model.ts";

withModel(
  "broken grammars, absurd settings and an empty prompt are refused with a reason, and the engine lives on",
  async ({ engine }) => {
    const cases: [Partial<CompletionRequest>, RegExp][] = [
      [{ grammar: { gbnf: "root ::= nowhere" } }, /Undefined rule identifier 'nowhere'/],
      [{ grammar: { gbnf: 'root ::= "a' } }, /unexpected end/],
      [{ grammar: { gbnf: 'root ::= root "a"' } }, /grammar/],
      [{ grammar: { gbnf: "" } }, /grammar/],
      [{ grammar: { gbnf: `root ::= ${"(".repeat(100_000)}` } }, /nested/],
      [{ sampling: { temperature: Number.NaN } }, /temperature/],
      [{ sampling: { maxTokens: -1 } }, /maxTokens/],
      [{ prompt: "" }, /empty/],
    ];
    for (const [part, message] of cases) {
      await assert.rejects(complete(engine, { prompt: ask("x"), ...part }), (error) => {
        assert.ok(error instanceof EngineRefusedError, String(error));
        assert.match(error.message, message);
        assert.equal(error.transient, false);
        return true;
      });
    }
    await assert.rejects(engine.score({ model: "pocket", prompt: "", candidates: ["a"] }), /empty/);
    await assert.rejects(engine.score({ model: "pocket", prompt: "a", candidates: [""] }), /candidates/);
    const { pid } = engine;
    assert.equal((await complete(engine, { prompt: ask("Hello") })).reason, "stop");
    assert.equal(engine.pid, pid, "the process was replaced");
  },
);

withModel("a prompt longer than the window is refused with both counts", async ({ engine }) => {
  const prompt = ask("word ".repeat(5000));
  await assert.rejects(complete(engine, { prompt }), (error) => {
    assert.ok(error instanceof ContextExceededError);
    assert.equal(error.windowTokens, 4096);
    assert.ok((error.promptTokens ?? 0) > 5000);
    return true;
  });
  await assert.rejects(engine.score({ model: "pocket", prompt, candidates: ["a"] }), ContextExceededError);
});

withModel("a cancel stops the reading of a prompt and the writing of an answer", async ({ engine }) => {
  await complete(engine, { prompt: ask("Hello"), sampling: { maxTokens: 1 } });
  const reason = new Error("cancelled");
  const reading = new AbortController();
  const start = performance.now();
  setTimeout(() => reading.abort(reason), 300);
  await assert.rejects(complete(engine, { prompt: ask("word ".repeat(3500)) }, reading.signal), reason);
  assert.ok(performance.now() - start < 5000, "it read on");
  const writing = new AbortController();
  const seen: EngineEvent[] = [];
  const stream = engine.complete(
    { model: "pocket", prompt: ask("x"), sampling: {}, grammar: ENDLESS },
    writing.signal,
  );
  await assert.rejects(async () => {
    for await (const event of stream) {
      seen.push(event);
      if (event.type === "text") writing.abort(reason);
    }
  }, reason);
  assert.equal(seen.filter(({ type }) => type === "text").length, 1);
  await assert.rejects(complete(engine, { prompt: ask("x") }, AbortSignal.abort(reason)), reason);
  assert.equal((await complete(engine, { prompt: ask("Hello") })).reason, "stop");
});

withModel("leaving the answer early frees the engine for the next", async ({ engine }) => {
  for await (const event of engine.complete(
    { model: "pocket", prompt: ask("x"), sampling: {}, grammar: ENDLESS },
    never,
  )) {
    if (event.type === "text") break;
  }
  assert.equal((await complete(engine, { prompt: ask("Hello") })).reason, "stop");
});

withModel(
  "a process killed in the middle is a transient failure, and the next request starts another",
  async ({ engine }) => {
    const stream = engine.complete(
      { model: "pocket", prompt: ask("x"), sampling: {}, grammar: ENDLESS },
      never,
    );
    const before = await killAt(engine, stream);
    assert.ok(before instanceof EngineFailedError, String(before));
    assert.equal(before.transient, true);
    assert.match(before.message, /SIGKILL.*while it answered/);
    assert.equal((await complete(engine, { prompt: ask("Hello") })).reason, "stop");
  },
);

withModel("a model that is not there, or no model, is told", async ({ cache, engine }) => {
  await assert.rejects(complete(engine, { model: "nothing", prompt: "x" }), ModelNotFoundError);
  await assert.rejects(
    complete(engine, { model: join(cache, "none.gguf"), prompt: "x" }),
    ModelNotFoundError,
  );
  const broken = join(cache, "broken.gguf");
  writeFileSync(broken, "GGUF and nothing else");
  await assert.rejects(engine.describe(broken), ModelNotFoundError);
  await assert.rejects(complete(engine, { model: broken, prompt: "x" }), (error) => {
    assert.ok(error instanceof EngineError);
    assert.match(error.message, /broken\.gguf could not be opened/);
    return true;
  });
  assert.equal((await complete(engine, { prompt: ask("Hello") })).reason, "stop");
});

withModel("the model is described from its file, and tokens are counted", async ({ cache, engine }) => {
  const info = await engine.describe("pocket");
  assert.equal(info.format, "pocket");
  assert.equal(info.architecture, "llama");
  assert.equal(info.maxContextTokens, 8192);
  assert.equal(info.details?.["eos"], "<|im_end|>");
  assert.match(info.template?.text ?? "", /im_start/);
  assert.equal(await engine.countTokens("pocket", "<|im_start|>user"), 2);
  const file = presentModel(BASE, join(cache, "models")) ?? "";
  const plain = await engine.describe(file);
  assert.equal(plain.format, undefined);
  assert.equal(
    (await complete(engine, { model: file, prompt: ask("Say hello."), sampling: { maxTokens: 4 } })).usage
      .output,
    4,
  );
});

async function killAt(engine: EmbeddedEngine, stream: AsyncIterable<EngineEvent>): Promise<unknown> {
  try {
    for await (const event of stream) if (event.type === "text") process.kill(engine.pid ?? 0, "SIGKILL");
  } catch (error) {
    return error;
  }
  return undefined;
}
