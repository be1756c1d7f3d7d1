/** The quick form of `npm run prove:context`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ENGINES, UNTOLD } from "./engines.ts";
import { simulate, simulateRolling } from "./simulate.ts";

for (const window of [8192, 16_384]) {
  test(`40 steps in ${window} tokens: little is read anew, every request fits, all that was planted can be found`, async () => {
    const ours = await simulate(window, 40, 1);
    assert.ok(ours.prefill <= 0.25 * simulateRolling(window, 40, 1).prefill, `${ours.prefill}`);
    const { compactions, overflows, rules, files, facts, leastPrefix, stopReason } = ours;
    assert.ok(compactions >= 3, `${compactions}`);
    assert.deepEqual(
      { overflows, rules, files, facts, leastPrefix, stopReason },
      { overflows: 0, rules: 1, files: 1, facts: 1, leastPrefix: 1, stopReason: "answer" },
    );
  });
}

for (const [name, engineOf] of Object.entries(ENGINES)) {
  if (name === UNTOLD) continue;
  test(`an engine whose window is a quarter of what it says (${name}): no cut prompt is taken for whole`, async () => {
    const real = name.endsWith("no usage") ? 16_384 : 4096;
    const { trusted, stopReason } = await simulate(16_384, 20, 2, engineOf(real));
    assert.deepEqual({ trusted, stopReason }, { trusted: 0, stopReason: "answer" });
  });
}
