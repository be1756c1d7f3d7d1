import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../protocol/index.ts";
import { openaiEndpoints } from "../openai/endpoint.ts";
import { endpointOf } from "./endpoint.ts";
import { retryAfterMs } from "./retry-after.ts";

const written: [url: string, address: string][] = [
  ["http://127.0.0.1:11434", "http://127.0.0.1:11434"],
  ["http://127.0.0.1:11434///", "http://127.0.0.1:11434"],
  ["localhost", "http://localhost:11434"],
  ["0.0.0.0", "http://127.0.0.1:11434"],
  [":9000", "http://127.0.0.1:9000"],
  ["http://0.0.0.0:8080", "http://127.0.0.1:8080"],
  ["http://[::]:8080", "http://[::1]:8080"],
  ["http://[::1]:8080/x/", "http://[::1]:8080/x"],
  ["https://host.example", "https://host.example"],
  [" HTTP://Host:80 ", "http://host"],
  ["gpu-box:11434", "http://gpu-box:11434"],
];

for (const [url, address] of written) {
  test(`address ${JSON.stringify(url)} means ${address}`, () => {
    assert.equal(endpointOf(url, { port: 11434 }).address, address);
  });
}

test("credentials in an address become a header and are not shown", () => {
  const endpoint = endpointOf("http://user:p%40ss@host:1/v1");
  assert.equal(endpoint.address, "http://host:1/v1");
  assert.equal(endpoint.authorization, `Basic ${Buffer.from("user:p@ss").toString("base64")}`);
});

for (const url of ["", "http://", "ftp://host", "http://host:99999", "http://a b"]) {
  test(`${JSON.stringify(url)} is refused with an example`, () => {
    assert.throws(
      () => endpointOf(url),
      (error) =>
        error instanceof ConfigError && error.exitCode === 2 && /http:\/\/127/.test(error.remedy ?? ""),
    );
  });
}

const loopback: [host: string, is: boolean][] = [
  ["127.0.0.1", true],
  ["127.8.8.8", true],
  ["localhost", true],
  ["[::1]", true],
  ["0.0.0.0", true],
  ["127.example.com", false],
  ["192.168.1.4", false],
  ["localhost.example.com", false],
];
test("only this machine is loopback", () => {
  for (const [host, is] of loopback) assert.equal(endpointOf(`http://${host}:1`).loopback, is, host);
});

const openaiForms: [url: string, api: string, root: string][] = [
  ["http://h:1", "http://h:1/v1", "http://h:1"],
  ["http://h:1/v1", "http://h:1/v1", "http://h:1"],
  ["http://h:1/v1/", "http://h:1/v1", "http://h:1"],
  ["http://h:1/v1/v1", "http://h:1/v1", "http://h:1"],
  ["http://h:1/v1/chat/completions", "http://h:1/v1", "http://h:1"],
  ["http://127.0.0.1:1/api", "http://127.0.0.1:1/v1", "http://127.0.0.1:1"],
  ["https://router.example/api/v1", "https://router.example/api/v1", "https://router.example/api"],
  ["https://g.example/openai/v1", "https://g.example/openai/v1", "https://g.example/openai"],
  ["https://g.example/v1beta/openai", "https://g.example/v1beta/openai", "https://g.example/v1beta/openai"],
  ["http://h/prefix", "http://h/prefix/v1", "http://h/prefix"],
];
for (const [url, api, root] of openaiForms) {
  test(`an OpenAI address ${url} is ${api}`, () => {
    const endpoints = openaiEndpoints(url);
    assert.deepEqual([endpoints.api.address, endpoints.root.address], [api, root]);
  });
}

const now = Date.UTC(2026, 10, 21, 8, 0, 0);
const waits: [headers: Record<string, string>, ms: number | undefined][] = [
  [{}, undefined],
  [{ "retry-after": "2" }, 2000],
  [{ "retry-after": " 1.5 " }, 1500],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after": "Sat, 21 Nov 2026 08:00:30 GMT" }, 30_000],
  [{ "retry-after": "Sat, 21 Nov 2026 07:00:00 GMT" }, 0],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "-5" }, undefined],
  [{ "retry-after": "9", "retry-after-ms": "250" }, 250],
];
for (const [headers, ms] of waits) {
  test(`${JSON.stringify(headers)} asks to wait ${ms} ms`, () =>
    assert.equal(retryAfterMs(headers, now), ms));
}
