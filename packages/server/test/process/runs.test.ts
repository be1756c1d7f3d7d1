import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { RunEvent } from "hearth";
import { type Service, skip, startService, until } from "./support.ts";
import { turns } from "./turns.ts";

const JSON_TYPE = { "content-type": "application/json" };

describe("runs over HTTP", { skip }, () => {
  let service: Service;
  before(async () => {
    service = await startService(turns);
  });
  after(() => service[Symbol.asyncDispose]());
  const post = (path: string, body: object = {}, headers: Record<string, string> = {}) =>
    fetch(service.url + path, {
      method: "POST",
      headers: { ...JSON_TYPE, ...headers },
      body: JSON.stringify(body),
    });
  const get = async (path: string) =>
    (await fetch(service.url + path)).json() as Promise<Record<string, unknown>>;
  const withToken = () => ({ authorization: `Bearer ${service.token}` });
  const begin = async (input: string): Promise<string> => {
    const reply = await post("/agent", { input, background: true });
    assert.equal(reply.status, 202);
    return ((await reply.json()) as { runId: string }).runId;
  };
  const settled = async (runId: string, status: string): Promise<Record<string, unknown>> => {
    for (const began = Date.now(); ; ) {
      const view = await get(`/agent/runs/${runId}`);
      if (view["status"] === status) return view;
      if (Date.now() - began > 10_000) assert.fail(`still ${view["status"]}: ${view["text"]}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  test("a run in the background is listed, shown and replayed from any place", async () => {
    const runId = await begin("The sum.");
    const view = await settled(runId, "finished");
    assert.equal(view["text"], "The result is 5.");
    const { runs } = (await get("/agent/runs?limit=1")) as { runs: { runId: string }[] };
    assert.deepEqual(
      runs.map((run) => run.runId),
      [runId],
    );
    const all = await events(`/agent/runs/${runId}/events`);
    assert.deepEqual(
      all.map(({ event }) => event.seq),
      all.map((_, i) => i + 1),
    );
    assert.ok(all.every(({ id, event }) => id === event.seq));
    assert.equal(all.at(-1)?.event.type, "run.finished");
    const rest = await events(`/agent/runs/${runId}/events?after=3`);
    assert.deepEqual(
      rest.map(({ event }) => event.seq),
      all.slice(3).map(({ event }) => event.seq),
    );
    const last = await fetch(`${service.url}/agent/runs/${runId}/events`, {
      headers: { "last-event-id": String(all.length) },
    });
    assert.equal(last.status, 204);
  });

  test("Last-Event-ID: whoever comes back again and again gets each event once", async () => {
    const runId = await begin("Say a long word, for ever.");
    const seen: number[] = [];
    while (seen.length < 60) {
      const reply = await fetch(`${service.url}/agent/runs/${runId}/events`, {
        headers: { "last-event-id": String(seen.at(-1) ?? 0) },
      });
      const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      while (text.split("\n\n").length < 8) text += (await reader.read()).value ?? "";
      await reader.cancel();
      for (const frame of text.split("\n\n").slice(0, -1)) seen.push(Number(/^id: (\d+)$/m.exec(frame)?.[1]));
    }
    assert.deepEqual(
      seen,
      seen.map((_, i) => i + 1),
    );
    const cancelled = (await (await post(`/agent/runs/${runId}/cancel`)).json()) as Record<string, unknown>;
    assert.deepEqual([cancelled["status"], cancelled["stopReason"]], ["finished", "cancelled"]);
    assert.equal((await post(`/agent/runs/${runId}/cancel`)).status, 409);
  });

  test("a run goes on when its client leaves", async () => {
    const leave = new AbortController();
    const reply = await fetch(`${service.url}/agent`, {
      method: "POST",
      headers: JSON_TYPE,
      body: JSON.stringify({ input: "The sum.", stream: true }),
      signal: leave.signal,
    });
    const runId = reply.headers.get("x-run-id") ?? "";
    leave.abort();
    assert.equal((await settled(runId, "finished"))["stopReason"], "answer");
  });

  test("an approval: the run waits, needs the token, goes on by itself with the edited arguments", async () => {
    const runId = await begin("Write a letter.");
    const view = await settled(runId, "waiting");
    const [call] = view["approvals"] as { callId: string; name: string; arguments: object }[];
    assert.deepEqual([call?.name, call?.arguments], ["send_letter", { to: "Ann" }]);
    const path = `/agent/runs/${runId}/approvals/${call?.callId}`;
    assert.equal((await post(path, { decision: "approve" })).status, 401);
    assert.equal((await post(path, { decision: "approve" }, { authorization: "Bearer no" })).status, 401);
    assert.equal((await post(path, { decision: "maybe" }, withToken())).status, 400);
    const given = await post(path, { decision: "approve", arguments: { to: "Bob" } }, withToken());
    assert.equal(given.status, 202);
    assert.match(String((await settled(runId, "finished"))["text"]), /sent to Bob/);
    assert.equal((await post(path, { decision: "approve" }, withToken())).status, 409);
    const other = `/agent/runs/${runId}/approvals/call_none`;
    assert.equal((await post(other, { decision: "approve" }, withToken())).status, 404);
  });

  test("after a crash: what waits can be decided, what was interrupted goes on, a session is remembered", async () => {
    await post("/agent", { input: "Hi.", session: "desk" });
    const waits = await begin("Write a letter.");
    const { approvals } = await settled(waits, "waiting");
    const long = await begin("Go on for ever.");
    await until(() => service.engine.chats.at(-1)?.closedAbs === undefined);
    await service.restart();
    assert.equal((await settled(long, "running"))["stopReason"], undefined);
    assert.equal((await post(`/agent/runs/${long}/resume`)).status, 401);
    assert.equal((await post(`/agent/runs/${long}/cancel`)).status, 200);
    const [call] = approvals as { callId: string }[];
    await post(`/agent/runs/${waits}/approvals/${call?.callId}`, { decision: "refuse" }, withToken());
    assert.match(String((await settled(waits, "finished"))["text"]), /result is/);
    await post("/agent", { input: "The sum.", session: "desk" });
    const said = JSON.stringify(service.engine.chats.at(-1)?.body.messages);
    assert.match(said, /Hello, you there/);
  });

  test("runs of one session are one conversation, in turn", async () => {
    const replies = await Promise.all(
      ["Hi.", "The sum."].map((input) => post("/agent", { input, session: "two" })),
    );
    assert.ok(replies.every((reply) => reply.status === 200));
    const messages = service.engine.chats.at(-1)?.body.messages ?? [];
    assert.deepEqual(
      messages.filter(({ role }) => role === "user").map(({ content }) => content),
      ["Hi.", "The sum."],
    );
  });

  test("what is not there is 404, what is no number 400; the emergency stop cancels all", async () => {
    for (const path of ["", "/events"])
      assert.equal((await fetch(`${service.url}/agent/runs/run_none${path}`)).status, 404);
    assert.equal((await post("/agent/runs/run_none/cancel")).status, 404);
    assert.equal((await fetch(`${service.url}/agent/runs?limit=x`)).status, 400);
    const runId = await begin("Go on for ever.");
    assert.equal((await post("/agent/stop")).status, 401);
    assert.deepEqual(await (await post("/agent/stop", {}, withToken())).json(), { stopped: 1 });
    assert.equal((await settled(runId, "finished"))["stopReason"], "cancelled");
  });

  async function events(path: string): Promise<{ id: number; event: RunEvent }[]> {
    const text = await (await fetch(service.url + path)).text();
    return text
      .split("\n\n")
      .filter((frame) => frame.includes("data: "))
      .map((frame) => ({
        id: Number(/^id: (\d+)$/m.exec(frame)?.[1]),
        event: JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? "null") as RunEvent,
      }));
  }
});
