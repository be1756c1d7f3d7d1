import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI, { APIError } from "openai";
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { type Service, skip, startService, until } from "./support.ts";
import { turns } from "./turns.ts";

const tools = [
  {
    type: "function" as const,
    name: "add",
    description: "Add",
    strict: false,
    parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } } },
  },
];

describe("the openai package over /v1/responses", { skip }, () => {
  let service: Service;
  let client: OpenAI;
  before(async () => {
    service = await startService(turns, { args: ["--approve", "auto", "--parallel", "4"] });
    client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: "none", maxRetries: 0 });
  });
  after(() => service[Symbol.asyncDispose]());
  const create = (input: string, more: object = {}) =>
    client.responses.create({ model: "mock", input, ...more, stream: false });
  const gather = async (events: AsyncIterable<ResponseStreamEvent>) => {
    const all: ResponseStreamEvent[] = [];
    for await (const event of events) all.push(event);
    return all;
  };

  test("a whole response", async () => {
    const response = await create("Hi.", { instructions: "Be brief." });
    assert.deepEqual([response.output_text, response.status], ["Hello, you there.", "completed"]);
    assert.ok((response.usage?.input_tokens ?? 0) > 0);
    assert.equal(service.engine.chats.at(-1)?.body.messages?.[0]?.content, "Be brief.");
  });

  test("a streamed one has the events in their order, numbered without gaps, and the client's helper reads it", async () => {
    const events = await gather(
      await client.responses.create({ model: "mock", input: "Think.", stream: true }),
    );
    const types = events.map((event) => event.type);
    assert.deepEqual(
      types.filter((type, i) => type !== types[i - 1]),
      [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.reasoning_text.delta",
        "response.reasoning_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
      ],
    );
    assert.deepEqual(
      events.map((event) => event.sequence_number),
      events.map((_, i) => i),
    );
    const final = await client.responses.stream({ model: "mock", input: "Hi." }).finalResponse();
    assert.equal(final.output_text, "Hello, you there.");
  });

  test("a call, its result by previous_response_id, and the answer", async () => {
    const first = await create("The sum.", { tools });
    const call = first.output.find((item) => item.type === "function_call");
    assert.deepEqual([call?.name, JSON.parse(call?.arguments ?? "")], ["add", { a: 2, b: 3 }]);
    const second = await client.responses.create({
      model: "mock",
      previous_response_id: first.id,
      input: [{ type: "function_call_output", call_id: call?.call_id ?? "", output: "5" }],
      tools,
    });
    assert.equal(second.output_text, "The result is 5.");
    const roles = service.engine.chats.at(-1)?.body.messages?.map(({ role }) => role);
    assert.deepEqual(roles, ["user", "assistant", "tool"]);
  });

  test("an answer that was cut is incomplete", async () => {
    const response = await create("Cut it.");
    assert.deepEqual(
      [response.status, response.incomplete_details?.reason],
      ["incomplete", "max_output_tokens"],
    );
  });

  test("in the background: at once, polled, its events from any place on", async () => {
    const begun = await create("Think.", { background: true });
    assert.ok(["queued", "in_progress"].includes(begun.status ?? ""));
    let now = begun;
    while (now.status === "queued" || now.status === "in_progress")
      now = await client.responses.retrieve(begun.id);
    assert.equal(now.output_text, "Four.");
    const all = await gather(await client.responses.retrieve(begun.id, { stream: true }));
    const rest = await gather(await client.responses.retrieve(begun.id, { stream: true, starting_after: 5 }));
    assert.deepEqual(rest, all.slice(6));
  });

  test("a stream in the background outlives its client, until it is cancelled; then the engine is stopped", async () => {
    const stream = await client.responses.create({
      model: "mock",
      input: "Go on for ever.",
      background: true,
      stream: true,
    });
    let id = "";
    for await (const event of stream) {
      if (event.type === "response.created") id = event.response.id;
      if (event.type === "response.output_text.delta") break;
    }
    const chat = service.engine.chats.at(-1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(chat?.closedAbs, undefined);
    assert.equal((await client.responses.cancel(id)).status, "cancelled");
    await until(() => chat?.closedAbs !== undefined);
    await client.responses.delete(id);
    await assert.rejects(
      client.responses.retrieve(id),
      (error) => error instanceof APIError && error.status === 404,
    );
  });

  test("in front, a client that leaves stops the engine", async () => {
    const stream = await client.responses.create({ model: "mock", input: "Go on for ever.", stream: true });
    for await (const event of stream) if (event.type === "response.output_text.delta") break;
    const chat = service.engine.chats.at(-1);
    await until(() => chat?.closedAbs !== undefined);
  });

  test("a failure in front has its status, in the background it is in the response", async () => {
    await assert.rejects(create("Broken."), (error) => error instanceof APIError && error.status === 502);
    const begun = await create("Broken.", { background: true });
    let now = begun;
    while (now.status === "queued" || now.status === "in_progress")
      now = await client.responses.retrieve(begun.id);
    assert.equal(now.status, "failed");
    assert.equal(now.error?.code, "engine_error");
  });

  test("a response before that is not there is refused by name", async () => {
    await assert.rejects(
      create("Hi.", { previous_response_id: "resp_none" }),
      (error) => error instanceof APIError && error.status === 400 && error.param === "previous_response_id",
    );
  });
});
