import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { Grammar, seeded } from "../../../test/grammar/walk.ts";
import type { ToolSchema } from "../../protocol/index.ts";
import { dialectById, dialects } from "../dialects/index.ts";
import { parse } from "../parse.ts";
import { callGrammar } from "./call.ts";
import { shapeOf } from "./shape.ts";

const tools: ToolSchema[] = [
  {
    name: "get",
    description: "A name that begins another.",
    parameters: { type: "object", properties: {}, additionalProperties: false },
  },
  {
    name: "get_weather",
    description: "Weather.",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string" },
        days: { type: "integer", minimum: 1, maximum: 14 },
        unit: { type: "string", enum: ["celsius", "fahrenheit"] },
        detailed: { type: "boolean" },
      },
      required: ["city"],
      additionalProperties: false,
    },
  },
  {
    name: "store_note",
    description: "Nested values.",
    parameters: {
      type: "object",
      properties: {
        title: { type: "string", minLength: 1, maxLength: 12 },
        tags: { type: "array", items: { type: "string" }, maxItems: 3 },
        place: {
          type: "object",
          properties: { lat: { type: "number" }, name: { type: "string" }, seen: { type: "boolean" } },
          required: ["lat"],
          additionalProperties: false,
        },
        weight: { type: "number", exclusiveMinimum: 0 },
      },
      required: ["title", "tags"],
      additionalProperties: false,
    },
  },
];
const ajv = new Ajv2020({ strict: false });
const validators = new Map(tools.map((tool) => [tool.name, ajv.compile(tool.parameters)]));

/** Has tags for nested values, which no rule here writes. */
const WITHOUT = ["minimax-m3"];

for (const dialect of dialects.filter(({ id }) => !WITHOUT.includes(id)))
  test(`${dialect.id}: every walk is a valid call`, () => {
    const { gbnf } = callGrammar({ dialect, tools, choice: "required" });
    const grammar = new Grammar(gbnf);
    /** Some close a call by the token that ends the turn, which an engine keeps to itself. */
    const endsItself = dialect.calls.some(({ close }) => close.some((mark) => dialect.sample.endsWith(mark)));
    const random = seeded(5);
    for (let i = 0; i < 150; i++) {
      const text = grammar.walk(random);
      const { calls, content, diagnostics } = parse(text, { format: dialect, tools });
      assert.ok(calls.length > 0, `no call in ${JSON.stringify(text)} ${JSON.stringify(diagnostics)}`);
      assert.equal(content.trim(), "", text);
      const faults = diagnostics.filter(({ code }) => code !== "missing-close" || endsItself);
      assert.deepEqual(faults, [], text);
      for (const call of calls) {
        const validate = validators.get(call.name);
        assert.ok(
          validate?.(call.arguments),
          `${text} ${JSON.stringify(call)} ${JSON.stringify(validate?.errors)}`,
        );
      }
    }
  });

test("only dialects known to be missing have no shape", () => {
  assert.deepEqual(
    dialects.filter((dialect) => shapeOf(dialect) === undefined).map(({ id }) => id),
    WITHOUT,
  );
});

const hermes = dialectById("hermes");
assert.ok(hermes);

test("a named choice allows this tool alone, and an unknown name is an error", () => {
  const grammar = new Grammar(callGrammar({ dialect: hermes, tools, choice: { name: "get" } }).gbnf);
  for (let seed = 0; seed < 20; seed++)
    assert.match(
      grammar.walk(seeded(seed)),
      /^(<tool_call>\n\{"name": "get", "arguments": \{\}\}\n<\/tool_call>\n?)+$/,
    );
  assert.throws(() => callGrammar({ dialect: hermes, tools, choice: { name: "got" } }), /no tool named got/);
  assert.throws(() => callGrammar({ dialect: hermes, tools: [], choice: "required" }), /no tool/);
});

test("the choice none never opens a call, auto does both", () => {
  const none = new Grammar(callGrammar({ dialect: hermes, tools, choice: "none" }).gbnf);
  const auto = new Grammar(callGrammar({ dialect: hermes, tools }).gbnf);
  let calls = 0;
  for (let seed = 0; seed < 300; seed++) {
    assert.ok(!none.walk(seeded(seed)).includes("<tool_call>"));
    calls += parse(auto.walk(seeded(seed)), { format: hermes, tools }).calls.length > 0 ? 1 : 0;
  }
  assert.ok(calls > 10 && calls < 290, String(calls));
});

test("a lazy grammar goes on from its trigger", () => {
  for (const id of ["hermes", "qwen3-coder", "mistral-v11", "glm", "lfm2", "kimi-k2"]) {
    const dialect = dialectById(id);
    assert.ok(dialect);
    const { gbnf, trigger } = callGrammar({ dialect, tools, lazy: true });
    assert.ok(trigger !== undefined && trigger.length > 1, id);
    const grammar = new Grammar(gbnf);
    for (let seed = 0; seed < 30; seed++) {
      const { calls, diagnostics } = parse(trigger + grammar.walk(seeded(seed)), { format: dialect, tools });
      assert.ok(calls.length > 0 && diagnostics.length === 0, `${id} ${JSON.stringify(diagnostics)}`);
    }
  }
});

test("thinking may come before a call that is required", () => {
  const { gbnf } = callGrammar({ dialect: hermes, tools, choice: "required", thinkingEnd: "</think>" });
  const grammar = new Grammar(gbnf);
  for (let seed = 0; seed < 50; seed++) {
    const { calls } = parse(grammar.walk(seeded(seed)), {
      format: hermes,
      tools,
      prefill: "<think>\n",
      thinking: true,
    });
    assert.ok(calls.length > 0);
  }
});

test("one call at most where parallel calls are off", () => {
  const grammar = new Grammar(
    callGrammar({ dialect: hermes, tools, choice: "required", parallel: false }).gbnf,
  );
  for (let seed = 0; seed < 50; seed++)
    assert.equal(parse(grammar.walk(seeded(seed)), { format: hermes, tools }).calls.length, 1);
});
