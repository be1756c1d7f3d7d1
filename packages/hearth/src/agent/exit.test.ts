import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutExit } from "./exit.ts";

test("a tool can't end the program, while the program still can, with the code it has set", async () => {
  const real = process.exit;
  const ended: unknown[][] = [];
  const recorded = (...given: unknown[]): never => {
    ended.push(given);
    throw new Error("ended");
  };
  process.exit = recorded;
  try {
    let finish = (): void => undefined;
    const running = withoutExit("slow", () => new Promise<void>((resolve) => (finish = resolve)));
    await assert.rejects(
      withoutExit("rude", async () => process.exit(3)),
      /rude tried to end the whole program \(exit 3\)/,
    );
    // No argument: one that is there and undefined would set the exit code back to 0.
    assert.throws(() => process.exit(), /ended/);
    assert.throws(() => process.exit(130), /ended/);
    assert.deepEqual(ended, [[], [130]]);
    finish();
    await running;
    assert.equal(process.exit, recorded);
  } finally {
    process.exit = real;
  }
});
