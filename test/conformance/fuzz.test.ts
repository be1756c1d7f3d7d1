import assert from "node:assert/strict";
import { test } from "node:test";
import { dialects } from "../../packages/hearth/src/formats/dialects/index.ts";
import { fuzz, ownSeeds } from "./fuzz.ts";

test("20,000 damaged texts: no throw, no character unaccounted for, the same events in any pieces", () => {
  assert.deepEqual(fuzz(20_000, 20_261_121, ownSeeds()), []);
});

test("the seeds of the fuzz cover every format", () => {
  const seeds = ownSeeds();
  for (const dialect of dialects) assert.ok((seeds.get(dialect.id)?.length ?? 0) >= 4, dialect.id);
});
