/** The quick form of `npm run prove:histories`. */
import { test } from "node:test";
import fc from "fast-check";
import { history, playHistory } from "./play.ts";

test("random histories: calls and results matched, no request over the window, the prefix stable", async () => {
  await fc.assert(
    fc.asyncProperty(history, async (one) => void (await playHistory(one))),
    { numRuns: 250 },
  );
});
