import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { dialectById } from "../../packages/hearth/src/formats/dialects/index.ts";
import { familyOf } from "../../packages/hearth/src/formats/families.ts";
import { parse } from "../../packages/hearth/src/formats/parse.ts";
import { firstDifference } from "./invariance.ts";
import { hasVectors, judge, readFamilies, readRows, readVectors, vectorOf } from "./vectors.ts";

const skip = hasVectors() ? false : "the recorded texts (../shared/data/formats) are not here";

const divergences = JSON.parse(
  readFileSync(path.join(path.dirname(fileURLToPath(import.meta.url)), "divergences.json"), "utf8"),
) as Record<string, string>;

test("every family of the recorded texts has a format there is, or a reason to be left out", { skip }, () => {
  const families = readFamilies();
  const names = new Set<unknown>();
  for (const owner of ["ollama", "llamacpp", "vllm"])
    for (const row of readRows(`vectors-${owner}.jsonl`)) names.add(row.family);
  assert.deepEqual(
    [...names].filter((name) => families[String(name)] === undefined),
    [],
  );
  for (const [name, family] of Object.entries(families)) {
    if ("skip" in family) assert.ok(family.skip.length > 20, `${name} needs a reason`);
    else assert.ok(dialectById(family.format), `${name}: ${family.format}`);
  }
});

test("the package knows the recorded families as the map has them", () => {
  for (const [name, family] of Object.entries(readFamilies())) {
    if ("skip" in family) continue;
    const { format, options } = familyOf(name) ?? {};
    assert.deepEqual({ format, ...(options && { options }) }, family, name);
  }
});

test("at least 97 of 100 recorded texts come out as their owners expect, each other one is written down", {
  skip,
}, () => {
  const { vectors, skipped } = readVectors();
  assert.ok(skipped / (vectors.length + skipped) <= 0.05, `${skipped} left out`);
  const differ = vectors.filter((vector) => judge(vector) === "differs").map((vector) => vector.id);
  assert.deepEqual(
    differ.filter((id) => divergences[id] === undefined),
    [],
    "differs without a written reason",
  );
  assert.deepEqual(
    Object.keys(divergences).filter((id) => !differ.includes(id)),
    [],
    "written down, yet agrees",
  );
  assert.ok(1 - differ.length / vectors.length >= 0.97, `${differ.length} of ${vectors.length} differ`);
});

test("every recorded text gives the same events in nine chunkings and for every split of short ones", {
  skip,
}, () => {
  for (const vector of readVectors().vectors) {
    const difference = firstDifference(vector.text, vector.input, vector.text.length <= 160);
    assert.equal(difference, undefined, `${vector.id} ${vector.family}`);
  }
});

test("fragments never throw, and a call in them is never made from arguments that were cut off", {
  skip,
}, () => {
  const families = readFamilies();
  for (const [index, row] of readRows("fragments.jsonl").entries()) {
    const family = families[String(row.family)];
    if (family === undefined || "skip" in family) continue;
    const vector = vectorOf(`fragment:${index + 1}`, "fragment", row, family);
    const { calls } = parse(vector.text, vector.input);
    for (const call of calls) assert.equal(typeof call.arguments, "object", vector.id);
    assert.equal(firstDifference(vector.text, vector.input, false), undefined, vector.id);
  }
});
