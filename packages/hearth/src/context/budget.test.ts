import assert from "node:assert/strict";
import { test } from "node:test";
import { type SentPrompt, wasTruncated } from "./budget.ts";

const sent = (over: Partial<SentPrompt>): SentPrompt => ({
  chars: 16_000,
  charsPerToken: 4,
  calibrated: true,
  actual: 4000,
  thinkingTokens: 0,
  growths: [],
  ...over,
});
const before = { chars: 12_000, tokens: 3000 };

const cases: [name: string, prompt: SentPrompt, cut: boolean][] = [
  ["counted as expected", sent({}), false],
  ["half of it, by a calibrated estimate", sent({ actual: 2000 }), true],
  ["a little more than half, by a guess", sent({ actual: 2100, calibrated: false }), false],
  ["less than half, even by a guess", sent({ actual: 1900, calibrated: false }), true],
  ["a short prompt says nothing", sent({ chars: 1600, actual: 20 }), false],
  ["more than the window in force holds", sent({ actual: 3300, windowInForce: 3400 }), true],
  ["less than the window in force", sent({ windowInForce: 8192 }), false],
  ["less than the prompt before, which it begins with", sent({ before, actual: 2900 }), true],
  [
    "less than before, for older thinking was left out",
    sent({ before: { chars: 15_600, tokens: 3900 }, actual: 3700, thinkingTokens: 300 }),
    false,
  ],
  ["hardly any of what was added", sent({ before, actual: 3100 }), true],
  ["half of what was added, nothing known", sent({ before, actual: 3500 }), false],
  [
    "half of what was added, always counted as foretold",
    sent({ before, actual: 3500, growths: [1, 1.01, 1] }),
    true,
  ],
  [
    "half of what was added, where counts scatter",
    sent({ before, actual: 3500, growths: [0.7, 1.2, 0.6] }),
    false,
  ],
  ["a prompt that was shortened is not compared", sent({ chars: 11_000, before, actual: 2750 }), false],
];
for (const [name, prompt, cut] of cases) {
  test(`a prompt cut in silence: ${name} is ${cut ? "one" : "none"}`, () =>
    assert.equal(wasTruncated(prompt), cut));
}
