import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UsageError } from "hearth";
import { scripted } from "hearth/testing";
import { Hono } from "hono";
import { createApp, serve } from "../serve.ts";
import { credentialOf } from "./extract.ts";
import { gate } from "./gate.ts";
import { AccessControl, KeyRing, principalOf } from "./index.ts";
import { keyRecord } from "./keys/make.ts";
import { Places, RateMeter } from "./meter.ts";
import { mayUse, requireAgent, visible } from "./models.ts";
import { namesOf, originsOf } from "./names.ts";
import { LOCAL, type Principal, TOKEN_HOLDER } from "./principal.ts";
import { type AccessNote, Refusals } from "./refusals.ts";

const headers = { host: "127.0.0.1:4141", "content-type": "application/json" };

describe("the one place that takes a key out of a request", () => {
  const cases: [headers: Record<string, string>, found: string][] = [
    [{}, "none"],
    [{ authorization: "" }, "none"],
    [{ authorization: "Basic abc" }, "none"],
    [{ authorization: "k" }, "none"],
    [{ authorization: "Bearer" }, "unclear"],
    [{ authorization: "Bearer " }, "unclear"],
    [{ authorization: "Bearer a b" }, "unclear"],
    [{ authorization: "Bearer\ta" }, "unclear"],
    [{ authorization: "Bearer a,Bearer b" }, "unclear"],
    [{ authorization: "Bearer a, b" }, "unclear"],
    [{ authorization: "Bearer é" }, "unclear"],
    [{ authorization: `Bearer ${"a".repeat(513)}` }, "unclear"],
    [{ authorization: "Bearer a", "x-api-key": "b" }, "unclear"],
    [{ authorization: "Bearer a b", "x-api-key": "a" }, "unclear"],
    [{ "x-api-key": "a, b" }, "unclear"],
    [{ "x-api-key": "" }, "unclear"],
    [{ authorization: "Bearer a" }, "a"],
    [{ authorization: "bearer   a" }, "a"],
    [{ "x-api-key": "a" }, "a"],
    [{ authorization: "Bearer a", "x-api-key": "a" }, "a"],
    [{ authorization: "Basic x", "x-api-key": "a" }, "a"],
    [{ cookie: "authorization=Bearer a", "x-auth-token": "a" }, "none"],
  ];
  for (const [given, wanted] of cases)
    test(JSON.stringify(given).slice(0, 60), async () => {
      const app = new Hono();
      app.get("/", (c) => c.json(credentialOf(c)));
      const found: unknown = await (await app.request("/?key=a&access_token=a", { headers: given })).json();
      assert.deepEqual(found, wanted === "none" || wanted === "unclear" ? wanted : { key: wanted });
    });
});

describe("models and agents of a key", () => {
  const scopes: Principal["scopes"] = new Set(["models", "agents"]);
  const base: Principal = { tenant: "t", scopes, proven: true };
  const model: Principal = { ...base, models: new Set(["a", "b:latest", "agent:hearth2"]) };
  const agent: Principal = { ...base, models: new Set(["a"]), agents: new Set(["hearth"]) };
  const noAgents: Principal = { ...base, scopes: new Set(["models"]) };
  const cases: [who: string, principal: Principal, may: string[], mayNot: string[]][] = [
    ["the person at the machine", LOCAL, ["a", "agent:hearth", "agent:a"], []],
    ["the token", TOKEN_HOLDER, ["a", "agent:hearth"], []],
    ["a key without limits", base, ["a", "x:1", "agent:hearth", "agent:x"], []],
    [
      "a key of models",
      model,
      ["a", "a:latest", "b", "b:latest", "agent:a", "agent:hearth2"],
      ["c", "A", "a:1", "ab", "", " a", "agent:hearth", "agent:default", "agent:c"],
    ],
    [
      "a key of models and an agent",
      agent,
      ["a", "agent:hearth"],
      ["b", "agent:a", "agent:default", "hearth"],
    ],
    ["a key without the scope agents", noAgents, ["a", "x"], ["agent:hearth", "agent:a"]],
  ];
  for (const [who, principal, may, mayNot] of cases)
    test(who, () => {
      for (const name of may) assert.equal(mayUse(principal, name), true, name);
      for (const name of mayNot) assert.equal(mayUse(principal, name), false, name);
      const shown = visible(
        principal,
        [...may, ...mayNot].map((name) => ({ name })),
      );
      assert.deepEqual(
        shown.map(({ name }) => name),
        may,
      );
    });

  test("an agent's own model comes with the agent only where the key names the agent", () => {
    const refused: [Principal, string | undefined, boolean][] = [
      [model, undefined, false],
      [model, "c", false],
      [model, "c", true],
      [agent, "c", true],
      [{ ...base, agents: new Set(["other"]) }, "a", false],
    ];
    for (const [who, name, named] of refused) assert.throws(() => requireAgent(who, name, named));
    const granted: [Principal, string | undefined, boolean][] = [
      [LOCAL, undefined, false],
      [base, "c", true],
      [model, "a", false],
      [model, "a", true],
      [agent, undefined, false],
      [agent, "c", false],
      [agent, "a", true],
    ];
    for (const [who, name, named] of granted) requireAgent(who, name, named);
  });
});

describe("names and origins", () => {
  test("loopback, its own address and what was allowed", () => {
    assert.deepEqual([...namesOf("127.0.0.1", [])].sort(), ["127.0.0.1", "[::1]", "localhost"]);
    assert.ok(namesOf("192.168.1.5", ["Box.Example:8080"]).has("192.168.1.5"));
    assert.ok(namesOf("192.168.1.5", ["Box.Example:8080"]).has("box.example"));
    assert.ok(namesOf("fe80::1", []).has("[fe80::1]"));
    assert.ok(!namesOf("0.0.0.0", []).has("0.0.0.0") && namesOf("0.0.0.0", []).size >= 3);
  });
  for (const bad of [
    "*",
    "null",
    "",
    "example.com",
    "https://",
    "https://*.example.com",
    "https://a/b",
    "https://u@a",
  ])
    test(`"${bad}" is no origin`, () => assert.throws(() => originsOf([bad]), UsageError));
  test("origins are told by name", () => {
    assert.deepEqual(
      [...originsOf(["https://A.example/", "app://obsidian.md"])],
      ["https://a.example", "app://obsidian.md"],
    );
  });
});

test("an allowed origin is answered by its name, a preflight too; no other is", async () => {
  const model = scripted([{ text: "Hi." }], { last: "repeat" });
  const app = createApp({ agent: { model, tools: [] }, allowOrigins: ["https://chat.example"] });
  const asked = { ...headers, origin: "https://chat.example" };
  const preflight = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, content-type",
  };
  const reply = await app.request("/v1/chat/completions", {
    method: "OPTIONS",
    headers: { ...asked, ...preflight },
  });
  assert.equal(reply.status, 204);
  assert.equal(reply.headers.get("access-control-allow-origin"), "https://chat.example");
  assert.equal(reply.headers.get("access-control-allow-headers"), "authorization, content-type");
  assert.equal(reply.headers.get("access-control-allow-credentials"), null);
  const models = await app.request("/v1/models", { headers: asked });
  assert.equal(models.status, 200);
  assert.equal(models.headers.get("access-control-allow-origin"), "https://chat.example");
  assert.match(models.headers.get("vary") ?? "", /Origin/);
  for (const origin of [
    "https://chat.example.evil",
    "http://chat.example",
    "https://chat.example:8443",
    "null",
  ]) {
    const other = await app.request("/v1/models", { headers: { ...headers, origin } });
    assert.equal(other.status, 403, origin);
    assert.equal(other.headers.get("access-control-allow-origin"), null);
  }
  const own = await app.request("/v1/models", { headers: { ...headers, origin: "http://127.0.0.1:4141" } });
  assert.equal(own.headers.get("access-control-allow-origin"), null);
  assert.equal(own.status, 200);
});

test("a page of an allowed origin may read streams too, with a socket and without one", async () => {
  const agent = { model: scripted([{ text: "Hi." }], { last: "repeat" }), tools: [] };
  const options = { agent, allowOrigins: ["https://chat.example"] };
  const service = await serve({ ...options, port: 0 });
  const app = createApp(options);
  const asked = {
    method: "POST",
    headers: { ...headers, origin: "https://chat.example" },
    body: JSON.stringify({ model: "scripted", messages: [{ role: "user", content: "Hi" }], stream: true }),
  };
  const replies = await Promise.all([
    app.request("/v1/chat/completions", asked),
    fetch(`${service.url}/v1/chat/completions`, asked),
  ]);
  const texts = await Promise.all(replies.map((reply) => reply.text()));
  await service.close();
  for (const { headers: head } of replies) {
    assert.equal(head.get("access-control-allow-origin"), "https://chat.example");
    assert.match(head.get("content-type") ?? "", /^text\/event-stream/);
  }
  for (const text of texts) assert.match(text, /Hi\.[\s\S]*\[DONE\]/);
});

test("a route that is reached without a gate finds nobody", async () => {
  const app = new Hono();
  app.get("/", (c) => c.text(principalOf(c).tenant));
  app.onError((error, c) => c.text(error.message, 500));
  assert.equal((await app.request("/")).status, 500);
});

test("what is mounted past the routes is behind the gate all the same", async () => {
  const { key, record } = keyRecord({}, Date.now());
  const ring = new KeyRing([record]);
  const control = new AccessControl({ token: "t".repeat(43), ring, host: "127.0.0.1" });
  const app = new Hono();
  app.use(gate(control));
  app.get("/forgotten", (c) => c.text("here"));
  assert.equal((await app.request("/forgotten", { headers })).status, 401);
  const reply = await app.request("/forgotten", { headers: { ...headers, "x-api-key": key } });
  assert.equal(await reply.text(), "here");
});

describe("shares", () => {
  test("so many a minute in the long run, a tenth at once; others have their own", () => {
    let now = 0;
    const meter = new RateMeter(() => now);
    const take = (count: number, key = "a") =>
      Array.from({ length: count }, () => meter.take(key, 600)).filter((wait) => wait === undefined).length;
    assert.equal(take(100), 60);
    assert.equal(meter.take("a", 600), 1);
    assert.equal(take(100, "b"), 60);
    now += 1000;
    assert.equal(take(100), 10);
    now += 3_600_000;
    assert.equal(take(100), 60);
    now -= 10_000;
    assert.equal(take(1), 0, "a clock that is set back gives nothing");
  });

  test("a small share has twenty at once, and says when the next one comes", () => {
    const meter = new RateMeter(() => 0);
    for (let i = 0; i < 20; i++) assert.equal(meter.take("a", 1), undefined);
    assert.equal(meter.take("a", 1), 60);
  });

  test("places are given back once each", () => {
    const places = new Places();
    const first = places.take("a", 2);
    const second = places.take("a", 2);
    assert.equal(places.take("a", 2), undefined);
    assert.ok(places.take("b", 2));
    first?.();
    first?.();
    assert.ok(places.take("a", 2));
    assert.equal(places.take("a", 2), undefined);
    second?.();
    assert.ok(places.take("a", 2));
  });
});

test("refusals are told, a flood of them in numbers, and no path can break a line", () => {
  let now = 0;
  const notes: AccessNote[] = [];
  const refusals = new Refusals(
    (note) => notes.push(note),
    () => now,
  );
  for (let i = 0; i < 1000; i++) refusals.add({ status: 401, path: "/x\n\u001b[31m" });
  assert.equal(notes.length, 20);
  assert.equal(notes[0]?.path, "/x??[31m");
  now = 2000;
  refusals.add({ status: 403, path: "/".repeat(5000) });
  assert.deepEqual([notes.length, notes[20]?.untold, notes[20]?.path?.length], [21, 980, 200]);
});
