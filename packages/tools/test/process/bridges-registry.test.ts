import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { findPython, pythonRegistry, type RegistryOptions } from "../../src/bridges/index.ts";
import { callTool, isAlive, soon } from "./mcp-support.ts";

const FILE = fileURLToPath(new URL("../bridges/registry/tools.json", import.meta.url));
const skip = ((): string | false => {
  try {
    findPython();
    return false;
  } catch (error) {
    return error instanceof Error ? error.message : "no python3";
  }
})();

async function opened(options: RegistryOptions = {}) {
  const found = await pythonRegistry(FILE, options);
  return Object.assign(found, { [Symbol.asyncDispose]: () => found.close() });
}

test("a registry's tools: the enabled ones, each by its own name, those that fail left out with a reason", {
  skip,
}, async () => {
  await using found = await opened();
  assert.deepEqual(
    found.tools.map((tool) => tool.name),
    [
      "weather",
      "SignatureTool",
      "NamelessTool",
      "nested",
      "NoisyTool",
      "WildTool",
      "SlowTool",
      "NeedyTool",
      "plain",
      "Alone",
    ],
  );
  assert.deepEqual(found.disabled, ["off"]);
  const told = found.notices.join("\n");
  for (const reason of [
    /needy is left out: TypeError: NeedyTool needs database/,
    /broken is left out: RuntimeError: broken at import/,
    /missing is left out: ModuleNotFoundError: No module named 'no'/,
    /noclass is left out: AttributeError/,
    /notool is left out: TypeError: NoTool has no execute/,
    /pathless is left out: ValueError: its entry names no module_path/,
    /text is left out: its entry is no object/,
  ])
    assert.match(told, reason);
  assert.equal(found.notices.length, 7);
});

test("schemas: of get_schema, else of the signature; missing name → class name, missing parameters → empty object", {
  skip,
}, async () => {
  await using found = await opened();
  const named = (name: string) => found.tools.find((tool) => tool.name === name);
  assert.deepEqual(named("weather")?.parameters, {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  });
  assert.equal(named("SignatureTool")?.description, "From the registry.");
  assert.deepEqual(named("SignatureTool")?.parameters, {
    type: "object",
    properties: {
      query: { type: "string", description: "What to look for." },
      limit: { type: "integer", default: 5 },
    },
    required: ["query"],
    additionalProperties: false,
  });
  assert.equal(named("NamelessTool")?.description, "Has no name and no parameters.");
  assert.deepEqual(named("NamelessTool")?.parameters, { type: "object", properties: {} });
  assert.deepEqual(named("nested")?.parameters, { type: "object", properties: { x: { type: "integer" } } });
  assert.equal(named("NoisyTool")?.description, "Prints all over the place.");
});

test("results: (True, data) → data, (False, data) → not ok, async too", { skip }, async () => {
  await using found = await opened({ init: { memory_agent: "shared" } });
  assert.deepEqual(await callTool(found.tools, "weather", { city: "Bonn" }), {
    ok: true,
    content: '{"city": "Bonn", "celsius": 21, "memory": "shared"}',
  });
  assert.deepEqual(await callTool(found.tools, "weather", { city: "Atlantis" }), {
    ok: false,
    content: "There is no such city.",
  });
  assert.equal((await callTool(found.tools, "nested", { x: 2 })).content, "3");
  assert.equal((await callTool(found.tools, "plain", { a: 2 })).content, "4");
  assert.equal((await callTool(found.tools, "NeedyTool")).content, "given");
});

test("what tools print, from C and shells too, does not reach the channel; their stdin is empty", {
  skip,
}, async () => {
  await using found = await opened();
  assert.deepEqual(await callTool(found.tools, "NoisyTool"), { ok: true, content: "quiet" });
  assert.equal((await callTool(found.tools, "plain", { a: 1 })).content, "2");
});

test("an exception, and even exit(), is a failed result, and the child goes on", { skip }, async () => {
  await using found = await opened();
  const { pid } = found;
  assert.deepEqual(await callTool(found.tools, "WildTool", { how: "raise" }), {
    ok: false,
    content: "Error: ValueError: the tool broke",
  });
  assert.deepEqual(await callTool(found.tools, "WildTool", { how: "exit" }), {
    ok: false,
    content: "Error: SystemExit: 3",
  });
  assert.equal(found.pid, pid);
});

test("a child that dies in a call: the outcome is unknown, the call is not made again, the next one gets a new child", {
  skip,
}, async () => {
  await using found = await opened();
  const { pid } = found;
  const { ok, content, details } = await callTool(found.tools, "WildTool", { how: "die" });
  assert.equal(ok, false);
  assert.match(content, /ended with code 9.*unknown/);
  assert.deepEqual(details, { outcome: "unknown" });
  assert.equal((await callTool(found.tools, "WildTool", { how: "fine" })).content, "fine");
  assert.notEqual(found.pid, pid);
});

for (const how of ["sleep", "spin"]) {
  test(`a tool that hangs (${how}) is ended with its child when its time is over`, { skip }, async () => {
    await using found = await opened({ timeoutMs: 3000 });
    const { pid } = found;
    assert.ok(pid !== undefined);
    const stop = AbortSignal.timeout(100);
    const began = performance.now();
    await assert.rejects(callTool(found.tools, "WildTool", { how }, { signal: stop }), {
      name: "TimeoutError",
    });
    assert.ok(performance.now() - began < 2000);
    assert.ok(await soon(() => !isAlive(pid)));
    assert.equal((await callTool(found.tools, "plain", { a: 3 })).content, "6");
  });
}

test("without a signal the bridge's own time holds", { skip }, async () => {
  await using found = await opened({ timeoutMs: 1500 });
  const { ok, content } = await callTool(found.tools, "WildTool", { how: "sleep" });
  assert.deepEqual([ok, content], [false, "WildTool did not finish within 1.5 s and was stopped."]);
});

test("an async tool that is cancelled ends by itself, and its child lives on", { skip }, async () => {
  await using found = await opened();
  const { pid } = found;
  await assert.rejects(callTool(found.tools, "SlowTool", {}, { signal: AbortSignal.timeout(50) }));
  assert.equal((await callTool(found.tools, "plain", { a: 3 })).content, "6");
  assert.equal(found.pid, pid);
});

test("calls at the same time wait for each other; all are answered", { skip }, async () => {
  await using found = await opened();
  const all = await Promise.all([1, 2, 3, 4].map((a) => callTool(found.tools, "plain", { a })));
  assert.deepEqual(
    all.map((one) => one.content),
    ["2", "4", "6", "8"],
  );
});

test("long results keep head and tail; values that JSON does not know are shown", { skip }, async () => {
  await using found = await opened();
  const big = await callTool(found.tools, "WildTool", { how: "big" });
  assert.match(big.content, /2,000,000 characters left out/);
  assert.ok(big.content.length < 1_000_100);
  const odd = await callTool(found.tools, "WildTool", { how: "odd" });
  assert.deepEqual(
    [odd.ok, odd.content],
    [true, '{"set": [1, 3], "bytes": "b\'x\'", "nan": NaN, "lone": "?"}'],
  );
});

test("a registry that is no JSON is said", { skip }, async () => {
  await assert.rejects(pythonRegistry(fileURLToPath(import.meta.url)), /can't be loaded: JSONDecodeError/);
  await assert.rejects(pythonRegistry("/no/registry.json"), /can't be loaded: FileNotFoundError/);
});
