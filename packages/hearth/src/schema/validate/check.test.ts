import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject, JsonSchema } from "../../protocol/index.ts";
import { checkArguments, isValid, schemaProblems } from "./check.ts";
import { exampleOf } from "./example.ts";

const closed = (properties: JsonObject, required: string[] = Object.keys(properties)): JsonSchema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const x = (schema: JsonSchema): JsonSchema => closed({ x: schema });

/** What a model wrote for `x`, and how it is read; `undefined` where it must be asked back. */
const READ: [schema: JsonSchema, given: unknown, read: unknown, repair?: RegExp][] = [
  [{ type: "integer" }, "1", 1, /^x: "1" read as a number$/],
  [{ type: "integer" }, " -12 ", -12, /number/],
  [{ type: "number" }, "1.50", 1.5, /number/],
  [{ type: "integer" }, "1.0", 1, /number/],
  [{ type: "integer" }, 5.0, 5],
  [{ type: "integer" }, "007", undefined],
  [{ type: "integer" }, "1.5", undefined],
  [{ type: "integer" }, 1.5, undefined],
  [{ type: "integer" }, "+5", undefined],
  [{ type: "integer" }, "1,000", undefined],
  [{ type: "integer" }, "0x10", undefined],
  [{ type: "number" }, "Infinity", undefined],
  [{ type: "number" }, "1e999", undefined],
  [{ type: "integer" }, "9007199254740993", undefined],
  [{ type: "integer" }, "9007199254740991", 9007199254740991, /number/],
  [{ type: "number" }, "0.1234567890123456789", undefined],
  [{ type: "number" }, "", undefined],
  [{ type: "number" }, true, undefined],
  [{ type: "boolean" }, "true", true, /read as true/],
  [{ type: "boolean" }, "False", false, /read as false/],
  [{ type: "boolean" }, 1, undefined],
  [{ type: "boolean" }, "yes", undefined],
  [{ type: "string" }, 5, "5", /read as a string/],
  [{ type: "string" }, 1e21, undefined],
  [{ type: "string" }, true, undefined],
  [{ type: "string" }, { a: 1 }, undefined],
  [{ type: "string" }, "007", "007"],
  [{ type: ["string", "integer"] }, "7", "7"],
  [{ type: ["integer", "null"] }, "null", null, /read as null/],
  [{ type: ["string", "null"] }, "null", "null"],
  [{ type: "object", properties: { a: { type: "integer" } } }, '{"a":"1"}', { a: 1 }, /JSON text/],
  [{ type: "object" }, '"{\\"a\\":1}"', { a: 1 }, /JSON text/],
  [{ type: "object" }, "{a:1}", undefined],
  [{ type: "array", items: { type: "integer" } }, "[1,2]", [1, 2], /JSON text/],
  [{ type: "array", items: { type: "integer" } }, "3", [3], /single value/],
  [{ type: "array", items: { type: "string" } }, "a", ["a"], /single value/],
  [{ type: "array", items: { type: "string" } }, "a, b", undefined],
  [{ type: "array", items: { type: "string" } }, "", undefined],
  [{ type: "array", items: { type: "string" } }, { a: 1 }, undefined],
  [{ type: "array", items: { type: "string" } }, [1], ["1"], /^x\[0\]: 1 read/],
  [{ type: "array", prefixItems: [{ type: "integer" }, { type: "integer" }] }, 1, undefined],
  [{ enum: ["celsius", "fahrenheit"] }, "Celsius", "celsius", /"Celsius" read as "celsius"/],
  [{ enum: ["on", "ON"] }, "On", undefined],
  [{ enum: ["on", "ON"] }, "ON", "ON"],
  [{ enum: [1, 2, 3] }, "2", 2, /read as 2/],
  [{ type: "string", enum: ["1", "2"] }, 2, "2", /read as/],
  [{ type: "integer", enum: [1, 2] }, "2", 2, /number/],
  [{ const: true }, "true", true, /read as true/],
  [{ enum: ["celsius"] }, "kelvin", undefined],
  [{ anyOf: [{ type: "integer" }, { type: "null" }] }, "5", 5, /number/],
  [{ anyOf: [{ type: "string" }, { type: "integer" }] }, "5", "5"],
  [{ oneOf: [{ type: "integer" }, { type: "boolean" }] }, "5", 5, /number/],
  [{ oneOf: [{ type: "integer" }, { type: "number" }] }, "5", undefined],
  [{ allOf: [{ type: "integer" }, { minimum: 3 }] }, "5", 5, /number/],
  [{ allOf: [{ type: "string" }, { type: "integer" }] }, "5", undefined],
];

test("a value is read as what is wanted only where its meaning stays", () => {
  for (const [schema, given, read, repair] of READ) {
    const label = `${JSON.stringify(schema)} <- ${JSON.stringify(given)}`;
    const checked = checkArguments(x(schema), { x: given });
    if (read === undefined) {
      assert.equal(checked.ok, false, label);
      continue;
    }
    assert.ok(checked.ok, label);
    assert.deepEqual(checked.value["x"], read, label);
    if (repair) assert.match(checked.repairs.join("\n"), repair, label);
    else assert.deepEqual(checked.repairs, [], label);
  }
});

const LIST = closed(
  { maxItems: { type: "integer", default: 20 }, path: { type: "string" }, note: { type: "string" } },
  ["path"],
);

const OBJECTS: [schema: JsonSchema, given: unknown, read: unknown, repairs: string[]][] = [
  [LIST, { path: "." }, { path: ".", maxItems: 20 }, []],
  [
    LIST,
    { path: ".", max_items: "5" },
    { path: ".", maxItems: 5 },
    ['maxItems: renamed from "max_items"', 'maxItems: "5" read as a number'],
  ],
  [LIST, { Path: "." }, { path: ".", maxItems: 20 }, ['path: renamed from "Path"']],
  [LIST, { Path: ".", PATH: "x" }, undefined, []],
  [LIST, { path: ".", Path: "x" }, undefined, []],
  [LIST, { path: ".", colour: "red" }, undefined, []],
  [LIST, { path: ".", note: null }, { path: ".", maxItems: 20 }, ["note: null taken as left out"]],
  [LIST, { path: ".", maxItems: null }, { path: ".", maxItems: 20 }, ["maxItems: null taken as left out"]],
  [LIST, { path: null }, undefined, []],
  [LIST, '{"path":"a"}', { path: "a", maxItems: 20 }, ["JSON text read as an object"]],
  [LIST, { arguments: { path: "a" } }, { path: "a", maxItems: 20 }, ['taken out of "arguments"']],
  [LIST, [{ path: "a" }], undefined, []],
  [LIST, "a", undefined, []],
  [closed({}), null, {}, ["no arguments read as an empty object"]],
  [closed({}), undefined, {}, []],
  [closed({}), "", {}, ["no arguments read as an empty object"]],
  [closed({ input: { type: "object" } }), { input: { a: 1 } }, { input: { a: 1 } }, []],
  [closed({ a: { type: "integer", default: 3 } }), {}, { a: 3 }, ["a: missing, its default filled in"]],
  [closed({ a: { type: "integer", default: "x" } }, []), {}, {}, []],
  [{ type: "object", properties: { a_b: {} } }, { aB: 1 }, { aB: 1 }, []],
  [
    { type: "object", properties: { a_b: {} }, required: ["a_b"] },
    { aB: 1 },
    { a_b: 1 },
    ['a_b: renamed from "aB"'],
  ],
  [closed({ __proto__x: { type: "integer" } }), JSON.parse('{"__proto__":1}'), undefined, []],
];

test("fields are renamed, left out and filled in only where one reading is possible", () => {
  for (const [schema, given, read, repairs] of OBJECTS) {
    const checked = checkArguments(schema, given);
    assert.equal(checked.ok, read !== undefined, JSON.stringify([given, checked]));
    if (checked.ok) assert.deepEqual([checked.value, checked.repairs], [read, repairs]);
  }
});

test("a default is a copy: what a tool does to it stays there", () => {
  const schema = closed({ tags: { type: "array", default: [] } }, []);
  const first = checkArguments(schema, {});
  assert.ok(first.ok);
  (first.value["tags"] as string[]).push("x");
  const second = checkArguments(schema, {});
  assert.deepEqual(second.ok && second.value, { tags: [] });
});

const SEND = closed(
  {
    to: { type: "string", description: "Whom to write to", format: "email" },
    count: { type: "integer", minimum: 1, maximum: 5 },
    unit: { enum: ["km", "mi"] },
    opts: closed({ tags: { type: "array", items: { type: "string" } } }),
  },
  ["to", "count"],
);

const MESSAGES: [given: unknown, paths: string[], message: string][] = [
  [
    { count: 2 },
    ["to"],
    'Wrong arguments: "to" is missing (a string: an e-mail address: Whom to write to).\nFix: add "to".\nExample: {"count":2,"to":"name@example.com"}',
  ],
  [
    { to: "a@b.de", count: "many" },
    ["count"],
    'Wrong arguments: "count" must be an integer from 1 to 5, got "many" (string).\nFix: send "count" as an integer from 1 to 5.\nExample: {"to":"a@b.de","count":1}',
  ],
  [
    { to: "a@b.de", count: 1, units: "km" },
    ["units"],
    'Wrong arguments: "units" is not a parameter (known: "to", "count", "unit", "opts").\nFix: use "unit" instead of "units", or leave it out.\nExample: {"to":"a@b.de","count":1}',
  ],
  [
    { to: "a@b.de", count: 1, unit: "ft", opts: { tags: [{}] } },
    ["unit", "opts.tags[0]"],
    'Wrong arguments: "unit" must be one of "km", "mi", got "ft" (string); "opts.tags[0]" must be a string, got {} (object).\nFix: send "unit" as one of "km", "mi"; send "opts.tags[0]" as a string.\nExample: {"to":"a@b.de","count":1,"unit":"km","opts":{"tags":["text"]}}',
  ],
  [
    "hello",
    [""],
    'Wrong arguments: the arguments must be an object with "to", "count", got "hello" (string).\nFix: send the arguments as an object with "to", "count".\nExample: {"to":"name@example.com","count":1}',
  ],
];

test("a message tells the reason, the remedy and an example that is right", () => {
  for (const [given, paths, message] of MESSAGES) {
    const checked = checkArguments(SEND, given);
    assert.ok(!checked.ok);
    assert.deepEqual(
      checked.faults.map((fault) => fault.path),
      paths,
    );
    assert.equal(checked.message, message);
    const example = /Example: (.*)$/.exec(checked.message)?.[1];
    assert.ok(isValid(SEND, JSON.parse(example!)));
  }
});

test("many faults and large values give a short message", () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`field${i}`, { type: "integer" }]));
  const checked = checkArguments(closed(many), { field1: "y".repeat(100_000) });
  assert.ok(!checked.ok);
  assert.equal(checked.faults.length, 20);
  assert.ok(checked.message.length < 800, String(checked.message.length));
  assert.match(checked.message, /and 47 more/);
});

test("of a union, the branch that was meant is explained", () => {
  const shape: JsonSchema = {
    anyOf: [
      closed({ kind: { const: "circle" }, radius: { type: "number" } }),
      closed({ kind: { const: "square" }, side: { type: "number" } }),
    ],
  };
  const near = checkArguments(x(shape), { x: { kind: "circle", side: 1 } });
  assert.ok(!near.ok);
  assert.deepEqual(near.faults.map((fault) => fault.path).sort(), ["x.radius", "x.side"]);
  const strange = checkArguments(x(shape), { x: { kind: "star" } });
  assert.ok(!strange.ok);
  assert.equal(strange.faults[0]?.expected, 'one of "circle", "square"');
  const none = checkArguments(x({ anyOf: [{ type: "integer" }, { type: "boolean" }] }), { x: "no" });
  assert.ok(!none.ok);
  assert.equal(none.faults[0]?.expected, "an integer or true or false");
});

const KEYWORDS: [schema: JsonSchema, valid: unknown[], invalid: unknown[]][] = [
  [{ $ref: "#/$defs/a", $defs: { a: { type: "string" } } }, ["x"], [1]],
  [{ $ref: "#a", $defs: { any: { $anchor: "a", type: "string" } } }, ["x"], [1]],
  [{ $id: "https://x.test/s", $ref: "t", $defs: { t: { $id: "t", type: "string" } } }, ["x"], [1]],
  [{ $ref: "#/definitions/a~1b%20c", definitions: { "a/b c": { type: "null" } } }, [null], [1]],
  [
    { type: "object", properties: { next: { $ref: "#" } }, additionalProperties: false },
    [{ next: { next: {} } }],
    [{ next: { nxt: {} } }],
  ],
  [{ allOf: [{ properties: { a: true } }], unevaluatedProperties: false }, [{ a: 1 }], [{ b: 1 }]],
  [
    {
      anyOf: [{ properties: { a: { const: 1 } } }, { properties: { b: true } }],
      unevaluatedProperties: false,
    },
    [{ a: 1 }, { b: 2 }],
    [{ a: 2, c: 1 }],
  ],
  [{ prefixItems: [true], contains: { type: "string" }, unevaluatedItems: false }, [[1, "a"]], [[1, "a", 2]]],
  [{ items: [{ type: "integer" }], additionalItems: false }, [[1], []], [["a"], [1, 2]]],
  [
    { dependencies: { a: ["b"], c: { required: ["d"] } } },
    [
      { a: 1, b: 1 },
      { c: 1, d: 1 },
    ],
    [{ a: 1 }, { c: 1 }],
  ],
  [{ type: "string", nullable: true }, [null, "a"], [1]],
  [{ multipleOf: 0.1 }, [0.3, 1.1, 2], [0.35]],
  [{ minLength: 2 }, ["ab", "😀😀", 5], ["a", "😀"]],
  [{ maxLength: 1 }, ["😀"], ["ab"]],
  [
    { uniqueItems: true },
    [[{ a: 1, b: 2 }, { a: 1 }]],
    [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  [{ format: "date" }, ["2024-02-29", 5], ["2023-02-29", "2024-13-01", "24-01-01"]],
  [
    { format: "date-time" },
    ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+01:00"],
    ["2026-01-31", "2026-01-31T25:00:00Z"],
  ],
  [{ format: "email" }, ["a.b@c.de"], ["a", "a@", "@b.c", "a b@c.de"]],
  [{ format: "uri" }, ["https://a.b/c?d#e", "urn:x:y"], ["/a", "a b", "http:"]],
  [{ format: "uuid" }, ["123e4567-e89b-42d3-a456-426614174000"], ["123e4567"]],
  [{ format: "ipv4" }, ["1.2.3.4"], ["256.1.1.1", "::1"]],
  [{ format: "ipv6" }, ["::1"], ["1.2.3.4"]],
  [{ format: "hostname" }, ["a.example"], ["-a.example", "a..b"]],
  [{ format: "duration" }, ["P1DT2H", "PT0.5S", "P2W"], ["P", "PT", "1D"]],
  [{ format: "made-up" }, ["anything"], []],
  [{ type: "integer" }, [1], [Number.NaN, Number.POSITIVE_INFINITY, 1n]],
];

test("keywords and formats hold as the draft says", () => {
  for (const [schema, valid, invalid] of KEYWORDS) {
    for (const value of valid)
      assert.ok(isValid(schema, value), `${JSON.stringify(schema)} takes ${String(value)}`);
    for (const value of invalid)
      assert.ok(!isValid(schema, value), `${JSON.stringify(schema)} refuses ${String(value)}`);
  }
});

test("schemas and values without end come back with a fault", () => {
  const loop: JsonObject = { a: {} };
  loop["a"] = loop;
  const itself: JsonSchema = { $ref: "#" };
  const wide: JsonSchema = { anyOf: [{ $ref: "#" }, { $ref: "#" }] };
  const tree: JsonSchema = { type: "object", additionalProperties: { $ref: "#" } };
  for (const [schema, value] of [
    [itself, {}],
    [wide, {}],
    [tree, loop],
    [{ type: "object", properties: { x: { pattern: "^(a+)+$" } } }, { x: `${"a".repeat(50)}b` }],
    [{ type: "object", properties: { x: { pattern: "^(a|aa)+$" } } }, { x: `${"a".repeat(90)}b` }],
  ] as [JsonSchema, unknown][]) {
    const checked = checkArguments(schema, value);
    assert.equal(checked.ok, false);
  }
});

test("what can't be understood in a schema is named", () => {
  for (const [schema, problem] of [
    [{ type: "int" }, /type "int" is none of/],
    [{ properties: { a: { $ref: "#/nowhere" } } }, /reference "#\/nowhere"/],
    [{ pattern: "(" }, /pattern "\(" can't be read/],
    [{ properties: { a: "string" } }, /neither an object nor true or false/],
  ] as [JsonSchema, RegExp][]) {
    assert.match(schemaProblems(schema).join("\n"), problem);
  }
  assert.deepEqual(schemaProblems(SEND), []);
});

test("an example is small and follows the schema", () => {
  for (const [schema, example] of [
    [closed({ a: { type: "integer", minimum: 3 }, b: { type: "string" } }, ["a"]), { a: 3 }],
    [{ type: "string", pattern: "^[A-Z]{2}-\\d{3}$" }, "AA-111"],
    [{ type: "string", pattern: "^(foo|bar)\\.txt$", minLength: 3 }, "foo.txt"],
    [{ type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
    [{ type: "array", items: { enum: ["a", "b"] }, minItems: 2, uniqueItems: true }, ["a", "b"]],
    [{ $ref: "#/$defs/n", $defs: { n: { type: "object", properties: { n: { $ref: "#/$defs/n" } } } } }, {}],
    [{ type: "object", properties: { n: { $ref: "#" } }, required: ["n"] }, undefined],
    [{ allOf: [{ type: "integer" }, { multipleOf: 7, minimum: 8 }] }, 14],
    [false as never, undefined],
  ] as [JsonSchema, unknown][]) {
    assert.deepEqual(exampleOf(schema), example, JSON.stringify(schema));
  }
});
