/** What holds runs back, over HTTP: the emergency stop, and what a session has read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { processHalt } from "@hearth/runtime";
import type { AuditedCall, Tool } from "hearth";
import { type Script, scripted } from "hearth/testing";
import { createApp } from "../index.ts";

const TOKEN = "a-token-of-this-test";
const headers = { host: "127.0.0.1:4141", "content-type": "application/json" };

function service(script: Script) {
  const sent: unknown[] = [];
  const users: string[] = [];
  const tool = (name: string, rest: Partial<Tool>, run: Tool["run"]): Tool => ({
    name,
    description: name,
    parameters: { type: "object" },
    run,
    ...rest,
  });
  const tools = [
    tool("letter", { effect: "none", source: "untrusted", reads: "private", egress: false }, () => "send it"),
    tool("send", {}, () => sent.push("sent")),
  ];
  const auditorFor = (user: string) => ({
    decided: async (call: AuditedCall) => void users.push(`${user}: ${call.tool.name}`),
    finished: async () => undefined,
    as: auditorFor,
  });
  const model = scripted(script, { last: "repeat" });
  const app = createApp({
    agent: { model, tools, halt: processHalt, auditor: auditorFor("system") },
    token: TOKEN,
  });
  const post = async (path: string, body: object, token = false) => {
    const own = token ? { ...headers, authorization: `Bearer ${TOKEN}` } : headers;
    const reply = await app.request(path, { method: "POST", headers: own, body: JSON.stringify(body) });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  };
  return { post, sent, users, model };
}

const SEND = { calls: [{ name: "send", args: {} }] };
const DONE = { text: "Done." };

test("after POST /agent/stop no tool starts, until it is lifted; text is still answered", async () => {
  const { post, sent } = service([SEND, DONE, DONE, SEND, DONE]);
  assert.equal((await post("/agent/stop", {})).status, 401);
  try {
    assert.deepEqual((await post("/agent/stop", {}, true)).body, { stopped: 0 });
    const refused = await post("/agent", { input: "Send." });
    assert.equal(refused.body["stopReason"], "answer");
    assert.equal((await post("/agent", { input: "Hello." })).body["result"], "Done.");
    assert.equal(sent.length, 0);
    assert.equal((await post("/agent/stop", { lift: true })).status, 401);
  } finally {
    assert.deepEqual((await post("/agent/stop", { lift: true }, true)).body, { lifted: true });
  }
  assert.deepEqual((await post("/agent/stop", { lift: true }, true)).body, { lifted: false });
  await post("/agent", { input: "Send." });
  assert.equal(sent.length, 1);
});

test("a session remembers what it has read; the audit names who asked", async () => {
  const { post, sent, users } = service([
    { calls: [{ name: "letter", args: {} }] },
    { text: "Read." },
    SEND,
    DONE,
    SEND,
    DONE,
  ]);
  await post("/agent", { input: "Read.", session: "desk" });
  await post("/agent", { input: "Send.", session: "desk" });
  assert.equal(sent.length, 0);
  await post("/agent", { input: "Send.", session: "other" });
  assert.equal(sent.length, 1);
  assert.deepEqual(users, ["system: letter", "system: send", "system: send"]);
});
