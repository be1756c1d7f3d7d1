import assert from "node:assert/strict";
import { test } from "node:test";
import { ThinkSplitter } from "./think.ts";

function split(text: string, size: number): { thinking: string; text: string } {
  const splitter = new ThinkSplitter();
  const out = { thinking: "", text: "" };
  for (let i = 0; i < text.length; i += size)
    for (const piece of splitter.push(text.slice(i, i + size))) out[piece.type] += piece.text;
  for (const piece of splitter.end()) out[piece.type] += piece.text;
  return out;
}

const cases: [text: string, thinking: string, answer: string][] = [
  ["plain", "", "plain"],
  ["", "", ""],
  ["<think>a < b</think>\n\nyes", "a < b", "yes"],
  ["\n <think>\nlong\n</think>yes", "\nlong\n", "yes"],
  ["<think>never closed </thi", "never closed </thi", ""],
  ["<thinker> is a word", "", "<thinker> is a word"],
  ["<thi", "", "<thi"],
  ["Write <think>x</think> to think.", "", "Write <think>x</think> to think."],
];
for (const [text, thinking, answer] of cases) {
  test(`leading thinking of ${JSON.stringify(text)} is told apart for any split`, () => {
    for (let size = 1; size <= text.length + 1; size++)
      assert.deepEqual(split(text, size), { thinking, text: answer }, `pieces of ${size}`);
  });
}
