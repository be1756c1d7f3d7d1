import assert from "node:assert/strict";
import { test } from "node:test";
import { engineRoot, isLoopback, readAddress, readEngine } from "./address.ts";

test("an address is read as people write it", () => {
  const cases: [string, number | undefined, string | undefined][] = [
    ["http://127.0.0.1:11434", undefined, "http://127.0.0.1:11434"],
    ["127.0.0.1:8080", undefined, "http://127.0.0.1:8080"],
    ["localhost:8080/v1/", undefined, "http://localhost:8080/v1"],
    ["gpu-box", 11434, "http://gpu-box:11434"],
    ["gpu-box", undefined, undefined],
    ["0.0.0.0", 11434, "http://127.0.0.1:11434"],
    ["0.0.0.0:9999", 11434, "http://127.0.0.1:9999"],
    ["http://0.0.0.0:11434/", 11434, "http://127.0.0.1:11434"],
    [":11435", 11434, "http://127.0.0.1:11435"],
    ["::", 11434, "http://127.0.0.1:11434"],
    ["[::]:8000", 11434, "http://127.0.0.1:8000"],
    ["::1", 11434, "http://[::1]:11434"],
    ["https://models.example/v1", undefined, "https://models.example/v1"],
    ["ftp://models.example", 80, undefined],
    ["file:///etc/passwd", 80, undefined],
    ["a b", 80, undefined],
    ["host:notaport", 80, undefined],
  ];
  for (const [raw, port, wanted] of cases) assert.equal(readAddress(raw, port), wanted, raw);
});

test("loopback is told from what only looks like it", () => {
  const here = [
    "http://localhost:1",
    "http://127.0.0.1",
    "http://127.9.8.7:5",
    "http://[::1]:3",
    "http://2130706433",
  ];
  const away = [
    "http://127.0.0.1.example.com",
    "http://127.0.0.1@example.com",
    "http://localhost.example.com",
    "http://10.0.0.1",
    "http://[::2]",
    "nothing",
  ];
  for (const address of here) assert.equal(isLoopback(address), true, address);
  for (const address of away) assert.equal(isLoopback(address), false, address);
});

test("an engine is a known word or a URL, and a wrong word is told", () => {
  assert.deepEqual(readEngine("Ollama"), { ok: true, value: "ollama" });
  assert.deepEqual(readEngine("localhost:8080"), { ok: true, value: "http://localhost:8080" });
  assert.deepEqual(readEngine("api.example.com/v1"), { ok: true, value: "http://api.example.com/v1" });
  for (const wrong of ["olama", "", 7, null, "ws://x"])
    assert.equal(readEngine(wrong).ok, false, String(wrong));
});

test("a root is the address without the path of a wire", () => {
  assert.equal(engineRoot("http://h:1/v1"), "http://h:1");
  assert.equal(engineRoot("http://h:1/api/"), "http://h:1");
  assert.equal(engineRoot("https://h/prefix/v1"), "https://h/prefix");
  assert.equal(engineRoot("http://h:1"), "http://h:1");
});
