import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { coerce } from "./coerce.ts";
import { escapeText } from "./escape.ts";
import { JsonValue } from "./json.ts";
import { readJson } from "./read.ts";
import { typesOf } from "./schema.ts";
import type { JsonStyle } from "./style.ts";

const PYTHON: JsonStyle = { python: true };
const GEMMA: JsonStyle = { quote: '<|"|>', bareWords: true, python: true };

test("what is no value, or more than one, or not sure, is refused", () => {
  for (const text of [
    "",
    "{",
    "[1,",
    "{]",
    "007",
    "NaN",
    "{a b}",
    "1 2",
    '{"a" 1}',
    '{"a":1 "b":2}',
    "[1,,2]",
    "'a' 'b'",
    "x",
  ])
    assert.equal(readJson(text), undefined, text);
});

test("depth is bounded", () => {
  assert.equal(readJson("[".repeat(300) + "]".repeat(300)), undefined);
});

const mended: [text: string, json: string, repairs: string[], style?: JsonStyle][] = [
  [' { "a" : [ 1 , true ] } ', '{"a":[1,true]}', []],
  ["{'it''s': 1}".replace("''", ""), '{"its":1}', ["single-quotes"]],
  ["{'say': 'a \"b\"'}", '{"say":"a \\"b\\""}', ["single-quotes"]],
  ['{"a":1,}', '{"a":1}', ["trailing-comma"]],
  ["[1,2,]", "[1,2]", ["trailing-comma"]],
  ["{a: 1, b_2: 2}", '{"a":1,"b_2":2}', ["bare-key"]],
  ['{"a":True,"b":None}', '{"a":true,"b":null}', ["python-constant"]],
  ['"two\nlines"', '"two\\nlines"', ["control-character"]],
  ['"\\d+\\\'"', '"\\\\d+\'"', ["bad-escape"]],
  ["+5", "5", ["number"]],
  [".5", "0.5", ["number"]],
  ["(1, 2)", "[1,2]", [], PYTHON],
  ["{'a', 'b'}", '["a","b"]', ["set"], PYTHON],
  ["{'a': {}}", '{"a":{}}', [], PYTHON],
  ["'it's', ", '"it\'s"', ["unescaped-quote"], PYTHON],
  ["'\\x41\\u00e9\\U0001F600'", '"A\\u00e9😀"', [], PYTHON],
  ["07", "7", [], PYTHON],
  ['{k:<|"|>a "b" \\n<|"|>,n:4,t:true}', '{"k":"a \\"b\\" \\\\n","n":4,"t":true}', [], GEMMA],
  ["{city:New York,n:-1.5e3}", '{"city":"New York","n":-1.5e3}', [], GEMMA],
];

test("each mend is named, and changes nothing else", () => {
  for (const [text, json, repairs, style] of mended) {
    const value = new JsonValue(style);
    value.read(text, 0, true);
    assert.equal(value.take(), json, text);
    assert.deepEqual([...value.repairs], repairs, text);
  }
});

test("any JSON comes out as JSON.stringify writes it, in any pieces", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 1, max: 7 }), (value, size) => {
      const text = JSON.stringify(value, null, 1);
      const reader = new JsonValue();
      let rest = "";
      let out = "";
      for (let at = 0; at < text.length; at += size) {
        rest += text.slice(at, at + size);
        rest = rest.slice(reader.read(rest, 0, false));
        out += reader.take();
      }
      reader.read(rest, 0, true);
      assert.deepEqual(JSON.parse(out + reader.take()), JSON.parse(text));
      assert.deepEqual([...reader.repairs], []);
    }),
  );
});

test("text in a JSON string survives, half surrogate pairs too", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.equal(JSON.parse(`"${escapeText(text)}"`), text);
    }),
  );
  assert.equal(escapeText("\ud83d") + escapeText("\ude00"), "😀");
});

const coerced: [raw: string, schema: object, value: unknown][] = [
  ["42", { type: "integer" }, 42],
  ["42", { type: "string" }, "42"],
  ["42", {}, "42"],
  ["42", { type: ["string", "integer"] }, 42],
  ["007", { type: ["string", "integer"] }, "007"],
  ["007", { type: "integer" }, "007"],
  ["9223372036854775807", { anyOf: [{ type: "string" }, { type: "integer" }] }, "9223372036854775807"],
  ["null", { type: "string" }, "null"],
  ["null", { type: ["string", "null"] }, null],
  ["None", { anyOf: [{ type: "integer" }, { type: "null" }] }, null],
  ["True", { type: "boolean" }, true],
  ["yes", { type: "boolean" }, "yes"],
  ['{"a": 1}', { type: "object" }, { a: 1 }],
  ["['a', 'b']", { type: "array" }, ["a", "b"]],
  ["[1, 2", { type: "array" }, "[1, 2"],
  ['"5"', { type: "integer" }, 5],
  ["3.5", { type: "number" }, 3.5],
  ["b", { enum: ["a", "b"] }, "b"],
  ["2", { enum: [1, 2] }, 2],
  [" keep ", { type: "string" }, " keep "],
  ["7", { $ref: "#/$defs/count" }, 7],
];

test("a raw value becomes what its schema says, or stays the text it was", () => {
  const root = { $defs: { count: { type: "integer" } } };
  for (const [raw, schema, value] of coerced)
    assert.deepEqual(
      JSON.parse(coerce(raw, { ...schema }, root).json),
      value,
      `${raw} ${JSON.stringify(schema)}`,
    );
});

test("types are found through aliases, unions and references, and a loop of references ends", () => {
  const root = { $defs: { loop: { $ref: "#/$defs/loop" } } };
  assert.deepEqual([...typesOf({ type: "float" }, {})], ["number"]);
  assert.deepEqual([...typesOf({ type: "dict[str, int]" }, {})], ["object"]);
  assert.deepEqual([...typesOf({ oneOf: [{ type: "integer" }, { type: "null" }] }, {})], ["integer", "null"]);
  assert.deepEqual([...typesOf({ $ref: "#/$defs/loop" }, root)], []);
});
