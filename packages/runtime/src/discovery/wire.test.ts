import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { test } from "node:test";
import { fakeServer } from "../../test/fake-server.ts";
import { likelyWire, recognise } from "./wire.ts";

const LIST = { object: "list", data: [{ id: "m", object: "model" }] };

test("what an address speaks is told by what it answers", async () => {
  const cases: [string, Record<string, unknown>, number, string | undefined][] = [
    ["Ollama", { "/api/version": { version: "0.33.0" }, "/v1/models": LIST }, 404, "ollama"],
    [
      "llama-server, with a path of Ollama's",
      { "/api/tags": { models: [] }, "/v1/models": LIST },
      404,
      "openai",
    ],
    ["LM Studio, 200 for every path", { "/v1/models": LIST }, 200, "openai"],
    ["a gateway that wants a key", { "/v1/models": 401 }, 404, "openai"],
    ["some other server", { "/": "<html>" }, 404, undefined],
    ["a page for every path", {}, 200, undefined],
    ["no JSON", { "/v1/models": "<html>", "/api/version": "1" }, 404, undefined],
  ];
  for (const [name, answers, otherwise, wanted] of cases) {
    const server = await fakeServer(answers, { otherwise });
    for (const path of ["", "/v1", "/api", "/"]) {
      assert.equal((await recognise(server.url + path))?.wire, wanted, `${name} ${path}`);
    }
    await server.close();
  }
});

test("the key goes along when a server is asked", async () => {
  const server = await fakeServer({ "/v1/models": LIST });
  await recognise(server.url, { apiKey: "k" });
  assert.ok(server.keys.every((key) => key === "Bearer k"));
  await server.close();
});

test("nothing there, or something that is no HTTP, is an answer and no error", async () => {
  const odd = createServer((socket) => socket.resume().end("SSH-2.0-OpenSSH\r\n"));
  await new Promise<void>((resolve) => odd.listen(0, "127.0.0.1", resolve));
  const { port } = odd.address() as AddressInfo;
  assert.equal(await recognise(`http://127.0.0.1:${port}`), undefined);
  await new Promise((resolve) => odd.close(resolve));
  assert.equal(await recognise(`http://127.0.0.1:${port}`), undefined);
});

test("where nobody can be asked, the port and the path tell", () => {
  assert.equal(likelyWire("http://127.0.0.1:11434"), "ollama");
  assert.equal(likelyWire("http://host:9/api"), "ollama");
  assert.equal(likelyWire("http://127.0.0.1:8080/v1"), "openai");
});
