import assert from "node:assert/strict";
import { test } from "node:test";
import { HearthError } from "../protocol/index.ts";
import { failedResult, normalizeResult } from "./results.ts";

const circular: Record<string, unknown> = {};
circular["self"] = circular;

const cases: [name: string, value: unknown, ok: boolean, content: string][] = [
  ["a text", "hello", true, "hello"],
  ["nothing", undefined, true, "(no output)"],
  ["an empty text", "", true, "(no output)"],
  ["a number", 42, true, "42"],
  ["false is a value", false, true, "false"],
  ["an object", { a: [1] }, true, '{"a":[1]}'],
  ["a pair of true and data", [true, { n: 1 }], true, '{"n":1}'],
  ["a pair of false and a reason", [false, "no such file"], false, "no such file"],
  ["a result", { content: "x", ok: false }, false, "x"],
  ["an object that only looks like one", { content: "x", more: 1 }, true, '{"content":"x","more":1}'],
  ["a big integer", { n: 10n ** 20n }, true, '{"n":"100000000000000000000"}'],
  ["a circle", circular, true, "[object Object]"],
];

for (const [name, value, ok, content] of cases) {
  test(`a tool's result: ${name}`, () => {
    const result = normalizeResult(value);
    assert.equal(result.ok, ok);
    assert.equal(result.content, content);
  });
}

test("a failure says its message, its cause and its remedy, and no stack", () => {
  const error = new HearthError("can't read x", { cause: new Error("EACCES"), remedy: "Ask for less." });
  assert.equal(failedResult(error).content, "Error: can't read x (EACCES). Ask for less.");
  assert.equal(failedResult("boom").content, 'Error: "boom"');
});
