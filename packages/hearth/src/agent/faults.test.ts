import assert from "node:assert/strict";
import { test } from "node:test";
import { clip, faultKey, faultMessage, MAX_FAULT_CHARS, roundOf } from "./faults.ts";

const fault = { reason: "invalid_arguments" as const, message: 'add was not run. "b" is missing.' };

test("two rounds teach, the third asks for another way", () => {
  assert.equal(faultMessage(fault, "add", 1), fault.message);
  assert.equal(faultMessage(fault, "add", 2), fault.message);
  const third = faultMessage(fault, "add", 3);
  assert.match(third, /Calls of add have failed 3 times.*different tool.*"b" is missing/s);
});

test("no message is longer than about 120 tokens", () => {
  for (const round of [1, 2, 3, 9]) {
    const text = faultMessage({ ...fault, message: "word ".repeat(2000) }, "n".repeat(3000), round);
    assert.ok(text.length <= MAX_FAULT_CHARS, `${text.length}`);
    assert.match(text, / …$/);
  }
});

test("calls of one answer are one round, and tools that do not exist are counted together", () => {
  assert.equal(roundOf(undefined, 3), 1);
  assert.equal(roundOf({ rounds: 2, step: 3 }, 3), 2);
  assert.equal(roundOf({ rounds: 2, step: 3 }, 5), 3);
  assert.equal(faultKey("unknown_tool", "foo"), faultKey("unknown_tool", "bar"));
  assert.notEqual(faultKey("malformed", "foo"), faultKey("malformed", "bar"));
});

test("a shortened text is whole characters", () => {
  assert.ok(clip("😀".repeat(300), 101).isWellFormed());
});
