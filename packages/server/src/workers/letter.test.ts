import assert from "node:assert/strict";
import { test } from "node:test";
import { isSealed, seal } from "./letter.ts";

const PATH = "/runs/run_1/events?after=0";

test("a seal holds for its path, its secret and its time, and for nothing else", () => {
  const sealed = seal("secret", PATH, 1000);
  const cases: [string, string, string, number, boolean][] = [
    ["secret", PATH, sealed, 1000, true],
    ["secret", PATH, sealed, 60_000, true],
    ["secret", PATH, sealed, 61_001, false],
    ["other", PATH, sealed, 1000, false],
    ["secret", "/runs/run_2/events?after=0", sealed, 1000, false],
    ["secret", PATH, sealed.replace("1000.", "1001."), 1000, false],
    ["secret", PATH, `${sealed}x`, 1000, false],
    ["secret", PATH, "", 1000, false],
    ["secret", PATH, "x.y", 1000, false],
    ["secret", PATH, "1000.", 1000, false],
  ];
  for (const [secret, path, given, now, holds] of cases)
    assert.equal(isSealed(secret, path, given, now), holds, given);
});
