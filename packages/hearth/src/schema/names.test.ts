import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { editDistance, nearestNames, sameName } from "./names.ts";

const TOOLS = ["list_files", "read_file", "search_files", "disk_usage", "getWeather", "add"];

const SAME: [given: string, known: string[], found: string | undefined][] = [
  ["read_file", TOOLS, "read_file"],
  ["readFile", TOOLS, "read_file"],
  ["Read-File", TOOLS, "read_file"],
  ["READ FILE", TOOLS, "read_file"],
  ["get_weather", TOOLS, "getWeather"],
  ["functions.add", TOOLS, "add"],
  ["default_api:get_weather", TOOLS, "getWeather"],
  ["read_files", TOOLS, undefined],
  ["", TOOLS, undefined],
  ["___", TOOLS, undefined],
  ["a_b", ["ab", "AB"], undefined],
  ["AB", ["ab", "AB"], "AB"],
  ["__proto__", TOOLS, undefined],
];

test("a name is taken for a known one only when nothing but case, separators or a namespace differ", () => {
  for (const [given, known, found] of SAME) assert.equal(sameName(given, known), found, given);
});

const NEAR: [given: string, first: string | undefined][] = [
  ["read_fiel", "read_file"],
  ["file_read", "read_file"],
  ["get_current_weather", "getWeather"],
  ["search", "search_files"],
  ["ad", "add"],
  ["sum", undefined],
  ["zzzzzz", undefined],
  ["", undefined],
];

test("the nearest names come first, and strangers are not suggested", () => {
  for (const [given, first] of NEAR) assert.equal(nearestNames(given, TOOLS)[0], first, given);
  assert.equal(nearestNames("file", TOOLS, 2).length, 2);
});

test("a swap of neighbours is one edit", () => {
  assert.equal(editDistance("lsit", "list"), 1);
  assert.equal(editDistance("", "abc"), 3);
  assert.equal(editDistance("kitten", "sitting"), 3);
});

test("any text is answered, and the distance is a symmetric measure", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.array(fc.string()), (a, b, known) => {
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.equal(editDistance(a, a), 0);
      for (const near of nearestNames(a, known)) assert.ok(known.includes(near));
      const same = sameName(a, known);
      assert.ok(same === undefined || known.includes(same));
    }),
  );
});
