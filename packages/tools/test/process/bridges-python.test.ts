import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { checkArguments, isObject, type JsonObject } from "hearth";
import { findPython, type ModuleOptions, pythonTools } from "../../src/bridges/index.ts";
import { tempFolder } from "../helpers.ts";
import { callTool, isAlive, soon } from "./mcp-support.ts";

const file = (name: string): string => fileURLToPath(new URL(`../bridges/${name}`, import.meta.url));
const skip = ((): string | false => {
  try {
    findPython();
    return false;
  } catch (error) {
    return error instanceof Error ? error.message : "no python3";
  }
})();

async function opened(module: string, options: ModuleOptions = {}) {
  const found = await pythonTools(module, options);
  return Object.assign(found, { [Symbol.asyncDispose]: () => found.close() });
}

const POINT = {
  type: "object",
  properties: {
    x: { type: "number", description: "To the right." },
    y: { type: "number", description: "Upwards." },
    label: { type: "string", default: "here" },
  },
  required: ["x", "y"],
  additionalProperties: false,
};
const text = (description: string) => ({ type: "string", description });
const object = (
  properties: JsonObject,
  required: string[],
  more: JsonObject | boolean = false,
): JsonObject => ({
  type: "object",
  properties,
  required,
  additionalProperties: more,
});

/** The corpus: name, description, schema; arguments and what comes of them. */
const CORPUS: [string, string, JsonObject, JsonObject, string][] = [
  [
    "add",
    "Add two numbers.",
    object(
      {
        a: { type: "integer", description: "The first number." },
        b: { type: "integer", description: "The second number, on two lines." },
      },
      ["a", "b"],
    ),
    { a: 2, b: 3 },
    "5",
  ],
  [
    "greet",
    "Greet somebody.",
    object(
      {
        name: text("Who."),
        greeting: { ...text("How."), default: "Hello" },
        times: { type: "integer", default: 1 },
      },
      ["name"],
    ),
    { name: "Ada" },
    "Hello Ada!",
  ],
  [
    "search",
    "Search.",
    object(
      {
        query: text("What to look for, in words."),
        limit: { type: ["integer", "null"], description: "How many at most." },
        kind: { type: ["string", "null"] },
      },
      ["query"],
    ),
    { query: "x", limit: null },
    '["x", "None", "None"]',
  ],
  [
    "move",
    "Move a file.",
    object(
      {
        source: text("From where."),
        target: text("To where, a folder or a file."),
        force: { type: "boolean", description: "Whether to replace what is there.", default: false },
      },
      ["source", "target"],
    ),
    { source: "a", target: "b", force: true },
    "a>b:True",
  ],
  [
    "either",
    "Takes a number or a text.",
    object({ value: { anyOf: [{ type: "integer" }, { type: "string" }] } }, ["value"]),
    { value: "7" },
    "str 7",
  ],
  [
    "total",
    "Adds up.",
    object(
      {
        numbers: { type: "array", items: { type: "integer" }, description: "Some numbers." },
        weights: { type: "object", additionalProperties: { type: "number" }, description: "Their weights." },
      },
      ["numbers", "weights"],
    ),
    { numbers: [1, 2], weights: { a: 0.5 } },
    "3.5",
  ],
  [
    "choose",
    "Chooses.",
    object(
      {
        mode: { type: "string", enum: ["fast", "slow"] },
        level: { type: "integer", enum: [1, 2, 3], default: 2 },
      },
      ["mode"],
    ),
    { mode: "slow" },
    "slow 2",
  ],
  [
    "paint",
    "Paints.",
    object(
      {
        color: { type: "string", enum: ["red", "blue"] },
        second: { type: ["string", "null"], enum: ["red", "blue", null] },
      },
      ["color"],
    ),
    { color: "red", second: "blue" },
    "<Color.RED: 'red'> <Color.BLUE: 'blue'>",
  ],
  [
    "everything",
    "Takes whatever comes.",
    object({ args: { type: "array", items: { type: "integer" } } }, [], { type: "string" }),
    { args: [1, 2], x: "y" },
    "(1, 2) [('x', 'y')]",
  ],
  [
    "count",
    "Counts on.",
    object({ by: { type: "integer", description: "How far.", default: 1 } }, []),
    { by: 4 },
    "4",
  ],
  [
    "draw",
    "Draws.",
    object(
      {
        line: {
          ...object({ start: POINT, end: { ...POINT, type: ["object", "null"] } }, ["start"]),
          description: "The line.",
        },
        points: { type: "array", items: POINT },
      },
      ["line", "points"],
    ),
    { line: { start: { x: 1, y: 2 } }, points: [{ x: 0, y: 0 }] },
    "Point NoneType 1 here",
  ],
  [
    "rate",
    "Rates a movie.",
    object(
      {
        movie: object({ title: { type: "string" }, year: { type: "integer" } }, ["title"]),
        stars: { type: "integer", description: "From 1 to 5." },
      },
      ["movie", "stars"],
    ),
    { movie: { title: "M" }, stars: 5 },
    "M 5",
  ],
  [
    "bare",
    "",
    object({ a: {}, b: { type: "integer", default: 3 }, c: { type: "integer", default: 4 } }, ["a"]),
    { a: [1], c: 5 },
    "[1] 3 5",
  ],
  [
    "grow",
    "Counts the values of a tree.",
    {
      ...object({ tree: { $ref: "#/$defs/Tree" } }, ["tree"]),
      $defs: {
        Tree: object(
          { value: { type: "integer" }, children: { type: "array", items: { $ref: "#/$defs/Tree" } } },
          ["value"],
        ),
      },
    },
    { tree: { value: 1, children: [{ value: 2 }] } },
    "2",
  ],
  [
    "pair",
    "Takes a pair.",
    object(
      {
        point: {
          type: "array",
          prefixItems: [{ type: "number" }, { type: "number" }],
          items: false,
          minItems: 2,
        },
        tags: { type: "array", items: { type: "string" }, uniqueItems: true },
        rest: { type: "array", items: { type: "integer" }, default: [] },
      },
      ["point", "tags"],
    ),
    { point: [1, 2], tags: ["a"], rest: [3] },
    "tuple set (3,)",
  ],
  [
    "later",
    "Answers later.",
    object({ seconds: { type: "number", default: 0 }, note: {} }, []),
    { note: [1] },
    '{"seconds": 0.0, "note": [1]}',
  ],
  ["nothing", "Takes nothing.", object({}, []), {}, "(no output)"],
];

test("seventeen signatures: the schema of each, valid by ajv in strict mode, and a call of each", {
  skip,
}, async (t) => {
  await using found = await opened(file("corpus.py"));
  assert.deepEqual(found.notices, []);
  assert.deepEqual(
    found.tools.map((tool) => tool.name),
    CORPUS.map(([name]) => name),
  );
  const ajv = new Ajv2020({ strict: true });
  for (const [name, description, schema, args, expected] of CORPUS) {
    await t.test(name, async () => {
      const tool = found.tools.find((one) => one.name === name);
      assert.equal(tool?.description, description);
      assert.deepEqual(tool?.parameters, schema);
      const validate = ajv.compile(schema);
      assert.ok(validate(args), JSON.stringify(validate.errors));
      const checked = checkArguments(schema, args);
      assert.ok(checked.ok);
      assert.deepEqual(await callTool(found.tools, name, checked.value), { ok: true, content: expected });
    });
  }
});

/** Produced by ollama-python 0.6.3: json.dumps(convert_function_to_tool(f).model_dump(exclude_none=True)). */
const OLLAMA = [
  '{"type":"function","function":{"name":"add_two_numbers","description":"Add two numbers","parameters":{"type":"object","required":["a","b"],"properties":{"a":{"type":"integer","description":"The first number"},"b":{"type":"integer","description":"The second number"}}}}}',
  '{"type":"function","function":{"name":"get_weather","description":"Get the weather.\\n\\nIt is said for today.","parameters":{"type":"object","required":["city","unit"],"properties":{"city":{"type":"string","description":"The city, with its country."},"unit":{"type":"string","description":"celsius or fahrenheit"}}}}}',
  '{"type":"function","function":{"name":"scale","description":"Scale a value.","parameters":{"type":"object","required":["value","exact"],"properties":{"value":{"type":"number","description":""},"exact":{"type":"boolean","description":""}}}}}',
  '{"type":"function","function":{"name":"find","description":"Find somebody.","parameters":{"type":"object","required":["name"],"properties":{"name":{"type":"string","description":"Who (by name): exactly"},"limit":{"type":"integer","description":"How many"}}}}}',
  '{"type":"function","function":{"name":"now","description":"The time.","parameters":{"type":"object","properties":{}}}}',
  '{"type":"function","function":{"name":"silent","description":"","parameters":{"type":"object","required":["a"],"properties":{"a":{"type":"integer","description":""}}}}}',
  '{"type":"function","function":{"name":"untyped","description":"Echo.","parameters":{"type":"object","required":["text"],"properties":{"text":{"type":"string","description":"What to say"}}}}}',
];

test("the form of ollama-python 0.6.3, byte for byte where that form says what a function takes", {
  skip,
}, async () => {
  await using found = await opened(file("sane.py"), { compat: "ollama" });
  const made = found.tools.map(({ name, description, parameters }) =>
    JSON.stringify({ type: "function", function: { name, description, parameters } }),
  );
  assert.deepEqual(made, OLLAMA);
});

test("its faults are not copied: defaults are not required, choices and items stay", { skip }, async () => {
  await using found = await opened(file("corpus.py"), {
    compat: "ollama",
    names: ["greet", "choose", "total"],
  });
  const [greet, choose, total] = found.tools.map((tool) => tool.parameters);
  assert.deepEqual(greet?.["required"], ["name"]);
  assert.ok(isObject(choose?.["properties"]) && isObject(total?.["properties"]));
  assert.deepEqual(choose["properties"]["mode"], { type: "string", description: "", enum: ["fast", "slow"] });
  assert.deepEqual(total["properties"]["numbers"], {
    type: "array",
    items: { type: "integer" },
    description: "Some numbers.",
  });
});

test("an argument that the function does not take is told, not swallowed", { skip }, async () => {
  await using found = await opened(file("corpus.py"), { names: ["add"] });
  const { ok, content } = await callTool(found.tools, "add", { a: 1, b: 2, c: 3 });
  assert.deepEqual([ok, content], [false, "Error: TypeError: unexpected arguments: c"]);
});

test("names that are not there, and values that are no tools, are notices", { skip }, async () => {
  await using found = await opened(file("corpus.py"), { names: ["add", "absent", "Color"] });
  assert.deepEqual(
    found.tools.map((tool) => tool.name),
    ["add"],
  );
  assert.equal(found.notices.length, 2);
  assert.match(found.notices.join("\n"), /absent is left out.*\n.*Color is left out: it is neither/);
});

test("nothing is known of their effects but what the user says", { skip }, async () => {
  await using strict = await opened(file("sane.py"), { names: ["now"] });
  assert.partialDeepStrictEqual(strict.tools[0], {
    effect: "once",
    reads: "private",
    source: "untrusted",
    egress: true,
  });
  await using known = await opened(file("sane.py"), {
    names: ["now"],
    declare: { effect: "none", egress: false },
  });
  assert.partialDeepStrictEqual(known.tools[0], { effect: "none", source: "untrusted", egress: false });
});

test("AutoGen's FunctionTool and functions with a cancellation token", { skip }, async () => {
  await using found = await opened(file("agents.py"));
  assert.deepEqual(
    found.tools.map((tool) => tool.name),
    ["double", "patient"],
  );
  const [double, patient] = found.tools;
  assert.equal(double?.parameters["additionalProperties"], false);
  assert.equal(checkArguments(double?.parameters ?? {}, { a: 1, extra: 2 }).ok, false);
  assert.equal((await callTool(found.tools, "double", { a: 4 })).content, "<8>");
  assert.deepEqual(Object.keys(Object(patient?.parameters["properties"])), ["seconds"]);
  assert.equal((await callTool(found.tools, "patient", { seconds: 0.02 })).content, "waited");
});

test("a module that can't be imported is said with its reason, and leaves no process", { skip }, async () => {
  await assert.rejects(pythonTools(file("registry/broken.py")), {
    name: "UsageError",
    message: /can't be loaded: RuntimeError: broken at import/,
  });
  await assert.rejects(pythonTools("no_such_module_anywhere"), /No module named/);
});

test("without Python the message says what to do", () => {
  assert.throws(() => findPython(undefined, undefined, { PATH: "/nowhere" }), {
    name: "UsageError",
    message: /There is no python3 on PATH/,
    remedy: /Install Python/,
  });
  assert.throws(() => findPython("/no/python"), /There is no Python at \/no\/python/);
});

test("a python3 that the workspace brings is not started, not even through a link", { skip }, () => {
  using folder = tempFolder({ "bin/": "", "bin/python3": "#!/bin/sh\n" });
  const real = findPython();
  mkdirSync(join(folder.path, "outside"));
  symlinkSync(join(folder.path, "bin"), join(folder.path, "link"));
  const PATH = `${folder.path}/bin:${folder.path}/link:.:${real.replace(/\/[^/]*$/, "")}`;
  assert.equal(findPython(undefined, folder.path, { PATH }), real);
});

test("close ends the child", { skip }, async () => {
  const found = await pythonTools(file("sane.py"));
  const { pid } = found;
  assert.ok(pid !== undefined && isAlive(pid));
  await found.close();
  assert.ok(await soon(() => !isAlive(pid)));
  await assert.rejects(callTool(found.tools, "now"), /were closed/);
});
