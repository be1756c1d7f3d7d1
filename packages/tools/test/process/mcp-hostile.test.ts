import assert from "node:assert/strict";
import { test } from "node:test";
import { MCP_LIMITS, type McpConnection } from "../../src/mcp/index.ts";
import { callTool, connected, fixture, isAlive, soon } from "./mcp-support.ts";

test("lines on stdout that are no messages are passed over", async () => {
  await using set = await connected("noise");
  assert.equal((await callTool(set.tools, "add", { a: 1, b: 2 })).content, "3");
});

test("a server that speaks rubbish but also the protocol is used", async () => {
  await using set = await connected("garbage");
  assert.equal((await callTool(set.tools, "add", { a: 1, b: 2 })).content, "3");
});

const DEAD: [string, string, RegExp][] = [
  [
    "exits",
    "a server that ends at once is told with its exit code and its last words",
    /fixture can't be used: it ended with code 3; it said: Error: API_KEY is not set/,
  ],
  ["flood", "a message without end is not taken", /sent a message of more than 16 MiB/],
  ["deaf", "a server that never answers is given up", /did not answer within 0.3 s/],
  ["future", "an unknown version of the protocol is said", /protocol version is not supported: 2099-01-01/],
];
for (const [mode, title, message] of DEAD) {
  test(title, async () => {
    const connectMs = mode === "deaf" ? 300 : 20_000;
    await assert.rejects(connected(mode, { connectMs }), { name: "UsageError", message });
  });
}

test("a program that is not there is said, with a remedy", async () => {
  const server = { kind: "stdio", program: "no-such-program-anywhere", args: [] } as const;
  await assert.rejects(connected("", { servers: [server] }), (error: Error & { remedy?: string }) => {
    assert.match(
      error.message,
      /no-such-program-anywhere can't be used: spawn no-such-program-anywhere ENOENT/,
    );
    assert.match(error.remedy ?? "", /by hand/);
    return true;
  });
});

test("a call in flight when its server dies has an unknown outcome and is never made again; the server comes back", async () => {
  await using set = await connected("plain");
  const { ok, content, details } = await callTool(set.tools, "die");
  assert.equal(ok, false);
  assert.match(content, /ended with code 7; it said: fatal: out of luck.*outcome|unknown/);
  assert.match(content, /not repeated/);
  assert.deepEqual(details, { outcome: "unknown" });
  assert.equal((await callTool(set.tools, "add", { a: 1, b: 2 })).content, "3");
  assert.equal(set.log().filter((line) => line === "call die").length, 1);
  assert.equal(set.log().filter((line) => line.startsWith("start")).length, 2);
});

test("a server that closes its stdout is ended, and started anew", async () => {
  await using set = await connected("plain");
  const { ok, content } = await callTool(set.tools, "hush");
  assert.equal(ok, false);
  assert.match(content, /closed its stdout.*unknown/);
  assert.equal((await callTool(set.tools, "add", { a: 1, b: 2 })).content, "3");
});

test("parallel calls share one new start", async () => {
  await using set = await connected("plain");
  await callTool(set.tools, "die");
  const sums = await Promise.all([1, 2, 3].map((a) => callTool(set.tools, "add", { a, b: 0 })));
  assert.deepEqual(
    sums.map((one) => one.content),
    ["1", "2", "3"],
  );
  assert.equal(set.log().filter((line) => line.startsWith("start")).length, 2);
});

test("a server that dies again and again is not started for ever", async () => {
  await using set = await connected("plain");
  let last = "";
  for (let i = 0; i < 14; i++) last = (await callTool(set.tools, "die")).content;
  assert.match(last, /started 11 times and died each time/);
  assert.equal(set.log().filter((line) => line.startsWith("start")).length, 11);
});

test("a broken schema costs its tool, not the others", async () => {
  await using set = await connected("schemas");
  assert.deepEqual(
    set.tools.map((tool) => tool.name),
    ["good", "bare", "missing"],
  );
  for (const tool of set.tools) assert.equal(tool.parameters["type"], "object");
  const told = set.notices.join("\n");
  for (const [name, why] of [
    ["text", "no object"],
    ["list", 'no object but "array"'],
    ["deep", "nested deeper than 32"],
    ["wide", "characters long"],
    ["token", "tokens of a chat template"],
    ["proto", "__proto__"],
  ])
    assert.match(told, new RegExp(`The tool "${name}" of fixture is left out: .*${why}`));
});

test("a list that is none gives no tools; lists in circles and without end are ended", async () => {
  await using none = await connected("nolist");
  assert.deepEqual(none.tools, []);
  await using circle = await connected("circle");
  assert.deepEqual(
    circle.tools.map((tool) => tool.name),
    ["t", "tsame"],
  );
  assert.match(circle.notices.join(), /does not end/);
  await using endless = await connected("endless");
  assert.match(endless.notices.join(), /does not end/);
});

test("too many tools are left out, and said", async () => {
  await using set = await connected("many");
  assert.equal(set.tools.length, MCP_LIMITS.tools);
  assert.match(set.notices.join(), /more than 200 tools/);
});

test("names become names that models take, calls go out under the old ones, nobody's place is taken", async () => {
  await using set = await connected("names", { taken: ["read_file", "list_files"] });
  const names = set.tools.map((tool) => tool.name);
  assert.deepEqual(names.slice(0, 6), [
    "fixture_read_file",
    "fixture_read_file_2",
    "fixture_read_file_3",
    "fixture_List-Files",
    "ete",
    "tool_9lives",
  ]);
  assert.equal(names.length, 8);
  assert.equal(new Set(names).size, 8);
  for (const name of names) assert.match(name, /^[A-Za-z][\w-]{0,63}$/);
  assert.equal((await callTool(set.tools, "fixture_read_file")).content, "called read file with {}");
  assert.equal((await callTool(set.tools, "fixture_read_file_2")).content, "called read.file with {}");
  assert.equal((await callTool(set.tools, "fixture_read_file_3")).content, "called read_file with {}");
  assert.match(set.notices.join("\n"), /names two tools "read_file"; the first counts/);
  assert.match(set.notices.join("\n"), /The tool "read file" of fixture is called fixture_read_file/);
});

test("tokens of chat templates and hidden characters in descriptions are made harmless, their length is bounded", async () => {
  await using set = await connected("injection");
  const [evil] = set.tools;
  const shown = JSON.stringify(evil);
  assert.doesNotMatch(shown, /<\|im_start\|>|<\|im_end\|>|<tool_call>/);
  assert.doesNotMatch(evil?.description ?? "", /[\u202e\u{e0041}]/u);
  assert.match(evil?.description ?? "", /Obey me/);
  assert.ok((evil?.description.length ?? 0) < MCP_LIMITS.description + 50);
  assert.match(set.notices.join(), /description of evil of fixture is cut/);
});

const pids = (lines: string[]): number[] =>
  lines.flatMap((line) => (/ \d+$/.test(line) ? [Number(line.split(" ")[1])] : []));

for (const mode of ["tree", "stubborn"]) {
  test(`nothing is alive two seconds after the end (${mode})`, async () => {
    const set = await connected(mode);
    const started = pids(set.log());
    assert.equal(started.length, 3);
    for (const pid of started) assert.ok(isAlive(pid));
    const began = performance.now();
    await set[Symbol.asyncDispose]();
    assert.ok(performance.now() - began < 2000);
    assert.ok(await soon(() => started.every((pid) => !isAlive(pid))));
  });
}

test("where one of several servers can't be used, the others are ended too", async () => {
  await using first = await connected("tree");
  const log = `${first.folder}/second`;
  await assert.rejects(connected("", { servers: [fixture("tree", log), fixture("exits")] }), /code 3/);
  const { readFileSync } = await import("node:fs");
  const started = pids(readFileSync(log, "utf8").trim().split("\n"));
  assert.ok(await soon(() => started.every((pid) => !isAlive(pid))));
});

test("a closed connection makes no new calls", async () => {
  const set = await connected("plain");
  const connection: McpConnection | undefined = set.connections[0];
  await set[Symbol.asyncDispose]();
  await assert.rejects(connection?.connect() ?? Promise.resolve(), /was closed/);
});
