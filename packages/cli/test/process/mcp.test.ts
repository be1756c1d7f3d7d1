import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { against, eventsOf, folderWith, hearth, mockEngine, noMock, ROOT, start } from "./support.ts";

const FIXTURE = join(ROOT, "packages/tools/test/process/mcp-fixture.ts");
const server = (mode = "plain", log = ""): string => `"${process.execPath}" "${FIXTURE}" ${mode} "${log}"`;
const HELLO = [
  {
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "0" } },
  },
  { method: "notifications/initialized" },
];

interface Answer {
  id?: number;
  result?: { tools?: { name: string }[]; content?: { text: string }[]; isError?: boolean };
}

/** Pipes requests into `hearth mcp`; every line of stdout must be a message. */
async function asked(
  requests: object[],
  flags: string[] = [],
  files: Record<string, string> = { "a.txt": "hello" },
) {
  const workspace = folderWith(files);
  const stdin = [...HELLO, ...requests]
    .map((one) => `${JSON.stringify({ jsonrpc: "2.0", ...one })}\n`)
    .join("");
  const ended = await hearth(["mcp", "--workspace", workspace, ...flags], { stdin });
  const lines = ended.stdout.split("\n").filter((line) => line !== "");
  const answers = lines.map((line): Answer => JSON.parse(line));
  return { ...ended, answer: (id: number) => answers.find((one) => one.id === id)?.result, workspace };
}

const call = (id: number, name: string, args: object = {}) => ({
  id,
  method: "tools/call",
  params: { name, arguments: args },
});

test("hearth mcp serves the tools that a run would get, and nothing but messages goes to stdout", async () => {
  const module = join(
    folderWith({
      "own.ts":
        "/** Says hello. @effect none */\nexport function hello() { console.log('noise'); return 'hi'; }\n",
    }),
    "own.ts",
  );
  const { code, answer, stderr } = await asked(
    [{ id: 2, method: "tools/list" }, call(3, "read_file", { path: "a.txt" }), call(4, "hello")],
    ["--tool-module", module],
  );
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    answer(2)?.tools?.map((tool) => tool.name),
    ["list_files", "disk_usage", "search_files", "read_file", "hello"],
  );
  assert.match(answer(3)?.content?.[0]?.text ?? "", /hello/);
  assert.equal(answer(4)?.content?.[0]?.text, "hi");
  assert.match(stderr, /noise/);
});

test("what needs an approval is refused with a word on how to allow it, and runs with --approve auto", async () => {
  const write = call(2, "write_file", { path: "b.txt", content: "x" });
  const refused = await asked([write], ["--tools", "+edit"]);
  assert.equal(refused.answer(2)?.isError, true);
  assert.match(refused.answer(2)?.content?.[0]?.text ?? "", /Refused.*--approve auto/);
  assert.throws(() => readFileSync(join(refused.workspace, "b.txt")));
  const allowed = await asked([write], ["--tools", "+edit", "--approve", "auto"]);
  assert.equal(allowed.answer(2)?.isError, false, allowed.answer(2)?.content?.[0]?.text);
  assert.equal(readFileSync(join(allowed.workspace, "b.txt"), "utf8"), "x");
});

test("hearth mcp hands on the tools of other servers, of several --mcp", async () => {
  const { answer } = await asked(
    [call(2, "add", { a: 1, b: 2 }), call(3, "good", { x: "y" })],
    [...["--mcp", server(), "--mcp", server("schemas")], ...["--approve", "auto"]],
  );
  assert.equal(answer(2)?.content?.[0]?.text, "3");
  assert.match(answer(3)?.content?.[0]?.text ?? "", /called good/);
});

test("arguments are a usage error", async () => {
  const ended = await hearth(["mcp", "npx server"]);
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /--mcp/);
});

/** Whether a process runs; one that ended and that nobody collects does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

test("SIGTERM ends it, with the servers behind it", async () => {
  const log = join(folderWith(), "log");
  const { child, line, done } = start(["mcp", "--mcp", server("tree", log)], { stdin: "open" });
  child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...HELLO[0] })}\n`);
  await line((text) => text.includes('"serverInfo"'));
  child.kill("SIGTERM");
  await done;
  const pids = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((text) => Number(text.split(" ")[1]));
  assert.equal(pids.length, 3);
  assert.deepEqual(pids.filter(isAlive), []);
});

const TURNS = [{ calls: [{ name: "add", args: { a: 2, b: 40 } }] }, { text: "It is 42." }];

test("a run uses a server's tools", { skip: noMock }, async () => {
  const workspace = folderWith();
  const mock = await mockEngine({ kind: "ollama", turns: TURNS });
  const flags = ["--mcp", server(), "--approve", "auto"];
  const ended = await hearth(["run", "--json", ...flags, ...against(mock, workspace), "2 + 40?"]);
  await mock.close();
  assert.equal(ended.code, 0, ended.stderr);
  const result = eventsOf(ended).find((event) => event.type === "call.finished");
  assert.ok(result?.type === "call.finished" && result.ok && result.content === "42");
});

test("its hints do not spare an approval", { skip: noMock }, async () => {
  const log = join(folderWith(), "log");
  const mock = await mockEngine({ kind: "ollama", turns: TURNS });
  const flags = ["--mcp", server("plain", log), "--approve", "never"];
  const ended = await hearth(["run", "--json", ...flags, ...against(mock, folderWith()), "2 + 40?"]);
  await mock.close();
  const result = eventsOf(ended).find((event) => event.type === "call.finished");
  assert.ok(result?.type === "call.finished" && !result.ok);
  assert.ok(!readFileSync(log, "utf8").includes("call add"));
});

test("a server that can't be started ends the run with code 2, and says what it said", {
  skip: noMock,
}, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: TURNS });
  const ended = await hearth(["run", "--mcp", server("exits"), ...against(mock, folderWith()), "x"]);
  await mock.close();
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /API_KEY is not set/);
});

test("a workspace can't start servers", { skip: noMock }, async () => {
  const log = join(folderWith(), "log");
  const workspace = folderWith({
    ".env": `HEARTH_MCP='${server("plain", log)}'\n`,
    "hearth.config.json": JSON.stringify({ mcp: [server("plain", log)] }),
  });
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "Done." }] });
  const ended = await hearth(["run", ...against(mock, workspace), "x"]);
  await mock.close();
  assert.equal(ended.code, 0);
  assert.match(ended.stderr, /ignored HEARTH_MCP/);
  assert.match(ended.stderr, /ignored mcp/);
  assert.throws(() => readFileSync(log));
});

test("the environment names servers, one a line; tools list shows them and what was renamed", async () => {
  const env = { HEARTH_MCP: `${server()}\n${server("names")}` };
  const { stdout, stderr, code } = await hearth(["tools", "list", "--json"], { env });
  assert.equal(code, 0, stderr);
  const names = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).name);
  assert.ok(names.includes("add") && names.includes("ete"));
  assert.match(stderr, /The tool "read file" of mcp-fixture is called/);
});
