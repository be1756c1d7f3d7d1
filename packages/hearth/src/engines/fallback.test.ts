import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, never, summary } from "../../test/engines/servers.ts";
import { ConfigError, EngineRefusedError, EngineUnreachableError, userMessage } from "../protocol/index.ts";
import { withFallback } from "./fallback.ts";
import { type Script, type ScriptedRef, scripted } from "./scripted/index.ts";
import type { ModelRef } from "./types.ts";

const away = new EngineUnreachableError("Nothing listens at http://a.");
const named = (name: string, script: Script): ScriptedRef =>
  scripted(script, { info: { name }, last: "repeat" });
const request = { model: "a", messages: [userMessage("Hi")], tools: [], sampling: {} };

function down(ref: ScriptedRef): ModelRef {
  const fails = async (): Promise<never> => {
    throw away;
  };
  return { ...ref, engine: { ...ref.engine, models: fails, describe: fails } };
}

async function ask(ref: ModelRef) {
  const { events, error } = await collect(ref.engine.chat!(request, never));
  return { ...summary(events), types: events.map(({ type }) => type), error };
}

test("the first that is there answers, under its own model's name, and what was passed over is said", async () => {
  const first = named("a", [{ error: away }]);
  const second = named("b", [{ text: "From b." }]);
  const answer = await ask(withFallback([first, second]));
  assert.equal(answer.text, "From b.");
  assert.deepEqual(answer.types.slice(0, 2), ["wait", "wait.end"]);
  assert.equal(second.requests[0]?.model, "b");
});

test("the one that answered is stayed with", async () => {
  const first = named("a", (_, n) => (n === 0 ? { error: away } : { text: "From a." }));
  const second = named("b", [{ text: "From b." }]);
  const both = withFallback([first, second]);
  assert.equal((await ask(both)).text, "From b.");
  assert.equal((await ask(both)).text, "From b.");
  assert.equal(first.requests.length, 1);
});

test("a refusal and an answer that broke off are not handed to another", async () => {
  const second = named("b", [{ text: "From b." }]);
  const refusing = withFallback([named("a", [{ error: new EngineRefusedError("no") }]), second]);
  assert.ok((await ask(refusing)).error instanceof EngineRefusedError);
  const cut = withFallback([named("a", [{ text: "half of it and more", cut: "answer" }]), second]);
  assert.equal(((await ask(cut)).error as Error).name, "StreamCutError");
  assert.equal(second.requests.length, 0);
});

test("models and description come from the first that is there", async () => {
  const both = withFallback([down(named("a", [])), named("b", [])]);
  assert.equal((await both.engine.describe("a")).name, "b");
  assert.deepEqual(
    (await both.engine.models()).map(({ name }) => name),
    ["b"],
  );
});

test("where none is there, all places are named", async () => {
  const none = withFallback([down(named("a", [{ error: away }])), down(named("b", [{ error: away }]))]);
  await assert.rejects(
    none.engine.describe("a"),
    (error) => error instanceof EngineUnreachableError && error.cause === away,
  );
  assert.match(String((await ask(none)).error), /None of the engines/);
});

test("no engine, or engines of different kinds, are refused at once", () => {
  assert.throws(() => withFallback([]), ConfigError);
  const { chat: _, ...mute } = named("a", []).engine;
  const raw: ModelRef = { engine: { ...mute, async *complete() {} } };
  assert.throws(() => withFallback([named("a", []), raw]), ConfigError);
});
