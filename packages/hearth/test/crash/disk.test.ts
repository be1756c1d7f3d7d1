import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { corrupted, fullDisk } from "./disk.ts";

test("a run on a full journal ends with words about it, loses nothing it showed, and goes on when there is space", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hearth-full-"));
  try {
    assert.deepEqual(
      await fullDisk(join(folder, "runs.sqlite"), { maxFileBytes: 1 << 20 }, () => undefined),
      [],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a damaged journal gives its whole log or an error with a remedy, never another log", async () => {
  const { faults, told } = await corrupted(24);
  assert.deepEqual(faults, []);
  assert.ok(told > 0);
});
