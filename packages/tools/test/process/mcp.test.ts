import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { isObject } from "hearth";
import { getPrompt, listPrompts } from "../../src/mcp/index.ts";
import { callTool, connected, fixture, soon } from "./mcp-support.ts";

test("a server's tools become tools: name, description, schema as given, called by their own name", async () => {
  await using set = await connected("plain");
  const add = set.tools.find((tool) => tool.name === "add");
  assert.equal(add?.description, "Adds two numbers.");
  assert.deepEqual(add?.parameters, {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
  });
  assert.deepEqual(await callTool(set.tools, "add", { a: 2, b: 40 }), { ok: true, content: "42" });
  assert.deepEqual(set.notices, []);
});

test("what a server says of its tools only tightens: readOnlyHint does not make a tool harmless", async () => {
  await using set = await connected("plain");
  for (const tool of set.tools) {
    const { effect, reads, source, egress } = tool;
    assert.deepEqual(
      { effect, reads, source, egress },
      { effect: "once", reads: "private", source: "untrusted", egress: true },
    );
  }
});

test("where the user trusts its hints, they count; what it returns stays untrusted", async () => {
  await using set = await connected("plain", { servers: [{ ...fixture("plain"), trustHints: true }] });
  const named = (name: string) => {
    const tool = set.tools.find((one) => one.name === name);
    return [tool?.effect, tool?.reads, tool?.source, tool?.egress];
  };
  assert.deepEqual(named("add"), ["none", "private", "untrusted", false]);
  assert.deepEqual(named("write"), ["once", "private", "untrusted", true]);
});

test("every kind of content is told: text as it is, the rest named, images and structure in the details", async () => {
  await using set = await connected("plain");
  const { ok, content, details } = await callTool(set.tools, "blocks");
  assert.equal(ok, true);
  assert.deepEqual(content.split("\n"), [
    "one",
    "[image: image/png, 6 bytes]",
    "[audio: audio/wav, 6 bytes]",
    "[resource file:///a.txt]",
    "inside",
    "[resource file:///b.bin: application/zip, 6 bytes, no text]",
    "[resource file:///c.txt: a link]",
    "[a piece of the result that can't be read]",
    "[a piece of the result that can't be read]",
  ]);
  assert.deepEqual(details, {
    structured: { answer: 42 },
    images: [{ mediaType: "image/png", data: "aGVsbG8=" }],
  });
});

test("isError and errors of the protocol are failed results", async () => {
  await using set = await connected("plain");
  assert.deepEqual(await callTool(set.tools, "fails"), { ok: false, content: "no such city" });
  const refused = await callTool(set.tools, "refuses");
  assert.equal(refused.ok, false);
  assert.match(refused.content, /bad arguments \(-32602\)/);
});

test("progress is shown as output while the tool runs", async () => {
  await using set = await connected("plain");
  const seen: string[] = [];
  const { content } = await callTool(set.tools, "slow", {}, { output: (text) => seen.push(text) });
  assert.equal(content, "done");
  assert.deepEqual(seen, ["1/3 step 1\n", "2/3 step 2\n", "3/3 step 3\n"]);
});

test("a cancelled call tells the server, ends at once, and leaves the server usable", async () => {
  await using set = await connected("plain");
  const stop = new AbortController();
  const calling = callTool(set.tools, "never", {}, { signal: stop.signal });
  assert.ok(await soon(() => set.log().includes("call never")));
  stop.abort(new Error("the user left"));
  await assert.rejects(calling, /the user left/);
  assert.ok(
    await soon(() => set.log().some((line) => line.startsWith("cancelled") && line.includes("requestId"))),
  );
  assert.equal((await callTool(set.tools, "add", { a: 1, b: 1 })).content, "2");
  assert.equal(set.log().filter((line) => line.startsWith("start")).length, 1);
});

test("a long result keeps its head and tail and says what is missing", async () => {
  await using set = await connected("plain");
  const { content, details } = await callTool(set.tools, "huge");
  assert.ok(content.length < 1_000_100);
  assert.match(content, /^begin/);
  assert.match(content, /end$/);
  assert.match(content, /2,000,008 characters left out/);
  assert.deepEqual(details, { leftOut: 2_000_008 });
});

test("the workspace is told as the root", async () => {
  await using set = await connected("plain");
  const { content } = await callTool(set.tools, "roots");
  assert.deepEqual(JSON.parse(content), {
    roots: [{ uri: pathToFileURL(set.folder).href, name: "workspace" }],
  });
});

test("the environment is cleared to a few names, and those that the user gave", async () => {
  process.env["SECRET_TOKEN"] = "leak";
  process.env["OPENAI_API_KEY"] = "leak";
  await using set = await connected("plain", { servers: [{ ...fixture("plain"), env: { GIVEN: "yes" } }] });
  const { content } = await callTool(set.tools, "environment");
  const env: unknown = JSON.parse(content);
  assert.ok(isObject(env));
  assert.equal(env["GIVEN"], "yes");
  assert.ok(!content.includes("leak"));
  const known = /^(PATH|HOME|LANG|LC_ALL|LC_CTYPE|LOGNAME|SHELL|TERM|TMPDIR|TZ|USER|GIVEN|HEARTH_CHILD)$/;
  assert.deepEqual(
    Object.keys(env).filter((name) => !known.test(name)),
    [],
  );
});

test("lists in pages are read to their end", async () => {
  await using set = await connected("pages");
  assert.deepEqual(
    set.tools.map((tool) => tool.name),
    ["add", "write"],
  );
});

test("a changed list leaves the tools of a run alone and counts for the next", async () => {
  await using set = await connected("plain");
  const frozen = set.tools;
  await callTool(frozen, "grow");
  assert.ok(await soon(() => set.tools.some((tool) => tool.name === "extra_0")));
  assert.ok(!frozen.some((tool) => tool.name === "extra_0"));
  assert.equal((await callTool(frozen, "add", { a: 1, b: 2 })).content, "3");
});

test("resources are read by one tool that names them; prompts are listed and filled in", async () => {
  await using set = await connected("resources");
  const reader = set.tools.find((tool) => tool.name === "read_resource");
  assert.match(reader?.description ?? "", /note:\/\/one \(One\): The first/);
  assert.doesNotMatch(reader?.description ?? "", /<\|im_start\|>/);
  assert.equal(
    (await callTool(set.tools, "read_resource", { uri: "note://one" })).content,
    "[resource note://one]\nfirst note",
  );
  assert.match((await callTool(set.tools, "read_resource")).content, /note:\/\/\{id\} \(Any\)/);
  await assert.rejects(callTool(set.tools, "read_resource", { uri: "note://9" }), /no resource note:\/\/9/);
  const [connection] = set.connections;
  assert.ok(connection);
  assert.deepEqual(
    (await listPrompts(connection)).map((one) => [one.name, one.arguments[0]?.required]),
    [["greet", true]],
  );
  assert.deepEqual(await getPrompt(connection, "greet", { who: "Ada" }), [
    { role: "user", text: "Greet Ada." },
  ]);
});

for (const [mode, version] of [
  ["old", "2024-11-05"],
  ["plain", "2025-06-18"],
]) {
  test(`servers of ${version} are understood`, async () => {
    await using set = await connected(mode ?? "");
    assert.equal((await callTool(set.tools, "add", { a: 1, b: 2 })).content, "3");
  });
}
