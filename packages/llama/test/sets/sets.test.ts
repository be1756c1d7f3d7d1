import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { selectTools } from "@hearth/tools";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ToolSchema } from "hearth";
import {
  fileRows,
  holdsFacts,
  judge,
  otherRows,
  plantedTasks,
  type Row,
  SET_NAMES,
  SETS,
  toolSets,
} from "./judge.ts";

/** Frozen on 2026-11-21. A new hash needs a word in README.md. */
const HASHES = {
  "files.jsonl": "7ef9c2e6f6e984e7111a105bac16f135b7f9fdf6e1a8abc6533513d42745eae2",
  "others.jsonl": "32d2854a64db461beb68110f6191ac9f52beb0353a11ff5407ee9844cb62d6ce",
  "toolsets.json": "1217946822a99395164350ff901821c563dddc7b127debc71b92162d572a9028",
  "tasks.json": "ab5582761c270dd445bc63f4e3366706882628d68c2717cb7011cdd3310cd855",
  "second/files.jsonl": "de2f42d33c4e61ab459a695001436541e644731637a5b8e955672ab89ce74acc",
  "second/others.jsonl": "1b92a5514e1cd30f1383610358f1fe3787cf0945f3e81999401475604cd39503",
  "second/toolsets.json": "eb1eeae110371a2d46362f0b4670880d985e9549bdc0c649df341cc18e3ddc4a",
  "second/tasks.json": "f20880eb88e1851d75b473442f8476e43d05cf679745e6d8fadb0dacdd93e3d4",
};

for (const [name, hash] of Object.entries(HASHES))
  test(`${name} is as it was frozen`, () => {
    const found = createHash("sha256")
      .update(readFileSync(new URL(name, SETS)))
      .digest("hex");
    assert.equal(found, hash);
  });

test("the counts are those of the README, and no request comes twice", () => {
  const files = fileRows();
  const others = otherRows();
  assert.deepEqual([files.length, files.filter(({ right }) => right.length === 0).length], [200, 32]);
  assert.deepEqual([others.length, others.filter(({ right }) => right.length === 0).length], [100, 15]);
  assert.equal(toolSets().length, 25);
  for (const { domain } of toolSets())
    assert.equal(others.filter((row) => row.domain === domain).length, 4, domain);
  assert.equal(plantedTasks().tasks.length, 36);
  const asked = [...files, ...others].map(({ request }) => request.toLowerCase());
  assert.equal(new Set(asked).size, 300);
  const older = readFileSync(
    new URL("../../../hearth/test/pocket/requests.jsonl", import.meta.url),
    "utf8",
  ).toLowerCase();
  for (const request of asked) assert.ok(!older.includes(`"request":${JSON.stringify(request)}`), request);
});

/** The right values of every listed call, first ones taken, as one call. */
function* firstCalls(row: Row) {
  for (const { tool, arguments: args } of row.right) {
    const entries = Object.entries(args).map(([name, values]) => [name, values[0] ?? null] as const);
    yield {
      name: tool,
      arguments: Object.fromEntries(
        entries
          .filter(([, value]) => value !== null)
          .map(([name, value]) => [name, isDeepStrictEqual(value, { any: true }) ? "x" : value]),
      ),
    };
  }
}

const ajv = new Ajv2020({ strictTypes: false });

function validates(row: Row, tools: readonly ToolSchema[]): void {
  for (const call of firstCalls(row)) {
    const tool = tools.find(({ name }) => name === call.name);
    assert.ok(tool !== undefined, `${row.request}: no tool ${call.name}`);
    assert.ok(ajv.validate(tool.parameters, call.arguments), `${row.request}: ${ajv.errorsText()}`);
    assert.deepEqual(judge(row, [call]), { tool: true, exact: true }, row.request);
  }
}

for (const set of SET_NAMES)
  test(`${set}: every right call fits its tool's schema and is judged right`, () => {
    const tools = selectTools("", { workspace: "." });
    for (const row of fileRows(set)) validates(row, tools);
    const sets = new Map(toolSets(set).map(({ domain, tools: own }) => [domain, own]));
    for (const row of otherRows(set)) validates(row, sets.get(row.domain ?? "") ?? []);
  });

test("the second set is of the size of the first, and no frozen request is among those for development", () => {
  const [files, others] = [fileRows("second"), otherRows("second")];
  assert.deepEqual([files.length, files.filter(({ right }) => right.length === 0).length], [200, 32]);
  assert.deepEqual([others.length, others.filter(({ right }) => right.length === 0).length], [100, 15]);
  assert.deepEqual([toolSets("second").length, plantedTasks("second").tasks.length], [25, 36]);
  const tuned = new Set(
    [...fileRows("development"), ...otherRows("development")].map(({ request }) => request.toLowerCase()),
  );
  const frozen = [...fileRows(), ...otherRows(), ...files, ...others].map(({ request }) =>
    request.toLowerCase(),
  );
  assert.deepEqual(
    frozen.filter((request) => tuned.has(request)),
    [],
  );
});

test("no tool set of the first is trained on by its domain", () => {
  const trained = ["domains", "domains-more", "domains-wide"].map((name) =>
    readFileSync(new URL(`../../../../training/pocket/data/${name}.txt`, import.meta.url), "utf8"),
  );
  const titles = new Set(
    trained
      .join("\n")
      .match(/(?<=^# ).+/gm)
      ?.map((title) => title.toLowerCase()),
  );
  assert.deepEqual(
    toolSets().filter(({ domain }) => titles.has(domain)),
    [],
  );
});

const row = (right: Row["right"]): Row => ({ request: "?", right });
const read = { tool: "read_file", arguments: { path: ["a.txt", "./a.txt"], limit: [null, 200] } };
for (const [what, given, calls, tool, exact] of [
  ["the call", row([read]), [{ name: "read_file", arguments: { path: "./a.txt" } }], true, true],
  [
    "a default outright",
    row([read]),
    [{ name: "read_file", arguments: { path: "a.txt", limit: 200 } }],
    true,
    true,
  ],
  [
    "an invented argument",
    row([read]),
    [{ name: "read_file", arguments: { path: "a.txt", x: 1 } }],
    true,
    false,
  ],
  ["another path", row([read]), [{ name: "read_file", arguments: { path: "A.txt" } }], true, false],
  [
    "a text for a number",
    row([read]),
    [{ name: "read_file", arguments: { path: "a.txt", limit: "200" } }],
    true,
    false,
  ],
  ["another tool", row([read]), [{ name: "list_files", arguments: { path: "a.txt" } }], false, false],
  [
    "two calls",
    row([read]),
    [
      { name: "read_file", arguments: { path: "a.txt" } },
      { name: "list_files", arguments: {} },
    ],
    false,
    false,
  ],
  ["a sentence where a tool fits", row([read]), [], false, false],
  ["a sentence where none fits", row([]), [], true, true],
  ["a call where none fits", row([]), [{ name: "list_files", arguments: {} }], false, false],
  [
    "any text",
    row([{ tool: "note", arguments: { text: [{ any: true }] } }]),
    [{ name: "note", arguments: { text: "z" } }],
    true,
    true,
  ],
  [
    "no text where any would do",
    row([{ tool: "note", arguments: { text: [{ any: true }] } }]),
    [{ name: "note", arguments: {} }],
    true,
    false,
  ],
] satisfies [string, Row, Parameters<typeof judge>[1], boolean, boolean][])
  test(`judging: ${what}`, () => assert.deepEqual(judge(given, calls), { tool, exact }));

test("a planted fact is found in any capitals, and every one is needed", () => {
  assert.equal(holdsFacts("Ask INGRID, 3 files", [["ingrid"], ["3 files", "three files"]]), true);
  assert.equal(holdsFacts("Ask Ingrid", [["ingrid"], ["3 files"]]), false);
});

test("planted facts stand in their folder, and no task says its own answer", () => {
  const { folders, tasks } = plantedTasks();
  for (const { folder, ask, right } of tasks) {
    assert.ok(folders[folder] !== undefined, folder);
    assert.ok(!holdsFacts(ask, right), ask);
  }
});
