import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { withLock } from "./lock.ts";

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-lock-"));
  file = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nothing = () => undefined;

test("one works, and the others take what it made", async () => {
  let made: string | undefined;
  let works = 0;
  const work = async () => {
    works++;
    await new Promise((resolve) => setImmediate(resolve));
    made = "made";
    return made;
  };
  const all = await Promise.all([1, 2, 3].map(() => withLock(file, () => made, work)));
  assert.deepEqual(all, ["made", "made", "made"]);
  assert.equal(works, 1);
  assert.ok(!existsSync(file));
});

test("a failure lets the next one try", async () => {
  await assert.rejects(
    withLock(file, nothing, async () => {
      throw new Error("no network");
    }),
    /no network/,
  );
  assert.equal(await withLock(file, nothing, async () => 1), 1);
});

test("the lock of a process that died is taken over", async () => {
  writeFileSync(file, "");
  utimesSync(file, new Date(0), new Date(0));
  assert.equal(await withLock(file, nothing, async () => 1), 1);
});

test("waiting for another process ends with the signal", async () => {
  writeFileSync(file, "");
  const reason = new Error("cancelled");
  await assert.rejects(
    withLock(file, nothing, async () => 1, AbortSignal.abort(reason)),
    /cancelled/,
  );
  assert.ok(existsSync(file));
});

test("a folder that can't be written to is said", async () => {
  await assert.rejects(
    withLock(join(folder, "none", "lock"), nothing, async () => 1),
    /ENOENT/,
  );
});
