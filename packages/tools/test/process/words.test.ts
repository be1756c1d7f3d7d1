import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { judgeShell } from "../../src/judge/index.ts";

/** Pieces of which words are made: every way of quoting, and what looks like it. */
const PIECES = [
  "a",
  "B7",
  "-n",
  "x=1",
  ".",
  "/",
  ",",
  ":",
  "@",
  "%",
  "+",
  "!",
  "^",
  "é",
  "'q r'",
  "'$x'",
  "'\"'",
  "''",
  '"d e"',
  '"it\'s"',
  '"\\$y"',
  '"\\\\"',
  '"a\\b"',
  '""',
  "\\ ",
  "\\$",
  "\\'",
  "\\\\",
  "\\*",
  "#",
  " ",
  "  ",
  "$",
  "*",
  "~",
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  "\\",
];

test("whatever is allowed has the very words that bash would read in it", async (t) => {
  if (!existsSync("/bin/bash")) return t.skip("no bash here");
  const sample = fc.sample(fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 }), {
    numRuns: 4000,
    seed: 7,
  });
  const allowed: { line: string; words: string[] }[] = [];
  for (const pieces of sample) {
    const line = pieces.join("");
    const { verdict, plan } = await judgeShell(`echo ${line}`, { workspace: "/workspace" });
    if (verdict === "allow") allowed.push({ line, words: plan?.[0]?.pipeline[0]?.argv.slice(1) ?? [] });
  }
  assert.ok(allowed.length > 300, String(allowed.length));
  const script = allowed.map(({ line }) => `f ${line}\n`).join("");
  const bash = spawnSync("/bin/bash", ["--norc", "-c", `f() { printf '%s\\0' "$#" "$@"; }\n${script}`], {
    encoding: "utf8",
    cwd: "/",
    env: { LC_ALL: "C.UTF-8" },
  });
  assert.equal(bash.stderr, "");
  const told = bash.stdout.split("\0");
  for (const { line, words } of allowed) {
    const count = Number(told.shift());
    assert.deepEqual(words, told.splice(0, count), line);
  }
});
