import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import type { JsonObject, JsonSchema } from "../../protocol/index.ts";
import { checkArguments, isValid } from "./check.ts";
import { exampleOf } from "./example.ts";

/** Raised in long runs. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 400);

const key = fc.constantFrom("a", "b", "c", "d_e");
const scalar = fc.oneof(
  fc.constantFrom("", "a", "B", "abc", "1", "true", "null", "ä€😀"),
  fc.integer({ min: -3, max: 7 }),
  fc.constantFrom(0.5, 2.5, -0),
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const type = fc.constantFrom("string", "number", "integer", "boolean", "null", "array", "object");
const small = fc.integer({ min: 0, max: 4 });
const some = (record: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> =>
  fc.record(record, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<JsonObject>;

const { schema } = fc.letrec<{ schema: JsonSchema; sub: unknown }>((tie) => ({
  sub: fc.oneof({ weight: 1, arbitrary: fc.boolean() }, { weight: 9, arbitrary: tie("schema") }),
  schema: fc.oneof(
    { depthSize: "small" },
    some({ type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })) }),
    some({ enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 4 }) }),
    some({ const: value }),
    some({
      type,
      minimum: small,
      maximum: small,
      exclusiveMinimum: small,
      exclusiveMaximum: small,
      multipleOf: fc.constantFrom(1, 2, 0.5),
      minLength: small,
      maxLength: small,
      pattern: fc.constantFrom("^a", "b$", "^\\d+$", "(a|b)+c"),
    }),
    some({
      prefixItems: fc.array(tie("sub"), { minLength: 1, maxLength: 2 }),
      items: tie("sub"),
      minItems: small,
      maxItems: small,
      uniqueItems: fc.boolean(),
    }),
    some({
      type: fc.constant("array"),
      contains: fc.record({ type }, { noNullPrototype: true }),
      minContains: small,
    }),
    some({
      properties: fc.dictionary(key, tie("sub"), { maxKeys: 3, noNullPrototype: true }),
      required: fc.uniqueArray(key, { maxLength: 2 }),
      additionalProperties: tie("sub"),
      patternProperties: fc.dictionary(fc.constantFrom("^a", "[bc]"), tie("sub"), {
        maxKeys: 1,
        noNullPrototype: true,
      }),
      propertyNames: some({ enum: fc.uniqueArray(key, { minLength: 1 }) }),
      minProperties: small,
      maxProperties: small,
      dependentRequired: fc.dictionary(key, fc.uniqueArray(key, { maxLength: 2 }), {
        maxKeys: 1,
        noNullPrototype: true,
      }),
      dependentSchemas: fc.dictionary(key, tie("sub"), { maxKeys: 1, noNullPrototype: true }),
    }),
    some({
      allOf: fc.array(tie("sub"), { minLength: 1, maxLength: 2 }),
      anyOf: fc.array(tie("sub"), { minLength: 1, maxLength: 3 }),
      properties: fc.dictionary(key, tie("sub"), { maxKeys: 2, noNullPrototype: true }),
    }),
    some({ oneOf: fc.array(tie("sub"), { minLength: 1, maxLength: 3 }), not: tie("sub") }),
    some({ if: tie("sub"), then: tie("sub"), else: tie("sub") }),
    some({
      properties: fc.constant({ a: { $ref: "#/$defs/x" } }),
      $defs: fc.record({ x: tie("sub") }, { noNullPrototype: true }),
    }).filter((node) => "$defs" in node && "properties" in node),
  ),
}));

/** References are from the root, so only a root may carry them. */
const rooted = schema.filter((node) => {
  const text = JSON.stringify({ ...node, $defs: undefined, properties: undefined });
  return (
    !text.includes("$ref") && (JSON.stringify(node).match(/\$ref/g)?.length ?? 0) <= ("$defs" in node ? 1 : 0)
  );
});

// Left out, since ajv 8.20 departs from the draft there: `unevaluated…` (it counts `oneOf` branches that failed, and not
// what `contains` has met), and `contains` beside `prefixItems` or always true (an empty list passes).
const ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: true, logger: false });

/** ajv's verdicts; for some schemas with `then` beside `items` it writes code that does not run. */
function oracle(node: JsonSchema): (item: unknown) => boolean {
  const validate = ajv.compile(structuredClone(node));
  return (item) => {
    try {
      return validate(item);
    } catch {
      return fc.pre(false) ?? false;
    }
  };
}

test("without coercion the validator agrees with ajv on any schema and value", () => {
  let valid = 0;
  fc.assert(
    fc.property(rooted, value, (node, item) => {
      const expected = oracle(node)(item);
      if (expected) valid++;
      assert.equal(isValid(node, item), expected);
    }),
    { numRuns: RUNS },
  );
  assert.ok(valid > RUNS / 10, `only ${valid} valid pairs: the test says little`);
});

test("what is accepted after repair is valid for ajv, and what was valid before is never refused", () => {
  fc.assert(
    fc.property(rooted, fc.dictionary(key, value, { noNullPrototype: true }), (node, item) => {
      const before = structuredClone(item);
      const validate = oracle(node);
      const checked = checkArguments(node, item);
      assert.deepEqual(item, before, "arguments were changed in place");
      if (checked.ok) assert.ok(validate(checked.value), JSON.stringify(checked));
      else assert.ok(!validate(item), checked.message);
    }),
    { numRuns: RUNS },
  );
});

test("an example is valid", () => {
  let found = 0;
  fc.assert(
    fc.property(rooted, (node) => {
      const example = exampleOf(node);
      if (example === undefined) return;
      found++;
      assert.ok(oracle(node)(example));
    }),
    { numRuns: RUNS },
  );
  assert.ok(found > RUNS / 3, `${found}`);
});

test("no schema and no value makes it throw", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withSparseArray: true,
    withNullPrototype: true,
  });
  const keyword = fc.constantFrom(
    ..."type enum const properties required additionalProperties patternProperties propertyNames items prefixItems contains minimum maximum multipleOf minLength pattern format uniqueItems allOf anyOf oneOf not if then else $ref $defs $id $anchor default dependentRequired dependencies minItems examples unevaluatedProperties".split(
      " ",
    ),
  );
  fc.assert(
    fc.property(fc.oneof(fc.dictionary(keyword, anything), anything), anything, (node, item) => {
      const checked = checkArguments(node as JsonSchema, item);
      if (!checked.ok) assert.ok(checked.message.length < 4000);
      exampleOf(node as JsonSchema);
    }),
    { numRuns: RUNS },
  );
});
