import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { capResult, resultCapTokens } from "./results.ts";
import { chooseWindow } from "./window.ts";

test("a result that fits is left alone", () => {
  assert.deepEqual(capResult("short", 100, "id"), { content: "short" });
});

test("a long result keeps head and tail, says how much is left out and where the whole is", () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`).join("\n");
  const { content, whole } = capResult(lines, 500, "log-1");
  assert.equal(whole, lines);
  assert.match(content, /^line 0\nline 1\n/);
  assert.match(content, /line 4999$/);
  assert.match(content, /\[… [\d,]+ of [\d,]+ characters left out; the whole result is kept as "log-1" …\]/);
  assert.ok(content.length < 500 * 4 + 200);
});

test("a cut never leaves half a character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 300, maxLength: 900 }), (text) => {
      assert.ok(capResult(text.toWellFormed(), 20, "id").content.isWellFormed());
    }),
  );
});

const windows: [string, Parameters<typeof chooseWindow>, number][] = [
  ["a wish is kept up to what the model can", [{ name: "m", maxContextTokens: 4096 }, 32_768], 4096],
  ["a loaded window of 8,192 or more stays", [{ name: "m", loadedContextTokens: 12_000 }], 12_000],
  [
    "a small loaded one does not",
    [{ name: "m", loadedContextTokens: 4096, maxContextTokens: 40_960 }],
    16_384,
  ],
  ["a small model keeps its own", [{ name: "m", maxContextTokens: 2048 }], 2048],
  ["nothing known: 16,384", [{ name: "m" }], 16_384],
];
for (const [name, args, expected] of windows) {
  test(`window: ${name}`, () => assert.equal(chooseWindow(...args), expected));
}

test("the cap is 1,500 tokens or a tenth of a small window", () => {
  assert.equal(resultCapTokens(32_768), 1500);
  assert.equal(resultCapTokens(8192), 819);
});
