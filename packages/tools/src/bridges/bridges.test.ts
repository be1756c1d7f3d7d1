import assert from "node:assert/strict";
import { test } from "node:test";
import { type } from "arktype";
import { checkArguments, isObject, type JsonObject, normalizeResult, type Tool } from "hearth";
import * as z from "zod";
import { aiSdkTools, autogenTools, type CancellationToken, langchainTools, objectTools } from "./index.ts";

interface Called {
  ok: boolean;
  content: string;
  details?: JsonObject;
}

/** Calls as the loop does: arguments checked first, the result made one. */
async function call(
  tools: readonly Tool[],
  name: string,
  args: JsonObject,
  { signal = new AbortController().signal, output = (_: string) => {} } = {},
): Promise<Called> {
  const tool = tools.find((one) => one.name === name);
  assert.ok(tool, `no tool ${name}`);
  const checked = checkArguments(tool.parameters, args);
  if (!checked.ok) return { ok: false, content: checked.message };
  return normalizeResult(
    await tool.run(checked.value, { signal, output, runId: "r", callId: "c1", workspace: "/" }),
  );
}

const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

class Weather {
  get_schema() {
    return { name: "weather", description: "The weather.", parameters: CITY };
  }
  async execute({ city }: { city: string }) {
    return city === "Atlantis" ? [false, "no such city"] : [true, { city, celsius: 21 }];
  }
}

class Nameless {
  getSchema() {
    return {};
  }
  execute() {
    return "here";
  }
}

class Typed {
  /** Looks for something. */
  execute = (args: { query: string; limit?: number }) => `${args.query} ${args.limit ?? 5}`;
}

test("objects with get_schema and execute: schema, pairs taken apart, this kept", async () => {
  const openAi = {
    prefix: "<",
    get_schema: () => ({
      type: "function",
      function: { name: "nested", description: "N.", parameters: CITY },
    }),
    execute(this: { prefix: string }, { city }: { city: string }) {
      return this.prefix + city;
    },
  };
  const anthropic = {
    get_schema: async () => ({ name: "late", input_schema: CITY }),
    execute: () => [true, "x"],
  };
  const tools = await objectTools([new Weather(), openAi, anthropic]);
  assert.deepEqual(
    tools.map(({ name, parameters }) => [name, parameters]),
    [
      ["weather", CITY],
      ["nested", CITY],
      ["late", CITY],
    ],
  );
  assert.deepEqual(await call(tools, "weather", { city: "Bonn" }), {
    ok: true,
    content: '{"city":"Bonn","celsius":21}',
  });
  assert.deepEqual(await call(tools, "weather", { city: "Atlantis" }), {
    ok: false,
    content: "no such city",
  });
  assert.deepEqual(await call(tools, "nested", { city: "Bonn" }), { ok: true, content: "<Bonn" });
});

test("a missing name is the class's, missing parameters are an empty object, a missing schema is read from the types", async () => {
  const tools = await objectTools([new Nameless(), new Typed()]);
  assert.deepEqual([tools[0]?.name, tools[0]?.parameters], ["Nameless", { type: "object", properties: {} }]);
  assert.equal(tools[1]?.name, "Typed");
  assert.partialDeepStrictEqual(tools[1]?.parameters, {
    properties: { query: { type: "string" }, limit: { type: "number" } },
    required: ["query"],
  });
  assert.equal((await call(tools, "Typed", { query: "a" })).content, "a 5");
});

test("an object without execute is refused; one without types takes anything", async () => {
  await assert.rejects(objectTools([{}]), /Object has no execute/);
  const untyped = { name: "loose", execute: Function("args", "return JSON.stringify(args)") };
  const tools = await objectTools([untyped]);
  assert.equal((await call(tools, "loose", { a: 1 })).content, '{"a":1}');
});

/** As autogen_core.tools.FunctionTool 0.7.5 shows itself. */
const autogen = {
  name: "double",
  description: "Doubles.",
  schema: {
    name: "double",
    description: "Doubles.",
    parameters: { type: "object", properties: { a: { type: "integer", title: "A" } }, required: ["a"] },
    strict: false,
  },
  async run_json({ a }: { a: number }, token: CancellationToken) {
    if (token.is_cancelled()) return "cancelled";
    return a * 2;
  },
  return_value_as_string: (value: unknown) => `<${value}>`,
};

test("AutoGen: run_json with a token, results as its own text", async () => {
  const tools = await autogenTools([autogen]);
  assert.equal((await call(tools, "double", { a: 4 })).content, "<8>");
  const stopped = AbortSignal.abort();
  assert.equal((await call(tools, "double", { a: 4 }, { signal: stopped })).content, "cancelled");
});

test("AutoGen: extra arguments are told to the model, not swallowed", async () => {
  const tools = await autogenTools([autogen]);
  const { ok, content } = await call(tools, "double", { a: 4, precision: 2 });
  assert.equal(ok, false);
  assert.match(content, /precision/);
});

test("AutoGen: a token fires its callbacks when the run is cancelled", async () => {
  const waiting = {
    name: "wait",
    schema: { parameters: { type: "object", properties: {} } },
    run_json: (_: object, token: CancellationToken) =>
      new Promise((resolve) => token.add_callback(() => resolve("told"))),
  };
  const tools = await autogenTools([waiting]);
  const stop = new AbortController();
  const calling = call(tools, "wait", {}, { signal: stop.signal });
  setImmediate(() => stop.abort());
  assert.equal((await calling).content, "told");
});

interface LangChainCall {
  name: string;
  args: { city: string };
  id: string;
  type: "tool_call";
}

/** As `tool(…)` of @langchain/core 1.2 is: invoked with a call it answers with a ToolMessage. */
function langchain(name: string, schema: unknown, run: (args: { city: string }) => unknown) {
  return {
    lc_namespace: ["langchain", "tools"],
    name,
    description: "The weather.",
    schema,
    async invoke({ args, id }: LangChainCall, config: { signal: AbortSignal }) {
      config.signal.throwIfAborted();
      const content = run(args);
      const message = isObject(content) ? content : { content, status: "success" };
      return { ...message, name, tool_call_id: id };
    },
  };
}

test("LangChain: zod, arktype and JSON Schema; messages, errors, blocks and artifacts", async () => {
  const tools = await langchainTools([
    langchain("zod", z.object({ city: z.string().describe("Which.") }), ({ city }) => `sun in ${city}`),
    langchain("ark", type({ city: "string" }), ({ city }) => `rain in ${city}`),
    langchain("json", CITY, () => ({ content: "no such city", status: "error" })),
    langchain("rich", CITY, () => ({
      content: [{ type: "text", text: "a" }, { type: "image_url" }],
      status: "success",
      artifact: { rows: [1] },
    })),
  ]);
  assert.partialDeepStrictEqual(tools[0]?.parameters, {
    type: "object",
    properties: { city: { type: "string", description: "Which." } },
    required: ["city"],
  });
  assert.deepEqual(await call(tools, "zod", { city: "Bonn" }), { ok: true, content: "sun in Bonn" });
  assert.deepEqual(await call(tools, "ark", { city: "Bonn" }), { ok: true, content: "rain in Bonn" });
  assert.deepEqual(await call(tools, "json", { city: "Bonn" }), { ok: false, content: "no such city" });
  assert.deepEqual(await call(tools, "rich", { city: "Bonn" }), {
    ok: true,
    content: "a\n[image_url]",
    details: { rows: [1] },
  });
});

test("LangChain: a tool that answers plainly, and what is none", async () => {
  const plain = { name: "plain", description: "", schema: CITY, invoke: () => ({ temperature: 3 }) };
  assert.equal(
    (await call(await langchainTools([plain]), "plain", { city: "x" })).content,
    '{"temperature":3}',
  );
  await assert.rejects(langchainTools([{ name: "x" }]), /none of LangChain's: it has no invoke/);
  await assert.rejects(langchainTools([{ invoke() {} }]), /it has no name/);
});

/** As `jsonSchema(…)` of the AI SDK (5 and 6) returns it. */
const jsonSchema = (schema: object, late = false) => ({
  [Symbol.for("vercel.ai.schema")]: true,
  get jsonSchema() {
    return late ? Promise.resolve(schema) : schema;
  },
  validate: undefined,
});

test("the AI SDK: keyed by name; zod, jsonSchema(…), lazy schemas; parameters of version 4", async () => {
  const execute = ({ city }: { city: string }) => `sun in ${city}`;
  const tools = await aiSdkTools({
    zod: { description: "The weather.", inputSchema: z.object({ city: z.string() }), execute },
    json: { inputSchema: jsonSchema(CITY), execute },
    late: { inputSchema: jsonSchema(CITY, true), execute },
    lazy: { inputSchema: () => jsonSchema(CITY), execute },
    four: { parameters: z.object({ city: z.string() }), execute },
    none: { execute: () => "here" },
  });
  assert.deepEqual(
    tools.map((tool) => tool.name),
    ["zod", "json", "late", "lazy", "four", "none"],
  );
  for (const { name, parameters } of tools.slice(0, 5)) {
    assert.partialDeepStrictEqual(parameters, {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
    });
    assert.equal((await call(tools, name, { city: "Bonn" })).content, "sun in Bonn");
  }
  assert.equal((await call(tools, "none", {})).content, "here");
});

test("the AI SDK: options, yielded values, model output", async () => {
  const seen: unknown[] = [];
  const tools = await aiSdkTools({
    options: {
      execute: (_: object, options: { toolCallId: string; abortSignal: AbortSignal }) => {
        seen.push(options.toolCallId, options.abortSignal.aborted);
      },
    },
    stream: {
      async *execute() {
        yield "half";
        yield { all: true };
      },
    },
    text: {
      execute: () => ({ rows: 3 }),
      toModelOutput: ({ output }: { output: { rows: number } }) => ({
        type: "text",
        value: `${output.rows} rows`,
      }),
    },
    error: { execute: () => 0, toModelOutput: () => ({ type: "error-text", value: "went wrong" }) },
    parts: {
      execute: () => 0,
      toModelOutput: () => ({ type: "content", value: [{ type: "text", text: "a" }, { type: "media" }] }),
    },
  });
  assert.equal((await call(tools, "options", {})).content, "(no output)");
  assert.deepEqual(seen, ["c1", false]);
  const shown: string[] = [];
  assert.equal(
    (await call(tools, "stream", {}, { output: (text) => shown.push(text) })).content,
    '{"all":true}',
  );
  assert.deepEqual(shown, ["half\n"]);
  assert.equal((await call(tools, "text", {})).content, "3 rows");
  assert.deepEqual(await call(tools, "error", {}), { ok: false, content: "went wrong" });
  assert.equal((await call(tools, "parts", {})).content, "a\n[media]");
});

test("a tool without execute, and a schema that gives none, are refused at the start", async () => {
  await assert.rejects(aiSdkTools({ web: { inputSchema: z.object({}) } }), /web has no execute/);
  const old = { "~standard": { version: 1, vendor: "zod", validate: () => ({ value: 0 }) } };
  await assert.rejects(aiSdkTools({ old: { inputSchema: old, execute() {} } }), /give no JSON Schema/);
});

test("names become names that models take; effects are what the user declares", async () => {
  const tools = await aiSdkTools(
    {
      "get weather": { execute: () => "a" },
      get_weather: { execute: () => "b" },
      read_file: { execute: () => "c" },
    },
    {
      taken: ["read_file"],
      declare: (name) => (name === "get weather" ? { effect: "none", timeoutMs: 5 } : undefined),
    },
  );
  assert.deepEqual(
    tools.map(({ name, effect, timeoutMs }) => [name, effect, timeoutMs]),
    [
      ["get_weather", "none", 5],
      ["tool_get_weather", "once", undefined],
      ["tool_read_file", "once", undefined],
    ],
  );
});

test("what a foreign tool throws reaches the loop as it is", async () => {
  const tools = await objectTools([
    {
      name: "broken",
      execute() {
        throw new Error("it broke");
      },
    },
  ]);
  await assert.rejects(call(tools, "broken", {}), /it broke/);
});

test("schemas of zod 3, which give no JSON Schema themselves", async () => {
  const { z: old } = await import("zod/v3");
  // A TypeScript enum of numbers, as it stands in JavaScript.
  const Size = { 0: "Small", 1: "Large", Small: 0, Large: 1 } as const;
  const schema = old.object({
    text: old.string().min(2).describe("A text."),
    whole: old.number().int().min(1).max(9).optional(),
    list: old.array(old.boolean()),
    pick: old.enum(["a", "b"]).default("a"),
    size: old.nativeEnum(Size),
    maybe: old.string().nullable(),
    either: old.union([old.number(), old.literal("none")]),
    map: old.record(old.string()),
    pair: old.tuple([old.number(), old.string()]),
    deep: old.object({ x: old.number() }).passthrough(),
    changed: old.string().transform((value) => value.length),
  });
  const [tool] = await langchainTools([{ name: "t", description: "", schema, invoke: () => "" }]);
  assert.deepEqual(tool?.parameters, {
    type: "object",
    properties: {
      text: { type: "string", minLength: 2, description: "A text." },
      whole: { type: "integer", minimum: 1, maximum: 9 },
      list: { type: "array", items: { type: "boolean" } },
      pick: { type: "string", enum: ["a", "b"], default: "a" },
      size: { enum: [0, 1] },
      maybe: { type: ["string", "null"] },
      either: { anyOf: [{ type: "number" }, { enum: ["none"] }] },
      map: { type: "object", additionalProperties: { type: "string" } },
      pair: {
        type: "array",
        prefixItems: [{ type: "number" }, { type: "string" }],
        items: false,
        minItems: 2,
      },
      deep: { type: "object", properties: { x: { type: "number" } }, required: ["x"] },
      changed: { type: "string" },
    },
    required: ["text", "list", "size", "maybe", "either", "map", "pair", "deep", "changed"],
    additionalProperties: false,
  });
});
