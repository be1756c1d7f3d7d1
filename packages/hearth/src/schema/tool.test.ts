import assert from "node:assert/strict";
import { test } from "node:test";
import { type } from "arktype";
import { z } from "zod";
import type { JsonObject, ToolContext } from "../protocol/index.ts";
import { type ToolInput, tool, toolOf, toolsOf } from "./tool.ts";
import { checkArguments } from "./validate/check.ts";

const context: ToolContext = {
  signal: new AbortController().signal,
  runId: "run",
  callId: "call",
  workspace: "/",
  output() {},
};

/** Add two numbers. @param a first @param b second @effect none @timeout 5 @reads public @source trusted @egress false */
function add(a: number, b: number): number {
  return a + b;
}

test("a plain function becomes a tool with its name, comment, types and tags", async () => {
  const { run: _, ...described } = await toolOf(add);
  assert.deepEqual(described, {
    name: "add",
    description: "Add two numbers.",
    parameters: {
      type: "object",
      properties: {
        a: { type: "number", description: "first" },
        b: { type: "number", description: "second" },
      },
      required: ["a", "b"],
      additionalProperties: false,
    },
    effect: "none",
    timeoutMs: 5000,
    reads: "public",
    source: "trusted",
    egress: false,
  });
  assert.equal((await toolOf(add, "plus")).name, "plus");
});

/**
 * Send a letter
 * to {@link Person somebody}, by `@post`.
 *
 * - Never twice.
 * - Never late.
 *
 * @example send("x")
 * @param to Whom,
 *   by name.
 * @returns whether it went
 * @egress
 */
const send = (to: string): string => to;

test("a longer comment keeps its paragraphs and lists, without what is for programmers", async () => {
  const made = await toolOf(send);
  assert.equal(made.description, "Send a letter to somebody, by `@post`.\n- Never twice.\n- Never late.");
  assert.deepEqual(made.parameters["properties"], { to: { type: "string", description: "Whom, by name." } });
  assert.equal(made.egress, true);
});

async function call(value: ToolInput, args: JsonObject): Promise<unknown> {
  const made = await toolOf(value);
  const checked = checkArguments(made.parameters, args);
  assert.ok(checked.ok, checked.ok ? "" : checked.message);
  return made.run(checked.value, context);
}

test("arguments reach the function in the form it takes", async () => {
  const seen = (...values: unknown[]): unknown[] => values;
  const positional = (a: string, b = 5, c?: boolean): unknown[] => seen(a, b, c);
  assert.deepEqual(await call(positional, { a: "x" }), ["x", 5, undefined]);
  assert.deepEqual(await call(positional, { c: true, a: "x", b: 1 }), ["x", 1, true]);
  const destructured = ({ a, b = 2 }: { a: string; b?: number }): unknown[] => seen(a, b);
  assert.deepEqual(await call(destructured, { a: "x" }), ["x", 2]);
  const whole = (options: { a: string; b?: number }): unknown => options;
  assert.deepEqual(await call(whole, { a: "x" }), { a: "x" });
  const rest = (a: string, ...more: number[]): unknown[] => seen(a, more);
  assert.deepEqual(await call(rest, { a: "x", more: [1, 2] }), ["x", [1, 2]]);
  assert.deepEqual(await call(rest, { a: "x" }), ["x", []]);
  const withContext = (a: string, its: ToolContext, signal: AbortSignal): unknown[] => seen(a, its, signal);
  assert.deepEqual(await call(withContext, { a: "x" }), ["x", context, context.signal]);
  const counted = (_a?: string, _b?: string): unknown => _a === undefined && _b === undefined;
  assert.equal(await call(counted, {}), true);
});

test("two functions of one name and one line are told apart", async () => {
  const pair = [{ f: (a: string) => a }, { f: (b: number) => b }];
  const [first, second] = await Promise.all(pair.map(({ f }) => toolOf(f as ToolInput)));
  assert.deepEqual(Object.keys(first?.parameters["properties"] ?? {}), ["a"]);
  assert.deepEqual(Object.keys(second?.parameters["properties"] ?? {}), ["b"]);
});

test("a tool written out is taken as it stands, with this", async () => {
  const made = await toolOf({
    name: "count",
    description: "Counts",
    parameters: { type: "object", properties: { by: { type: "integer" } }, required: ["by"] },
    effect: "idempotent",
    concurrency: 1,
    total: 10,
    run(this: { total: number }, { by }: { by: number }) {
      return this.total + by;
    },
  } as ToolInput);
  assert.equal(await made.run({ by: 2 }, context), 12);
  assert.deepEqual([made.effect, made.concurrency, made.timeoutMs], ["idempotent", 1, undefined]);
  const bare = await toolOf({ name: "now", run: () => 1 });
  assert.deepEqual(bare.parameters, { type: "object", properties: {}, additionalProperties: false });
  assert.equal(bare.description, "");
});

const City = z.object({ city: z.string().min(2).describe("Where"), days: z.int().max(7).default(3) });

test("zod and arktype schemas give the JSON Schema and check the values", async () => {
  const weather = tool({
    name: "weather",
    description: "",
    parameters: City,
    run: ({ city, days }) => `${city} ${days}`,
  });
  const made = await toolOf(weather);
  assert.deepEqual(made.parameters["required"], ["city"]);
  assert.equal(made.parameters["$schema"], undefined);
  assert.equal(await made.run({ city: "Bonn" }, context), "Bonn 3");
  await assert.rejects(
    async () => made.run({ city: "B", days: 9 }, context),
    /^ToolError: Wrong arguments: "city": .*; "days": /,
  );

  const ark = await toolOf(
    tool({
      name: "ark",
      input: type({ n: "number.integer", "unit?": "'km' | 'mi'" }),
      run: ({ n }) => n + 1,
    }),
  );
  assert.equal(await ark.run({ n: 2 }, context), 3);
  const checked = checkArguments(ark.parameters, { n: "2", unit: "KM" });
  assert.deepEqual(checked.ok && checked.value, { n: 2, unit: "km" });

  const refined = tool({
    name: "even",
    parameters: z.object({ n: z.number().refine((n) => n % 2 === 0, "must be even") }),
    run: ({ n }) => n,
  });
  await assert.rejects(async () => (await toolOf(refined)).run({ n: 3 }, context), /"n": must be even/);
});

const WRONG: [value: unknown, message: RegExp][] = [
  [null, /Tool 1 is null, and neither a function nor/],
  ["add", /Tool 1 is a string/],
  [City, /Tool 1 has no name/],
  [type({ a: "string" }), /Tool 1 is a schema/],
  [{ run: () => 1 }, /Tool 1 has no name/],
  [{ name: "a b", run: () => 1 }, /has a name that engines do not take/],
  [{ name: "a" }, /The tool a has no run function/],
  [{ name: "a", parameters: "string", run: () => 1 }, /parameters that are no schema/],
  [{ name: "a", parameters: { path: "string" }, run: () => 1 }, /no JSON Schema but a list of fields/],
  [{ name: "a", parameters: { a: z.string() }, run: () => 1 }, /no JSON Schema but a list of fields/],
  [
    { name: "a", parameters: { type: "string" }, run: () => 1 },
    /the type "string", and arguments are always an object/,
  ],
  [
    { name: "a", parameters: { type: "object", properties: { x: { type: "int" } } }, run: () => 1 },
    /can't be checked: type "int"/,
  ],
  [
    { name: "a", parameters: { type: "object", properties: { x: { $ref: "#/$defs/y" } } }, run: () => 1 },
    /reference "#\/\$defs\/y"/,
  ],
  [{ name: "a", parameters: z.object({ d: z.date() }), run: () => 1 }, /zod can't write as JSON Schema/],
  [
    {
      name: "a",
      parameters: { "~standard": { version: 1, vendor: "valibot", validate: () => ({ value: 1 }) } },
      run: () => 1,
    },
    /parameters of valibot, which give no JSON Schema/,
  ],
  [{ name: "a", description: 5, run: () => 1 }, /a description that is no text/],
  [{ name: "a", effect: "maybe", run: () => 1 }, /has effect: maybe/],
  [{ name: "a", timeoutMs: -1, run: () => 1 }, /has timeoutMs: -1/],
  [{ name: "a", egress: "no", run: () => 1 }, /egress that is neither true nor false/],
  [class Tool {}, /Tool is a class/],
  [add.bind(null), /bound add is a bound function, and a bound function has no source/],
  [Math.max, /max is native code/],
];

test("what can't be a tool is told at the start, with a remedy", async () => {
  for (const [value, message] of WRONG) {
    await assert.rejects(
      toolOf(value as ToolInput),
      (error: Error & { remedy?: string; exitCode?: number }) => {
        assert.equal(error.name, "ToolDefinitionError");
        assert.match(error.message, message);
        assert.ok(error.remedy);
        assert.equal(error.exitCode, 2);
        return true;
      },
    );
  }
});

test("a list keeps its order, and no two tools have one name", async () => {
  const tools = await toolsOf([{ name: "z", run: () => 1 }, add, send, { name: "b", run: () => 2 }]);
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["z", "add", "send", "b"],
  );
  await assert.rejects(toolsOf([add, { name: "add", run: () => 1 }]), /Two tools have the name add/);
  assert.deepEqual(await toolsOf([]), []);
});
