/** What only a database needs is loaded only where there is one: everybody else would pay for it at each start. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));

for (const [what, loads] of [
  ["@hearth/server", false],
  ["@hearth/server/postgres", true],
] as const)
  test(`${what} ${loads ? "loads" : "does not load"} the database's driver`, () => {
    const script = `await import(${JSON.stringify(what)});
      const { _cache } = (await import("node:module")).default;
      console.log(Object.keys(_cache).some((file) => /node_modules.(pg|@dbos-inc)./.test(file)));`;
    const args = ["--conditions=@hearth/source", "--input-type=module", "-e", script];
    assert.equal(execFileSync(process.execPath, args, { cwd: HERE, encoding: "utf8" }).trim(), String(loads));
  });
