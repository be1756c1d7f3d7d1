import assert from "node:assert/strict";
import { test } from "node:test";
import { confinement, Workspace } from "../../src/confine/index.ts";
import { race, readAll } from "../race.ts";

test("no outside file is read while a folder and a file are exchanged with links", async (t) => {
  if (confinement !== "descriptors") return t.skip("the walk by descriptors is for Linux");
  let workspace: Workspace | undefined;
  const results = await race(2000, {
    walk(root, path) {
      workspace ??= new Workspace(root);
      using file = workspace.openFile(path);
      return readAll(file.fd);
    },
  });
  if (results === undefined) return t.skip("no python3 with renameat2 here");
  const { walk } = results;
  assert.equal(walk?.leaks, 0);
  assert.ok(walk.inside > 0 && walk.refused > 0, "the race took place");
});
