import assert from "node:assert/strict";
import { test } from "node:test";
import { extentOf } from "./lines.ts";
import { asksOf, toldBy } from "./look.ts";
import { narrowed } from "./narrow.ts";
import { numberCandidates } from "./numbers.ts";
import { namedIn } from "./places.ts";
import { saidIn } from "./said.ts";
import { countsIn, introduced, labelled, shaped } from "./shapes.ts";
import { numbersIn, spans, words } from "./spans.ts";
import { corrected, withDigits, written } from "./spoken.ts";

/** Every case in one table: what is asked, and what is read from it. */
function table<T>(read: (request: string) => T, cases: readonly [request: string, wanted: T][]): void {
  for (const [request, wanted] of cases) assert.deepEqual(read(request), wanted, request);
}

test("dictated paths are written", () => {
  table(written, [
    ["open notes dot txt", "open notes.txt"],
    ["list source slash utils please", "list source/utils please"],
    ["read underscore me dot md", "read_me.md"],
    ["open read me dot md", "open README.md"],
    ["every file that ends with dot yaml", "every file that ends with .yaml"],
    ["what is in dot git", "what is in .git"],
    ["connect the dot to me", "connect the dot to me"],
  ]);
});

test("numbers in words are digits, and a one that counts nothing is not", () => {
  table(withDigits, [
    ["line forty", "line 40"],
    ["twenty five rows", "25 rows"],
    ["a hundred lines", "100 lines"],
    ["one coffee", "1 coffee"],
    ["which one is it", "which one is it"],
    ["one of my files", "one of my files"],
  ]);
  table(numbersIn, [
    ["44min and 8 km, the 14th", [44, 8]],
    ['the "7" stays', []],
  ]);
});

test("slips of the keyboard in the words that rules go by are undone, in names they are not", () => {
  table(corrected, [
    ["the frist 25 lins", "the first 25 lines"],
    ["why is it so hueg", "why is it so huge"],
    ["open test.txt and word", "open test.txt and word"],
    ["list src/flies", "list src/flies"],
  ]);
});

test("lines and amounts are read, other numbers are not", () => {
  table(extentOf, [
    ["show lines 10 to 25 of a.md", { first: 10, last: 25, most: 16 }],
    ["cat router.go L120-160", { first: 120, last: 160, most: 41 }],
    ["the lines since 100 until 120", { first: 100, last: 120, most: 21 }],
    ["only line 77 of a.m", { first: 77, last: 77, most: 1 }],
    ["read a.md starting at line forty", { first: 40 }],
    ["the first 20 lines", { most: 20 }],
    ["top 5 matches", { most: 5 }],
    ["show ~/thesis, I need it for chapter 2", {}],
    ["away until the 14th, read a.md", {}],
  ]);
});

test("folders that are called such are named, with all their words", () => {
  table(
    (request) => namedIn(request).folders,
    [
      ["list the docs folder", ["docs"]],
      ["now the photos folder is enormous", ["photos"]],
      ["show what is inside the folder called meeting notes", ["meeting notes"]],
      ["what do we have in the folder Offers 2024?", ["Offers 2024"]],
      ["show the files in the folder client data", ["client data"]],
      ["is the folder Téléchargements very big?", ["Téléchargements"]],
      ["what is in the 'tax 2023' directory", ["tax 2023"]],
      ["show the folder 'tax 2023'", ["tax 2023"]],
      ["how much does the folder find weigh", ["find"]],
      ["list the current folder", []],
      ["which folder is the biggest", []],
      ["list teh logs foldr", ["logs"]],
    ],
  );
});

test("names of files with spaces are kept whole", () => {
  table(
    (request) => namedIn(request).long,
    [
      ["read me letters/Mrs Abernathy.txt", ["letters/Mrs Abernathy.txt"]],
      ["show données/résumé annuel.csv", ["données/résumé annuel.csv"]],
      ["please open notes.txt", []],
    ],
  );
});

test("a text inside files is told from a name", () => {
  table(
    (request) => saidIn(request).content,
    [
      ["which files mention Bellini", true],
      ["where does it say happy birthday", true],
      ['search for "payment_failed" in the logs', true],
      ["is old_api_token still used anywhere", true],
      ["look for FIXME comments", true],
      ['"connection reset" in *.log', true],
      ["find IMG_2041", false],
      ["find all PDF files", false],
      ["find the Word documents in Fair", false],
      ["files with budget in the name", false],
      ["find setup.cfg", false],
    ],
  );
  assert.deepEqual(saidIn("not old.ini, but new.ini").files, ["new.ini"]);
  assert.deepEqual(saidIn("find the .service file").globs, [".service"]);
  assert.deepEqual(saidIn("what is 17 * 243").globs, []);
});

test("what lies in the workspace is asked of it, unless something is to be changed", () => {
  const names = ["invoices", "invoices/march.txt", "timetable.txt", "README.md"];
  table(
    (request) => asksOf(request, names),
    [
      ["was the march invoice paid?", true],
      ["delete the march invoice", false],
      ["how are you?", false],
      ["march", false],
    ],
  );
  table(
    (request) => toldBy(request, names),
    [
      ["the readme says which port is used", "README.md"],
      ["according to the timetable, who is on duty", "timetable.txt"],
      ["find the timetable", undefined],
    ],
  );
});

test("values are known by their looks and by what introduces them", () => {
  const texts = (request: string): string[] => spans(request, 3);
  const said = "mail kim@lund.example on Tuesday at 14:00 about order RX-5520, 80 USD";
  const look = (name: string, description = ""): string[] | undefined =>
    shaped(name, { type: "string", description }, texts(said));
  assert.deepEqual(look("email"), ["kim@lund.example"]);
  assert.deepEqual(look("start_time"), ["14:00"]);
  assert.deepEqual(look("from_currency"), ["USD"]);
  assert.ok(look("bookingCode")?.includes("RX-5520"));
  assert.ok(look("day")?.every((text) => text.includes("Tuesday")));
  assert.equal(look("title"), undefined);
  table(
    (request) => introduced("title", request),
    [
      [
        "file an issue titled Broken link on install page and label it bug",
        ["Broken link on install page", "Broken link on install page and label it bug"],
      ],
      ["call it off", []],
    ],
  );
  assert.deepEqual(labelled("namespace", words("scale it in the shop namespace")), ["shop"]);
});

test("a number belongs to the parameter whose unit it stands in", () => {
  const parameters = {
    type: "object",
    properties: { minutes: { type: "number" }, distance_km: { type: "number" } },
  };
  const numbers = (name: "minutes" | "distance_km"): number[] =>
    numberCandidates(name, parameters.properties[name], {
      request: "went running, 8 km in 44 minutes",
      results: [],
      workspaceNames: [],
      inside: false,
      parameters,
    });
  assert.deepEqual(numbers("minutes"), [44]);
  assert.deepEqual(numbers("distance_km"), [8]);
  assert.equal(countsIn("exposures", "seconds", { description: "Exposure in seconds" }), "description");
  assert.equal(countsIn("seconds", "seconds", {}), "name");
});

test("choices are cut down to those that are said, switches that are turned off are off, lists hold what is said", () => {
  const list = { type: "array", items: { type: "string", enum: ["mon", "tue", "thu"] } };
  const parameters = {
    type: "object",
    properties: {
      format: { type: "string", enum: ["book", "audiobook"] },
      enabled: { type: "boolean" },
      days: list,
      ids: { type: "array", items: { type: "integer" } },
      notes: { type: "array", items: { type: "string" } },
    },
  };
  const { properties } = narrowed(parameters, "audiobooks off, monday and thursday, tickets 301 and 305");
  assert.deepEqual(properties, {
    format: { type: "string", enum: ["audiobook"] },
    enabled: { type: "boolean", enum: [false] },
    days: { ...list, prefixItems: [{ enum: ["mon"] }, { enum: ["thu"] }], items: false, minItems: 2 },
    ids: { type: "array", prefixItems: [{ enum: [301] }, { enum: [305] }], items: false, minItems: 2 },
    notes: { type: "array", items: { type: "string" }, maxItems: 8 },
  });
  assert.deepEqual(narrowed(parameters, "nothing of it").properties, {
    ...parameters.properties,
    days: { ...list, maxItems: 8 },
    ids: { type: "array", items: { type: "integer" }, maxItems: 8 },
    notes: { type: "array", items: { type: "string" }, maxItems: 8 },
  });
});
