import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { Grammar, seeded } from "../../../test/grammar/walk.ts";
import type { JsonSchema, ToolSchema } from "../../protocol/index.ts";
import { callArguments, callSchema, choose, chosen } from "./choose.ts";
import { gbnfOfSchema } from "./schema.ts";

const tool = (name: string, parameters: JsonSchema = { type: "object", properties: {} }): ToolSchema => ({
  name,
  description: "",
  parameters,
});
const tools = [tool("get"), tool("get_weather"), tool("get_weather_at")];

test("names that begin one another are chosen apart", () => {
  const grammar = new Grammar(choose(tools, { orNone: true }).gbnf);
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const text = grammar.walk(seeded(seed));
    seen.add(chosen(text, tools)?.name ?? text);
  }
  assert.deepEqual([...seen].sort(), ["get", "get_weather", "get_weather_at", "none\n"]);
  assert.equal(chosen("get_wea", tools), undefined);
  assert.throws(() => choose([]), /no tool/);
});

test("arguments by themselves are one object of the tool's schema", () => {
  const add = tool("add", {
    properties: { a: { type: "integer" } },
    required: ["a"],
    additionalProperties: false,
  });
  const grammar = new Grammar(callArguments(add).gbnf);
  for (let seed = 0; seed < 30; seed++) assert.match(grammar.walk(seeded(seed)), /^\{"a": -?\d+\}$/);
});

test("a forced call is a JSON Schema with a branch a tool, whose references still point", () => {
  const move = tool("move", {
    type: "object",
    properties: { to: { $ref: "#/$defs/place" } },
    required: ["to"],
    additionalProperties: false,
    $defs: { place: { type: "array", items: { $ref: "#/$defs/x" } }, x: { type: "integer", minimum: 3 } },
  });
  const stay = tool("stay", {
    type: "object",
    properties: {},
    additionalProperties: false,
    $defs: { x: { type: "null" } },
  });
  for (const choice of ["required", { name: "move" }] as const) {
    const schema = callSchema([move, stay], choice);
    assert.ok(schema);
    const validate = new Ajv2020({ strict: false }).compile(schema);
    assert.ok(validate({ name: "move", arguments: { to: [3, 4] } }));
    assert.ok(!validate({ name: "move", arguments: { to: [2] } }));
    assert.ok(!validate({ name: "other", arguments: {} }));
    assert.equal(validate({ name: "stay", arguments: {} }), choice === "required");
    const grammar = new Grammar(gbnfOfSchema(schema).gbnf);
    for (let seed = 0; seed < 30; seed++) assert.ok(validate(JSON.parse(grammar.walk(seeded(seed)))));
  }
  assert.equal(callSchema([move], "auto"), undefined);
  assert.equal(callSchema([move], "none"), undefined);
});
