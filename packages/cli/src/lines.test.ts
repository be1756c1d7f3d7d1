import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { linesOf } from "./lines.ts";

test("a line ends with a line feed only: other separators of Unicode are part of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hearth-lines-"));
  const long = "é".repeat(200_000);
  writeFileSync(join(folder, "rows"), `{"a":"x\u2028y\u2029z\u0085w"}\n\n  \n${long}\r\nlast`);
  try {
    const lines: string[] = [];
    for await (const line of linesOf("rows", folder)) lines.push(line);
    assert.deepEqual(lines, ['{"a":"x\u2028y\u2029z\u0085w"}', long, "last"]);
    await assert.rejects(async () => {
      for await (const line of linesOf("none", folder)) assert.fail(line);
    }, /none can't be read \(ENOENT\)/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
