import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type BaseEvent, HttpAgent, type Message } from "@ag-ui/client";
import { type Service, skip, startService } from "./support.ts";
import { turns } from "./turns.ts";

describe("@ag-ui/client, unmodified", { skip }, () => {
  let service: Service;
  before(async () => {
    service = await startService(turns);
  });
  after(() => service[Symbol.asyncDispose]());

  const agentFor = (content: string): HttpAgent =>
    new HttpAgent({
      url: `${service.url}/agent/ag-ui`,
      headers: { authorization: `Bearer ${service.token}` },
      threadId: "thread",
      initialMessages: [{ id: "m1", role: "user", content }],
    });
  const run = async (agent: HttpAgent, parameters: Parameters<HttpAgent["runAgent"]>[0] = {}) => {
    const events: BaseEvent[] = [];
    const { newMessages } = await agent.runAgent(parameters, {
      onEvent: ({ event }) => void events.push(event),
    });
    return { events, types: events.map((event) => String(event.type)), newMessages };
  };
  const roles = (messages: readonly Message[]) => messages.map(({ role }) => role);

  test("thinking and text of a run; every one that is begun is ended", async () => {
    const agent = agentFor("Think.");
    const { types } = await run(agent);
    assert.deepEqual(
      types.filter((type, i) => type !== types[i - 1] && type !== "CUSTOM"),
      [
        ...["RUN_STARTED", "STEP_STARTED", "REASONING_START", "REASONING_MESSAGE_START"],
        ...["REASONING_MESSAGE_CONTENT", "REASONING_MESSAGE_END", "REASONING_END"],
        ...[
          "TEXT_MESSAGE_START",
          "TEXT_MESSAGE_CONTENT",
          "TEXT_MESSAGE_END",
          "STEP_FINISHED",
          "RUN_FINISHED",
        ],
      ],
    );
    assert.equal(agent.messages.at(-1)?.content, "Four.");
  });

  test("calls and results become messages, and the next run of the thread has them", async () => {
    const agent = agentFor("The sum.");
    await run(agent);
    assert.deepEqual(roles(agent.messages), ["user", "assistant", "tool", "assistant"]);
    assert.equal(agent.messages.at(-1)?.content, "The result is 5.");
    agent.addMessage({ id: "m9", role: "user", content: "Hi." });
    await run(agent);
    const sent = service.engine.chats.at(-1)?.body.messages?.map(({ role }) => role) ?? [];
    assert.deepEqual(sent, ["system", "user", "assistant", "tool", "assistant", "user"]);
  });

  test("an approval is an interrupt; the answer with edited arguments goes on with the run", async () => {
    const agent = agentFor("Write a letter.");
    const { events, types } = await run(agent);
    const [interrupt] = agent.pendingInterrupts;
    assert.equal(types.at(-2), "MESSAGES_SNAPSHOT");
    assert.equal(interrupt?.reason, "tool_call");
    assert.ok(events.length > 0 && interrupt !== undefined);
    const payload = { approved: true, editedArgs: { to: "Bob" } };
    const resume = [{ interruptId: interrupt.id, status: "resolved" as const, payload }];
    await run(agent, { resume });
    assert.match(String(agent.messages.at(-1)?.content), /sent to Bob/);
    // Used up: the same answer again is refused.
    const body = { threadId: "t", runId: "r", messages: [], tools: [], context: [], resume };
    const headers = { "content-type": "application/json", authorization: `Bearer ${service.token}` };
    const reply = await fetch(`${service.url}/agent/ag-ui`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    const told = (await reply.text()).split("\n\n").filter(Boolean);
    assert.deepEqual(
      told.map((frame) => (JSON.parse(frame.slice(6)) as { type: string }).type),
      ["RUN_STARTED", "RUN_ERROR"],
    );
  });

  test("an interrupt that is cancelled is a refusal; without the token nothing is decided", async () => {
    const agent = agentFor("Write a letter.");
    await run(agent);
    const [interrupt] = agent.pendingInterrupts;
    const resume = [{ interruptId: interrupt?.id ?? "", status: "cancelled" as const }];
    const body = { threadId: "t", runId: "r", messages: [], tools: [], context: [], resume };
    const reply = await fetch(`${service.url}/agent/ag-ui`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    assert.equal(reply.status, 401);
    await run(agent, { resume });
    assert.doesNotMatch(JSON.stringify(agent.messages), /sent to/);
  });

  test("an engine that fails is a run error", async () => {
    const { types } = await run(agentFor("Broken.")).catch((error) => ({ types: [String(error)] }));
    assert.match(types.at(-1) ?? "", /RUN_ERROR|stopped/);
  });
});
