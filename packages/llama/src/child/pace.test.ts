import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "./pace.ts";

function settle(msPerToken: number): number {
  const pace = new Pace(512);
  for (let i = 0; i < 20; i++) pace.took(pace.next(), pace.next() * msPerToken);
  return pace.next();
}

test("a piece of prefill takes about 100 ms, from a slow processor to a GPU", () => {
  const cases: [msPerToken: number, tokens: number][] = [
    [0.01, 512],
    [1, 64],
    [6.5, 16],
    [50, 4],
    [1000, 1],
  ];
  for (const [ms, tokens] of cases) assert.equal(settle(ms), tokens, `${ms} ms a token`);
});

test("a machine that is twice as fast or slow for a while reads in the same pieces", () => {
  const pace = new Pace(512);
  for (const ms of [6, 12, 3, 8, 15, 2.5]) {
    pace.took(16, 16 * ms);
    assert.equal(pace.next(), 16);
  }
});

test("the short rest of a prompt changes nothing, and no piece is larger than a batch", () => {
  const pace = new Pace(512);
  pace.took(3, 1000);
  assert.equal(pace.next(), 16);
  assert.equal(new Pace(8).next(), 8);
});
