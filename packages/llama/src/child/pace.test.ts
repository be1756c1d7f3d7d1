import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "./pace.ts";

function settle(msPerToken: number): number {
  const pace = new Pace(512);
  for (let i = 0; i < 20; i++) pace.took(pace.next(), pace.next() * msPerToken);
  return pace.next();
}

test("a piece of prefill takes about 250 ms, from a slow processor to a GPU", () => {
  const cases: [msPerToken: number, tokens: number][] = [
    [0.01, 512],
    [1, 128],
    [6.5, 64],
    [50, 8],
    [1000, 1],
  ];
  for (const [ms, tokens] of cases) assert.equal(settle(ms), tokens, `${ms} ms a token`);
});

test("a machine that is twice as fast or slow for a while reads in the same pieces", () => {
  const pace = new Pace(512);
  for (const ms of [6, 11, 3, 8, 10, 1.5]) {
    pace.took(64, 64 * ms);
    assert.equal(pace.next(), 64);
  }
});

test("the short rest of a prompt changes nothing, and no piece is larger than a batch", () => {
  const pace = new Pace(512);
  pace.took(3, 1000);
  assert.equal(pace.next(), 64);
  assert.equal(new Pace(8).next(), 8);
});
