import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scripted } from "hearth/testing";
import { KeyRing } from "../access/index.ts";
import { keyRecord } from "../access/keys/make.ts";
import { createApp, type ServeOptions } from "../index.ts";

const json = { host: "127.0.0.1:4141", "content-type": "application/json" };
const messages = [{ role: "user", content: "Hi." }];

interface Queue {
  waiting: number;
  running: number;
  capacity: number;
  slots: number;
  engines: { engine: string; models: { name: string; state: string; running: number; waiting: number }[] }[];
  requests: {
    id: string;
    model: string;
    status: string;
    position?: number;
    estimateMs?: number;
    boundMs?: number;
  }[];
}

/** An app whose engine answers when `free` is called, to all who ask. */
function service(options: Partial<ServeOptions> = {}) {
  let free = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    free = resolve;
  });
  const model = scripted(async () => {
    await gate;
    return { text: "Done." };
  });
  const app = createApp({ agent: { model, tools: [] }, ...options });
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: "POST",
      headers: { ...json, ...headers },
      body: JSON.stringify({ model: "scripted", ...body }),
    });
  const chat = (headers: Record<string, string> = {}, more: object = {}) =>
    post("/v1/chat/completions", { messages, ...more }, headers);
  const queue = async (headers: Record<string, string> = {}): Promise<Queue> =>
    (await (await app.request("/api/queue", { headers: { ...json, ...headers } })).json()) as Queue;
  /** Waits until so many are in. */
  const inside = async (count: number, headers: Record<string, string> = {}): Promise<void> => {
    for (let i = 0; i < 500; i++) {
      const { waiting, running } = await queue(headers);
      if (waiting + running >= count) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.fail(`There are never ${count} in.`);
  };
  return { app, model, free, post, chat, queue, inside };
}

/** Keys of these tenants, in their order, and the headers that carry them. */
function keysOf(...tenants: string[]) {
  const made = tenants.map((tenant) => keyRecord({ tenant }, Date.now()));
  const headers = made.map(({ key }) => ({ authorization: `Bearer ${key}` }));
  return { keys: new KeyRing(made.map(({ record }) => record)), headers };
}

test("GET /api/queue tells what runs and waits, and one's own requests with their places", async () => {
  const { chat, queue, inside, free } = service();
  const first = chat({ "x-request-id": "one" });
  await inside(1);
  const second = chat({ "x-request-id": "two" });
  const third = chat({ "x-request-id": "three", "x-hearth-priority": "high" });
  await inside(3);
  const { engines, requests, ...counts } = await queue();
  assert.deepEqual(counts, { waiting: 2, running: 1, loaded: 1, capacity: 32, slots: 1 });
  assert.deepEqual(
    engines[0]?.models.map(({ name, state, running, waiting }) => [name, state, running, waiting]),
    [["scripted", "loaded", 1, 2]],
  );
  assert.deepEqual(
    requests.map(({ id, status, position }) => [id, status, position]),
    [
      ["one", "running", undefined],
      ["three", "waiting", 1],
      ["two", "waiting", 2],
    ],
  );
  assert.ok(
    requests.every(
      ({ status, estimateMs, boundMs }) => status === "running" || (estimateMs! >= 0 && boundMs! > 0),
    ),
  );
  free();
  await Promise.all([first, second, third]);
  assert.deepEqual((await queue()).requests, []);
});

test("a run is known by its id, and makes room for others while its tools run", async () => {
  let ask = 0;
  let rested = (): void => undefined;
  const rest = new Promise<void>((resolve) => {
    rested = resolve;
  });
  const model = scripted(() => (ask++ === 0 ? { calls: [{ name: "rest" }] } : { text: `answer ${ask}` }));
  const tool = {
    name: "rest",
    description: "Rests",
    parameters: { type: "object", properties: {} },
    run: () => rest,
  };
  const app = createApp({ agent: { model, tools: [tool] }, schedule: { lingerMs: 0 } });
  const post = (path: string, body: object) =>
    app.request(path, { method: "POST", headers: json, body: JSON.stringify(body) });
  const run = post("/agent", { input: "Rest." });
  while (ask === 0) await new Promise((resolve) => setImmediate(resolve));
  const other = await post("/v1/chat/completions", { model: "scripted", messages });
  assert.match(await other.text(), /answer 2/);
  rested();
  assert.match(await (await run).text(), /answer 3/);
});

describe("a full line says so at once, whoever fills it", () => {
  test("with a model that is loaded and busy: no request waits beyond the cap, and none of them reaches the engine", async () => {
    const { chat, queue, inside, model, free } = service({ maxQueue: 4 });
    const waiting = Array.from({ length: 5 }, () => chat());
    await inside(5);
    for (let i = 0; i < 20; i++) {
      const reply = await chat();
      assert.equal(reply.status, 429);
      assert.ok(Number(reply.headers.get("retry-after")) >= 1);
    }
    assert.equal((await queue()).waiting, 4);
    assert.equal(model.requests.length, 1);
    free();
    for (const reply of await Promise.all(waiting)) assert.equal(reply.status, 200);
  });
});

describe("several keys", () => {
  test("a key over its share is told 429; who finds no place because of others 503; a freed place is anybody's", async () => {
    const { keys, headers } = keysOf("a", "b", "c");
    const [a = {}, b = {}, c = {}] = headers;
    const { chat, inside, free } = service({ keys, maxQueue: 3 });
    const taken = [chat(a), chat(a)];
    await inside(2, a);
    assert.equal((await chat(a)).status, 429);
    taken.push(chat(b), chat(b));
    await inside(4, b);
    const full = await chat(c);
    assert.equal(full.status, 503);
    assert.ok(Number(full.headers.get("retry-after")) >= 1);
    free();
    for (const reply of await Promise.all(taken)) assert.equal(reply.status, 200);
    assert.equal((await chat(c)).status, 200);
  });

  test("a tenant sees its own requests, of all its keys, and of others only how many", async () => {
    const { keys, headers } = keysOf("a", "a", "b");
    const [first = {}, second = {}, other = {}] = headers;
    const { chat, queue, inside, free } = service({ keys });
    const all = [chat({ ...first, "x-request-id": "mine" })];
    await inside(1, first);
    all.push(chat({ ...other, "x-request-id": "secret" }), chat({ ...second, "x-request-id": "too" }));
    await inside(3, first);
    const seen = await queue(first);
    assert.deepEqual(seen.requests.map(({ id }) => id).sort(), ["mine", "too"]);
    assert.equal(seen.waiting, 2);
    assert.ok(!JSON.stringify(seen).includes("secret"));
    assert.deepEqual(
      (await queue(other)).requests.map(({ id }) => id),
      ["secret"],
    );
    free();
    await Promise.all(all);
  });

  test("keys of one tenant are served in turn, however many requests one of them has in line", async () => {
    const { keys, headers } = keysOf("a", "a");
    const [heavy = {}, light = {}] = headers;
    const { chat, queue, inside, free } = service({ keys });
    const all = Array.from({ length: 5 }, (_, i) => chat({ ...heavy, "x-request-id": `heavy ${i}` }));
    await inside(5, heavy);
    all.push(chat({ ...light, "x-request-id": "light" }));
    await inside(6, heavy);
    const { requests } = await queue(light);
    assert.equal(requests.find(({ id }) => id === "light")?.position, 1);
    free();
    await Promise.all(all);
  });
});

describe("headers of a request", () => {
  const wrong: [name: string, value: string][] = [
    ["x-hearth-priority", "urgent"],
    ["x-hearth-deadline", "soon"],
    ["x-hearth-deadline", "0"],
    ["x-hearth-deadline", "-5"],
    ["x-hearth-deadline", "1e3"],
    ["x-hearth-deadline", "86401"],
  ];
  for (const [name, value] of wrong) {
    test(`${name}: ${value} is 400 and takes no place`, async () => {
      const { chat, queue, model } = service();
      assert.equal((await chat({ [name]: value })).status, 400);
      assert.equal((await queue()).running, 0);
      assert.equal(model.requests.length, 0);
    });
  }

  test("a deadline that passes in line is 504, and the engine hears nothing of it", async () => {
    const { chat, queue, inside, model, free } = service();
    const first = chat();
    await inside(1);
    const late = await chat({ "x-hearth-deadline": "0.1" });
    assert.equal(late.status, 504);
    assert.match(await late.text(), /0\.1 s/);
    assert.equal((await queue()).waiting, 0);
    assert.equal(model.requests.length, 1);
    free();
    assert.equal((await first).status, 200);
  });

  test("a deadline that passes during the answer stops the engine: 504, in a stream its end", async () => {
    for (const stream of [false, true]) {
      const model = scripted([{ text: "word ".repeat(500), gapMs: 20 }]);
      const app = createApp({ agent: { model, tools: [] } });
      const reply = await app.request("/v1/chat/completions", {
        method: "POST",
        headers: { ...json, "x-hearth-deadline": "0.2" },
        body: JSON.stringify({ model: "scripted", messages, stream }),
      });
      assert.equal(reply.status, stream ? 200 : 504);
      assert.match(await reply.text(), /deadline_exceeded/);
    }
  });

  test("a run ends by its deadline and says what it has reached", async () => {
    const model = scripted([{ hang: true }]);
    const app = createApp({ agent: { model, tools: [] } });
    const reply = await app.request("/agent", {
      method: "POST",
      headers: { ...json, "x-hearth-deadline": "0.2" },
      body: JSON.stringify({ input: "Think." }),
    });
    const { stopReason, text } = (await reply.json()) as { stopReason: string; text: string };
    assert.equal(stopReason, "timeout");
    assert.notEqual(text, "");
  });
});

test("who waits longer than anybody may hears it as 503 with Retry-After", async () => {
  const { chat, inside, free } = service({ schedule: { queueTimeoutMs: 100 } });
  const first = chat();
  await inside(1);
  const late = await chat();
  assert.equal(late.status, 503);
  assert.ok(Number(late.headers.get("retry-after")) >= 1);
  assert.match(await late.text(), /queue_timeout/);
  free();
  await first;
});
