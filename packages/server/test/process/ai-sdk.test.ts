import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DefaultChatTransport, readUIMessageStream, type UIMessage, type UIMessageChunk } from "ai";
import { type Service, skip, startService } from "./support.ts";
import { turns } from "./turns.ts";

describe("the AI SDK's transport, unmodified", { skip }, () => {
  let service: Service;
  before(async () => {
    service = await startService(turns);
  });
  after(() => service[Symbol.asyncDispose]());

  const transport = (token = service.token) =>
    new DefaultChatTransport({
      api: `${service.url}/agent/ui-message-stream`,
      headers: { authorization: `Bearer ${token}` },
    });
  const user = (content: string): UIMessage => ({
    id: `u-${content}`,
    role: "user",
    parts: [{ type: "text", text: content }],
  });
  const open = (messages: UIMessage[], chatId = "chat") =>
    transport().sendMessages({
      chatId,
      messages,
      trigger: "submit-message",
      messageId: undefined,
      abortSignal: undefined,
    });
  const read = async (stream: ReadableStream<UIMessageChunk>, message?: UIMessage): Promise<UIMessage> => {
    let last: UIMessage | undefined = message;
    const onError = (error: unknown): void => assert.fail(String(error));
    for await (const next of readUIMessageStream({ stream, onError, ...(message ? { message } : {}) }))
      last = next;
    assert.ok(last);
    return last;
  };
  const kinds = (message: UIMessage) => message.parts.map((part) => part.type);

  test("thinking, text, steps", async () => {
    const message = await read(await open([user("Think.")]));
    assert.deepEqual(kinds(message), ["step-start", "reasoning", "text"]);
    const said = message.parts.at(-1);
    assert.ok(said?.type === "text" && said.text === "Four." && said.state === "done");
    assert.equal(new Map(Object.entries(message.metadata ?? {})).get("stopReason"), "answer");
  });

  test("tools that ran on the server, and the next run of the chat has them", async () => {
    const first = user("The sum.");
    const message = await read(await open([first]));
    assert.deepEqual(kinds(message), ["step-start", "dynamic-tool", "step-start", "text"]);
    const part = message.parts[1];
    assert.ok(part?.type === "dynamic-tool" && part.state === "output-available");
    assert.deepEqual([part.toolName, part.input, part.output], ["add", { a: 2, b: 3 }, "5"]);
    await read(await open([first, message, user("Hi.")]));
    const sent = service.engine.chats.at(-1)?.body.messages?.map(({ role }) => role) ?? [];
    assert.deepEqual(sent, ["system", "user", "assistant", "tool", "assistant", "user"]);
  });

  for (const approved of [true, false]) {
    test(`an approval is asked for and ${approved ? "given" : "refused"} in the message; the run goes on`, async () => {
      const first = user("Write a letter.");
      const asking = await read(await open([first]));
      const call = asking.parts.at(-1);
      assert.ok(call?.type === "dynamic-tool" && call.state === "approval-requested");
      const answered: UIMessage = {
        ...asking,
        parts: [
          ...asking.parts.slice(0, -1),
          { ...call, state: "approval-responded", approval: { id: call.approval.id, approved } },
        ],
      };
      const done = await read(await open([first, answered]), structuredClone(answered));
      assert.equal(done.id, asking.id);
      const part = done.parts.find((one) => one.type === "dynamic-tool");
      assert.equal(
        part?.type === "dynamic-tool" && part.state,
        approved ? "output-available" : "output-denied",
      );
      assert.equal(done.parts.at(-1)?.type, "text");
      await assert.rejects(open([first, answered]), /409|not those/);
    });
  }

  test("a page that is loaded again goes on with the stream of its run", async () => {
    const running = await open([user("Go on for ever.")], "again");
    await running.cancel();
    const again = await transport().reconnectToStream({ chatId: "again" });
    assert.ok(again);
    const reader = again.getReader();
    assert.equal((await reader.read()).value?.type, "start");
    await reader.cancel();
    await fetch(`${service.url}/agent/stop`, {
      method: "POST",
      headers: { authorization: `Bearer ${service.token}` },
    });
    assert.equal(await transport().reconnectToStream({ chatId: "none" }), null);
  });
});
