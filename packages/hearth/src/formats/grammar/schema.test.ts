import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { Grammar, seeded } from "../../../test/grammar/walk.ts";
import type { JsonSchema } from "../../protocol/index.ts";
import { gbnfOfSchema } from "./schema.ts";
import { SchemaGrammarError } from "./types.ts";

const object = (properties: JsonSchema, more: JsonSchema = {}): JsonSchema => ({
  type: "object",
  properties,
  additionalProperties: false,
  ...more,
});

const exact: Record<string, JsonSchema> = {
  string: { type: "string" },
  "string of a length": { type: "string", minLength: 2, maxLength: 5 },
  "string from a length on": { type: "string", minLength: 3 },
  "pattern anchored": { type: "string", pattern: "^[A-Z]{2}-\\d{3,5}$" },
  "pattern in the middle": { type: "string", pattern: "ab+c" },
  "pattern with a choice": { type: "string", pattern: "^(red|green|blue)(,(red|green|blue))*$" },
  "pattern with quotes and backslashes": { type: "string", pattern: '^["\\\\/][^"]+$' },
  "pattern negated": { type: "string", pattern: "^[^<>\\s]+@\\S+\\.\\w{2,}$" },
  "pattern with an open bracket": { type: "string", pattern: "^<\\|?[a-z]+>$" },
  enum: { enum: ["a", 'b"c', 1, true, null, { x: [1, "y"] }] },
  "enum of a type": { type: "string", enum: ["a", "b", 3] },
  const: { const: { deep: [1, { x: null }] } },
  integer: { type: "integer" },
  "integer from": { type: "integer", minimum: 17 },
  "integer to": { type: "integer", maximum: -3 },
  "integer between": { type: "integer", minimum: -105, maximum: 2048 },
  "integer of few values": { type: "integer", exclusiveMinimum: 9, exclusiveMaximum: 12 },
  number: { type: "number" },
  "number between": { type: "number", minimum: -1.5, maximum: 99.5 },
  "number above zero": { type: "number", exclusiveMinimum: 0 },
  "number in the unit": { type: "number", minimum: 0, exclusiveMaximum: 1 },
  "number below": { type: "number", exclusiveMaximum: -10 },
  boolean: { type: "boolean" },
  null: { type: "null" },
  "types in a list": { type: ["string", "null", "integer"] },
  array: { type: "array", items: { type: "integer", minimum: 0, maximum: 9 } },
  "array of a size": { type: "array", items: { type: "boolean" }, minItems: 2, maxItems: 4 },
  "array from one": { type: "array", items: { type: "string", maxLength: 3 }, minItems: 1 },
  tuple: { type: "array", prefixItems: [{ type: "string" }, { type: "integer" }], items: false, minItems: 1 },
  "object, all optional": object({ a: { type: "string" }, b: { type: "integer" }, c: { type: "boolean" } }),
  "object, some required": object(
    { a: { type: "string" }, b: { type: "integer" }, c: { type: "null" } },
    { required: ["b"] },
  ),
  "object, last required": object({ a: { type: "integer" }, b: { type: "integer" } }, { required: ["b"] }),
  "object with nothing": object({}),
  "object with an odd key": object(
    { 'a "b"\\c': { type: "integer" }, "ключ é": { type: "null" } },
    { required: ["ключ é"] },
  ),
  record: { type: "object", additionalProperties: { type: "integer" } },
  "anything in an object": { type: "object" },
  "anything at all": {},
  nested: object({ list: { type: "array", items: object({ x: { type: "number" } }, { required: ["x"] }) } }),
  anyOf: {
    anyOf: [{ type: "integer" }, object({ kind: { const: "a" } }, { required: ["kind"] }), { type: "null" }],
  },
  "oneOf by a constant": {
    oneOf: [
      object({ kind: { const: "circle" }, r: { type: "number" } }, { required: ["kind", "r"] }),
      object({ kind: { const: "dot" } }, { required: ["kind"] }),
    ],
  },
  "anyOf beside keywords": {
    type: "object",
    properties: { id: { type: "integer" }, name: { type: "string" } },
    anyOf: [{ required: ["id"] }, { required: ["name"] }],
    additionalProperties: false,
  },
  allOf: {
    allOf: [
      { type: "object", properties: { a: { type: "integer", minimum: 1 } }, required: ["a"] },
      { properties: { a: { maximum: 5 }, b: { type: "string" } }, required: ["b"] },
    ],
  },
  reference: {
    $defs: { size: { type: "integer", minimum: 1, maximum: 3 } },
    ...object(
      { a: { $ref: "#/$defs/size", description: "how large" }, b: { $ref: "#/$defs/size" } },
      { required: ["a"] },
    ),
  },
  "reference to itself": {
    $defs: {
      tree: object(
        { value: { type: "integer" }, children: { type: "array", items: { $ref: "#/$defs/tree" } } },
        { required: ["value"] },
      ),
    },
    $ref: "#/$defs/tree",
  },
};

for (const [name, schema] of Object.entries(exact))
  test(`random walks are valid: ${name}`, () => {
    const { gbnf, notes } = gbnfOfSchema(schema);
    assert.deepEqual(
      notes.filter((note) => note.effect === "wider"),
      [],
    );
    const validate = new Ajv2020({ strict: false }).compile(schema);
    const grammar = new Grammar(gbnf);
    const random = seeded(11);
    for (let i = 0; i < 200; i++) {
      const text = grammar.walk(random);
      assert.ok(validate(JSON.parse(text)), `${text} ${JSON.stringify(validate.errors)}`);
      assert.ok(!text.includes("<|"), text);
    }
  });

test("what a grammar can't say is noted as wider, and raised where that is asked", () => {
  const wider: Record<string, JsonSchema> = {
    multipleOf: { type: "integer", multipleOf: 5 },
    uniqueItems: { type: "array", items: { type: "integer" }, uniqueItems: true },
    pattern: { type: "string", pattern: "(?=a)b" },
    maxLength: { type: "string", maxLength: 5000 },
    not: { type: "string", not: { const: "a" } },
    oneOf: { oneOf: [{ type: "integer" }, { type: "number" }] },
  };
  for (const [keyword, schema] of Object.entries(wider)) {
    const { gbnf, notes } = gbnfOfSchema(schema);
    assert.deepEqual(
      notes.map((note) => [note.keyword, note.effect]),
      [[keyword, "wider"]],
    );
    JSON.parse(new Grammar(gbnf).walk(seeded(1)));
    assert.throws(() => gbnfOfSchema(schema, { strict: true }), SchemaGrammarError);
  }
});

test("a schema that no value fits, or that points nowhere, is an error with its place", () => {
  const broken: [JsonSchema, RegExp][] = [
    [{ type: "string", minLength: 4, maxLength: 2 }, /minLength 4/],
    [{ type: "integer", minimum: 5, maximum: 4 }, /no number/],
    [{ enum: [] }, /empty/],
    [{ type: "array", minItems: 3, maxItems: 1 }, /minItems 3/],
    [{ $ref: "#/$defs/gone" }, /does not exist/],
    [{ $ref: "https://example.com/schema" }, /local/],
    [{ $defs: { a: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }, /itself/],
    [{ type: "strnig" }, /no type/],
    [object({ a: { type: "object", properties: { b: { enum: [] } } } }), /\/properties\/a\/properties\/b/],
    [{ allOf: [{ type: "string" }, { type: "integer" }] }, /two types/],
  ];
  for (const [schema, message] of broken) assert.throws(() => gbnfOfSchema(schema), message);
});

test("names of properties that share a beginning stay apart", () => {
  const schema = object({ a: { type: "integer" }, ab: { type: "boolean" }, "a-b": { type: "null" } });
  const grammar = new Grammar(gbnfOfSchema(schema).gbnf);
  const seen = new Set<string>();
  const random = seeded(3);
  for (let i = 0; i < 200; i++)
    for (const key of Object.keys(JSON.parse(grammar.walk(random)))) seen.add(key);
  assert.deepEqual([...seen].sort(), ["a", "a-b", "ab"]);
});
