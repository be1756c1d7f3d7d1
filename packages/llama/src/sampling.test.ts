import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineRefusedError } from "hearth";
import { checkGrammar, checkSampling } from "./sampling.ts";

test("what is left out gets its default", () => {
  const { seed, ...rest } = checkSampling({});
  assert.deepEqual(rest, { temperature: 0, topP: 1, topK: 0, minP: 0, maxTokens: 0, stop: [] });
  assert.ok(Number.isInteger(seed) && seed >= 0 && seed <= 0xffff_ffff);
  assert.equal(checkSampling({ seed: 7 }).seed, 7);
});

test("values that make no sense are refused by name", () => {
  const cases: [object, RegExp][] = [
    [{ temperature: Number.NaN }, /temperature/],
    [{ temperature: -0.1 }, /temperature/],
    [{ temperature: Number.POSITIVE_INFINITY }, /temperature/],
    [{ temperature: "hot" }, /temperature/],
    [{ topP: 1.1 }, /topP/],
    [{ minP: -1 }, /minP/],
    [{ topK: 1.5 }, /topK/],
    [{ seed: -1 }, /seed/],
    [{ maxTokens: 0 }, /maxTokens/],
    [{ maxTokens: 1e300 }, /maxTokens/],
    [{ stop: "x" }, /stop/],
    [{ stop: [1] }, /stop/],
    [{ stop: ["x".repeat(2000)] }, /stop/],
    [{ stop: Array.from({ length: 100 }, () => "x") }, /stop/],
  ];
  for (const [sampling, message] of cases) {
    assert.throws(
      () => checkSampling(sampling),
      (error) => {
        assert.ok(error instanceof EngineRefusedError, JSON.stringify(sampling));
        assert.match(error.message, message);
        assert.ok(error.remedy);
        return true;
      },
    );
  }
});

test("a grammar that would bring the native reader down is refused", () => {
  checkGrammar('root ::= "((((" [()]* # ((((\n');
  checkGrammar(`root ::= ${'("a" '.repeat(400)}${")".repeat(400)}`);
  for (const bad of [`root ::= ${"(".repeat(20_000)}`, "x".repeat(2_000_000), 'root ::= "\0"']) {
    assert.throws(() => checkGrammar(bad), EngineRefusedError);
  }
});
