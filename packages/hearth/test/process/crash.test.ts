/** A driving process is killed; `npm run prove:crash` does it a hundred times. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crashAt, faultsOf } from "../crash/crash.ts";

for (const momentsMs of [[60], [150, 90], [320]]) {
  test(`killed ${momentsMs.join(" and ")} ms after it began, a run goes on in another process`, async () => {
    assert.deepEqual(faultsOf(await crashAt(...momentsMs)), []);
  });
}
