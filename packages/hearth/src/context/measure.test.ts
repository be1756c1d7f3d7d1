import assert from "node:assert/strict";
import { test } from "node:test";
import { Calibration, wasTruncated } from "./index.ts";

test("a template that says much of its own does not make later text look dense", () => {
  const calibration = new Calibration();
  calibration.learn(200, 900);
  assert.equal(calibration.tokens(200), 900);
  assert.ok(Math.abs(calibration.tokens(1400) - 1200) < 10);
  const sent = {
    ...{ chars: 1400, charsPerToken: calibration.charsPerToken, overheadTokens: calibration.overheadTokens },
    ...{ calibrated: true, actual: 1190, thinkingTokens: 0, growths: [] },
  };
  assert.equal(wasTruncated(sent), false);
  assert.equal(wasTruncated({ ...sent, actual: 600 }), true);
});

test("a dense script is learned from what is added", () => {
  const calibration = new Calibration();
  for (let chars = 1000; chars <= 6000; chars += 1000) calibration.learn(chars, chars / 1.2);
  assert.ok(Math.abs(calibration.tokens(9000) - 7500) < 300);
});

test("a count that can't be of the whole prompt is not learned from", () => {
  const calibration = new Calibration();
  calibration.learn(40_000, 1000);
  assert.equal(calibration.counted, false);
});
