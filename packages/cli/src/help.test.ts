import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS } from "./commands.ts";
import { commandHelp, overview } from "./help.ts";

test("every command has help with each of its flags, in lines that fit", () => {
  assert.equal(new Set(COMMANDS.map((row) => row.name)).size, COMMANDS.length);
  for (const row of COMMANDS) {
    const help = commandHelp(row);
    assert.ok(help.includes(row.summary));
    assert.ok(help.includes("--help"));
    for (const line of help.split("\n")) assert.ok(line.length <= 100, `${row.name}: ${line}`);
    assert.ok(overview(COMMANDS).includes(`  ${row.name} `));
  }
});

test("every command's file exports what runs it", async () => {
  for (const row of COMMANDS) assert.equal(typeof (await row.load()).run, "function", row.name);
});
