import assert from "node:assert/strict";
import { test } from "node:test";
import { bestPick, guideMemory } from "./fits.ts";
import { GUIDE, GUIDE_DATE, PICKS } from "./guide.ts";

test("every row has what a choice needs, once, and says where its scores are from", () => {
  assert.match(GUIDE_DATE, /^\d{4}-\d\d-\d\d$/);
  assert.equal(new Set(GUIDE.map(({ name }) => name)).size, GUIDE.length);
  for (const { name, bytes, license, format, scores, unverified, maxContextTokens, ...row } of GUIDE) {
    assert.match(name, /^[a-z0-9.-]+:[a-z0-9.-]+$/);
    assert.ok(bytes > 3e8 && bytes < 1e11, name);
    assert.ok(license !== "" && format !== "" && row.title !== "", name);
    assert.ok((maxContextTokens ?? 32_768) >= 32_768, name);
    for (const score of scores)
      assert.ok(score.source !== "" && score.value !== "" && score.what !== "", name);
    for (const field of unverified)
      assert.ok(["name", "bytes", "license", "maxContextTokens"].includes(field), field);
  }
});

test("what is recommended for so much memory fits in it, and more memory never gets a smaller one", () => {
  for (const { memoryGb, names } of PICKS) {
    for (const name of names) {
      const model = GUIDE.find((one) => one.name === name);
      assert.ok(model, name);
      assert.ok(guideMemory(model) <= memoryGb * 1e9 * 1.075, `${name} needs ${guideMemory(model) / 1e9} GB`);
    }
  }
  const cases: [number, string | undefined][] = [
    [1, undefined],
    [4.3, "qwen3.5:4b"],
    [8, "qwen3.5:9b"],
    [16, "gpt-oss:20b"],
    [18, "gpt-oss:20b"],
    [26, "qwen3.6:27b"],
    [64, "qwen3.6:35b-a3b"],
  ];
  for (const [gb, name] of cases) assert.equal(bestPick(gb * 1e9)?.name, name, `${gb} GB`);
});
