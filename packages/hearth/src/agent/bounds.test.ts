import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bound, boundOf } from "./bounds.ts";

const state = (step: number, tokens: number, calls: number, since = { step: 0, tokens: 0, calls: 0 }) => ({
  step,
  usage: { input: tokens, output: 0 },
  calls,
  since,
});

const cases: [name: string, bound: Bound, expected: Partial<Bound> | { kind: string }][] = [
  ["nothing used", boundOf(state(0, 0, 0), { maxSteps: 15 }, 100), { kind: "free" }],
  ["the last step", boundOf(state(14, 0, 0), { maxSteps: 15 }, 100), { kind: "last", reason: "max_steps" }],
  ["one step only", boundOf(state(0, 0, 0), { maxSteps: 1 }, 100), { kind: "last", reason: "max_steps" }],
  ["no step left", boundOf(state(15, 0, 0), { maxSteps: 15 }, 100), { kind: "over" }],
  [
    "steps before a resume do not count",
    boundOf(state(20, 0, 0, { step: 15, tokens: 0, calls: 0 }), { maxSteps: 15 }, 100),
    { kind: "free" },
  ],
  [
    "calls are used up",
    boundOf(state(2, 0, 3), { maxSteps: 15, maxCalls: 3 }, 100),
    { kind: "last", reason: "budget" },
  ],
  [
    "no calls at all",
    boundOf(state(0, 0, 0), { maxSteps: 15, maxCalls: 0 }, 100),
    { kind: "last", reason: "budget" },
  ],
  [
    "tokens enough",
    boundOf(state(2, 300, 0), { maxSteps: 15, maxTokens: 1000 }, 100),
    { kind: "free", maxTokens: 600 },
  ],
  [
    "tokens for one more prompt",
    boundOf(state(2, 700, 0), { maxSteps: 15, maxTokens: 1000 }, 150),
    { kind: "last", reason: "budget", maxTokens: 150 },
  ],
  ["tokens used up", boundOf(state(2, 900, 0), { maxSteps: 15, maxTokens: 1000 }, 100), { kind: "over" }],
  [
    "the first prompt alone is too much",
    boundOf(state(0, 0, 0), { maxSteps: 15, maxTokens: 50 }, 100),
    { kind: "over" },
  ],
  [
    "tokens nobody counted count",
    boundOf(state(2, 0, 0), { maxSteps: 15, maxTokens: 1000 }, 100, 900),
    { kind: "over" },
  ],
];
for (const [name, bound, expected] of cases) {
  test(`bounds: ${name}`, () => {
    const { detail: _, ...rest } = { detail: "", ...bound };
    assert.deepEqual(rest, expected);
  });
}
