import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { History } from "./history.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-history-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("lines outlive the process, newest first, readable by the user only", () => {
  const file = join(folder, "deep/history");
  const first = new History(file);
  for (const line of ["one", "two\nlines", "two\nlines", " secret", "  "]) first.add(line);
  assert.deepEqual(new History(file).newestFirst, ["two\nlines", "one"]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("a file that others could read is closed to them", () => {
  const file = join(folder, "open");
  writeFileSync(file, '"old"\n');
  chmodSync(file, 0o644);
  new History(file).add("new");
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("it is cut when it has grown to twice its size; damaged lines are passed over", () => {
  const file = join(folder, "long");
  const lines = Array.from({ length: 2001 }, (_, i) => JSON.stringify(`line ${i}`));
  writeFileSync(file, `${lines.join("\n")}\n{"no\n`);
  assert.equal(new History(file).newestFirst[0], "line 2000");
  assert.equal(readFileSync(file, "utf8").trimEnd().split("\n").length, 1000);
});

test("a place that can't be written costs the history and nothing else", () => {
  const file = join(folder, "open", "under-a-file");
  const history = new History(file);
  history.add("kept while the process lives");
  assert.deepEqual(history.newestFirst, ["kept while the process lives"]);
});
