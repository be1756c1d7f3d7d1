import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileGlob } from "./glob.ts";

const matches = (pattern: string, path: string) => compileGlob(pattern)?.(path);

test("patterns mean what shells and editors mean", () => {
  const cases: [string, string, boolean][] = [
    ["*.py", "a.py", true],
    ["*.py", "a/b.py", false],
    ["**/*.py", "b.py", true],
    ["**/*.py", "a/b/c.py", true],
    ["a/**/z", "a/z", true],
    ["a/**/z", "a/b/c/z", true],
    ["a/**", "a", false],
    ["a/**", "a/b", true],
    ["?.txt", "é.txt", true],
    ["[!a]*", "b", true],
    ["[!a]*", "a", false],
    ["[a-c]x", "bx", true],
    ["{a,b{c,d}}.x", "bd.x", true],
    ["{a,b", "{a,b", true],
    ["[", "[", true],
    ["a*b*c", "aXbYc", true],
    ["a*b*c", "aXbY", false],
  ];
  for (const [pattern, path, expected] of cases)
    assert.equal(matches(pattern, path), expected, `${pattern} ${path}`);
});

test("hostile patterns stay quick and bounded", () => {
  assert.equal(compileGlob("{a,b}".repeat(40)), undefined);
  assert.equal(compileGlob("x".repeat(501)), undefined);
  const began = performance.now();
  assert.equal(matches(`${"*a".repeat(200)}b`, "a".repeat(4000)), false);
  assert.equal(matches(`${"**/".repeat(120)}b`, "a/".repeat(400)), false);
  assert.ok(performance.now() - began < 2000);
});

test("a name without special characters matches itself, and any pattern compiles or is refused", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9._-]{1,20}$/), (name) => {
      if (name === "." || name === "..") return;
      assert.equal(matches(name, name), true);
    }),
  );
  fc.assert(
    fc.property(fc.string(), fc.string(), (pattern, path) => {
      const found = matches(pattern, path);
      assert.ok(found === undefined || typeof found === "boolean");
    }),
  );
});
