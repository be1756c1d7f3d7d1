import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { PrefixStore } from "./prefix.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-prefix-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (identity = "model", maxBytes = 1000) => new PrefixStore({ folder, identity, maxBytes });

function keep(store: PrefixStore, tokens: Uint32Array, content: string): string {
  const draft = store.draft(tokens);
  assert.ok(draft);
  writeFileSync(draft, content);
  store.keep(draft, tokens);
  const file = store.find(tokens);
  assert.ok(file);
  return file;
}

const head = Uint32Array.of(1, 2, 3);

test("a state is found by its tokens and by what made it, and by nothing else", () => {
  const file = keep(open(), head, "state");
  assert.equal(readFileSync(file, "utf8"), "state");
  assert.equal(open().find(head), file);
  assert.equal(open("other model").find(head), undefined);
  assert.equal(open().find(Uint32Array.of(1, 2)), undefined);
});

test("a damaged state is removed and not found", () => {
  for (const damage of ["stat", "stateX", "", "5tate"]) {
    const file = keep(open(), head, "state");
    writeFileSync(file, damage);
    assert.equal(open().find(head), undefined, damage);
    assert.deepEqual(readdirSync(folder), []);
  }
});

test("a draft that was not kept does not count", () => {
  const draft = open().draft(head);
  assert.ok(draft);
  writeFileSync(draft, "half");
  assert.equal(open().find(head), undefined);
});

test("the least recently used states make room, and old drafts go", () => {
  const store = open("model", 100);
  const files = [1, 2, 3].map((token) => keep(store, Uint32Array.of(token), "x".repeat(40)));
  assert.equal(readdirSync(folder).length, 2);
  store.touch(files[1] ?? "");
  const old = new Date(Date.now() - 60_000);
  utimesSync(files[2] ?? "", old, old);
  writeFileSync(join(folder, "dead.1.draft"), "half");
  utimesSync(join(folder, "dead.1.draft"), new Date(0), new Date(0));
  keep(store, Uint32Array.of(4), "x".repeat(40));
  assert.ok(store.find(Uint32Array.of(2)));
  assert.equal(store.find(Uint32Array.of(3)), undefined);
  assert.ok(!readdirSync(folder).includes("dead.1.draft"));
});

test("a folder that can't be used means no states, and no failure", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  const store = new PrefixStore({ folder: join(file, "below"), identity: "model", maxBytes: 1000 });
  assert.equal(store.draft(head), undefined);
  assert.equal(store.find(head), undefined);
  store.sweep();
});
