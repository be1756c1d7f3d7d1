import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeServer } from "../../test/fake-server.ts";
import { lookAround, places } from "./servers.ts";

const none = { "ollama.url": undefined, "openai.url": undefined, apiKey: undefined };

test("the usual ports of this machine are looked at, and what the environment names there", () => {
  const names = (settings: Parameters<typeof places>[0]): string[] =>
    places(settings).map(({ name, address }) => `${name} ${address}`);
  const usual = [
    "ollama http://127.0.0.1:11434",
    "lmstudio http://127.0.0.1:1234",
    "llama-server http://127.0.0.1:8080",
    "vllm http://127.0.0.1:8000",
  ];
  assert.deepEqual(names(none), usual);
  assert.deepEqual(names({ ...none, "ollama.url": "http://127.0.0.1:9" })[0], "ollama http://127.0.0.1:9");
  assert.deepEqual(names({ ...none, "openai.url": "http://localhost:7/v1" })[0], "openai http://localhost:7");
});

test("another machine is never looked at, nor given the key", () => {
  const away = { "ollama.url": "http://gpu-box:11434", "openai.url": "https://api.example/v1", apiKey: "k" };
  const list = places(away);
  assert.ok(list.every(({ address }) => address.startsWith("http://127.0.0.1:")));
  assert.ok(list.every(({ apiKey }) => apiKey === undefined));
});

test("servers are found with their models, in the order given, and at the same time", async () => {
  const slow = await fakeServer(
    {
      "/api/version": { version: "0.33.0" },
      "/api/tags": { models: [{ name: "qwen3:8b", capabilities: ["tools"] }] },
      "/api/ps": { models: [] },
    },
    { delayMs: 60 },
  );
  const quick = await fakeServer({ "/v1/models": { data: [{ id: "gemma" }] } });
  const found = await lookAround([
    { name: "ollama", address: slow.url },
    { name: "vllm", address: "http://127.0.0.1:9" },
    { name: "lmstudio", address: quick.url },
  ]);
  assert.deepEqual(
    found.map(({ name, wire, models }) => [name, wire, models[0]?.name]),
    [
      ["ollama", "ollama", "qwen3:8b"],
      ["lmstudio", "openai", "gemma"],
    ],
  );
  assert.equal(found[0]?.version, "0.33.0");
  await Promise.all([slow.close(), quick.close()]);
});

test("a server that can't list its models is found with the problem", async () => {
  const broken = await fakeServer({
    "/api/version": { version: "0.33.0" },
    "/api/tags": 500,
    "/v1/models": 401,
  });
  const [found] = await lookAround([{ name: "ollama", address: broken.url }]);
  assert.deepEqual(found?.models, []);
  assert.match(found?.problem ?? "", /\S/);
  await broken.close();
});
