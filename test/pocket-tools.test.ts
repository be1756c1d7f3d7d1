import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { defaultTools } from "@hearth/tools";

/** The training of the pocket model and the test of its prompt read this file in place of the tools themselves. */
test("pocket is trained on the default tools as they are", () => {
  const file = new URL("../packages/hearth/test/pocket/tools.json", import.meta.url);
  const offered = defaultTools(tmpdir()).map(({ name, description, parameters }) => ({
    name,
    description,
    parameters,
  }));
  assert.deepEqual(JSON.parse(JSON.stringify(offered)), JSON.parse(readFileSync(file, "utf8")));
});
