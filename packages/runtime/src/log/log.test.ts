import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatRequest, Engine, EngineEvent } from "hearth";
import { loadConfig } from "../config/index.ts";
import { debugLog } from "./debug.ts";
import { loggedEngine } from "./engine.ts";

/** Has a private member, as real engines have. */
class Talker implements Engine {
  readonly id = "talker";
  readonly address = "here";
  readonly #names = ["m"];
  fail = false;

  async models() {
    return this.#names.map((name) => ({ name }));
  }
  async describe(name: string) {
    return { name };
  }
  async *chat(): AsyncGenerator<EngineEvent> {
    yield { type: "text", text: "one " };
    yield { type: "text", text: "two" };
    if (this.fail) throw new Error("it broke");
    yield { type: "finish", reason: "stop" };
  }
  async close() {}
}

const request: ChatRequest = {
  model: "m",
  messages: [{ role: "user", content: [{ type: "text", text: "my key is sk-abcdefghijklmnopqrstuvwx" }] }],
  tools: [],
  sampling: {},
};

test("a logged engine does what the engine does, and whole prompts and answers are in the log", async () => {
  const entries: [string, unknown][] = [];
  const engine = loggedEngine(new Talker(), (title, content) => entries.push([title, content]));
  assert.deepEqual(await engine.models(), [{ name: "m" }]);
  assert.equal(engine.complete, undefined);
  const events: EngineEvent[] = [];
  for await (const event of engine.chat?.(request, new AbortController().signal) ?? []) events.push(event);
  assert.equal(events.length, 3);
  assert.deepEqual(entries, [
    ["-> talker chat at here", request],
    [
      "<- talker chat, whole",
      [
        { type: "text", text: "one two" },
        { type: "finish", reason: "stop" },
      ],
    ],
  ]);
});

test("an answer that fails is logged as far as it came", async () => {
  const entries: string[] = [];
  const talker = new Talker();
  talker.fail = true;
  const engine = loggedEngine(talker, (title) => entries.push(title));
  await assert.rejects(async () => {
    for await (const _ of engine.chat?.(request, new AbortController().signal) ?? []);
  }, /it broke/);
  assert.equal(entries[1], "<- talker chat, failed: it broke");
});

test("the log masks secrets, and is there only for whoever debugs", () => {
  const config = (env: Record<string, string>) => loadConfig({ env: { HOME: "/nowhere", ...env }, cwd: "/" });
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  assert.equal(debugLog(config({}), write), undefined);
  const log = debugLog(config({ DEBUG: "1", MY_TOKEN: "swordfish-swordfish" }), write, () => new Date(0));
  log?.("request", request);
  log?.("result", "the token is swordfish-swordfish");
  assert.match(written[0] ?? "", /^1970-01-01T00:00:00\.000Z request\n/);
  assert.doesNotMatch(written.join(), /abcdefghijklmnop|swordfish-sword/);
});
