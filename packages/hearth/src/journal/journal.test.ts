import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { conformance, started } from "../../test/journal/conformance.ts";
import { JournalError } from "../protocol/index.ts";
import { memoryJournal, sqliteJournal } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-journal-"));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newFile = (): string => join(folder, `j${files++}`, "runs.sqlite");
conformance("memory", memoryJournal);
conformance("sqlite", (now) => sqliteJournal(newFile(), { now }));

test("a second process sees what the first wrote, and the file is private", async () => {
  const file = newFile();
  const first = sqliteJournal(file);
  await first.append(await first.acquire("r", "a", 1000), 0, [started]);
  const second = sqliteJournal(file);
  assert.equal((await second.read("r")).length, 1);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await first.close();
  await second.close();
});

test("a file that is no journal is named with a remedy", () => {
  const file = join(folder, "junk.sqlite");
  writeFileSync(file, "not a database ".repeat(100));
  assert.throws(
    () => sqliteJournal(file),
    (error) =>
      error instanceof JournalError && error.message.includes(file) && /--journal/.test(error.remedy ?? ""),
  );
});
