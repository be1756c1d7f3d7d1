import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLoop, type GuardEntry } from "./guard.ts";

/** `A1 B1`: call A with result 1, then call B with result 1. */
const entries = (line: string): GuardEntry[] =>
  line
    .split(" ")
    .filter(Boolean)
    .map((word) => ({ call: word[0]!, result: word.slice(1) }));
const check = (line: string) => {
  const list = entries(line);
  return checkLoop(
    list,
    list.map((entry) => entry.call),
  );
};

const cases: [name: string, line: string, expected: string][] = [
  ["nothing yet", "", "go"],
  ["twice is no loop", "A1 A1", "go"],
  ["three times teaches", "A1 A1 A1", "repeat teach"],
  ["the fourth runs in silence", "A1 A1 A1 A1", "go"],
  ["five times stops", "A1 A1 A1 A1 A1", "repeat stop"],
  ["a changed result is progress", "A1 A2 A3 A4 A5 A6", "go"],
  ["another call between starts anew", "A1 A1 B1 A1 A1", "go"],
  ["A-B-A-B is not enough", "A1 B1 A1 B1", "go"],
  ["three rounds of A-B teach", "A1 B1 A1 B1 A1 B1", "cycle teach"],
  ["five rounds of A-B stop", "A1 B1 A1 B1 A1 B1 A1 B1 A1 B1", "cycle stop"],
  ["a cycle whose results change is progress", "A1 B1 A2 B2 A3 B3 A4 B4 A5 B5", "go"],
  ["three rounds of A-B-C teach", "A1 B1 C1 A1 B1 C1 A1 B1 C1", "cycle teach"],
  ["one tool for ever is told", Array.from({ length: 25 }, (_, i) => `A${i}`).join(" "), "saturation teach"],
  ["and ended", Array.from({ length: 40 }, (_, i) => `A${i}`).join(" "), "saturation stop"],
];

for (const [name, line, expected] of cases) {
  test(`loop guard: ${name}`, () => {
    const verdict = check(line);
    assert.equal(verdict.trip ? `${verdict.kind} ${verdict.action}` : "go", expected);
  });
}
