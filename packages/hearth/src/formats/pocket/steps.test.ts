import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Grammar, seeded } from "../../../test/grammar/walk.ts";
import { type Message, type ToolSchema, text, userMessage } from "../../protocol/index.ts";
import { parse } from "../parse.ts";
import { followed, openers, unfound } from "./follow.ts";
import { pocketAnswer, pocketGrammar } from "./index.ts";
import { partsOf, since } from "./parts.ts";

const tools: ToolSchema[] = JSON.parse(
  readFileSync(new URL("../../../test/pocket/tools.json", import.meta.url), "utf8"),
);

test("a request is the steps it says", () => {
  const cases: [string, string[]][] = [
    ["Find all logs, then check disk usage", ["Find all logs", "check disk usage"]],
    ["List docs/ and read a.md", ["List docs/", "read a.md"]],
    ["show me b.txt; print c.txt", ["show me b.txt", "print c.txt"]],
    ["What is in a.md? What is in b.md?", ["What is in a.md", "What is in b.md?"]],
    ["Check the disk space and also list the folder x", ["Check the disk space", "list the folder x"]],
    // One asking of several things.
    ["Read a.md and b.md", ["Read a.md", "Read b.md"]],
    [
      "show src/a.ts, src/b.ts and src/c.ts please",
      ["show src/a.ts please", "show src/b.ts please", "show src/c.ts please"],
    ],
    [
      "Is the docs folder or the src folder larger?",
      ["Is the docs folder larger?", "Is the src folder larger?"],
    ],
    // One step, however long.
    ["Open the folder docs and tell me what is in it", ["Open the folder docs and tell me what is in it"]],
    ["Find a.txt and show me what it says", ["Find a.txt and show me what it says"]],
    ["I am back. Show me todo.txt", ["I am back. Show me todo.txt"]],
    ['find "salt and read.me"', ['find "salt and read.me"']],
    ["how many py files are in src and lib?", ["how many py files are in src and lib?"]],
    ["ls", ["ls"]],
    ["", [""]],
  ];
  for (const [request, parts] of cases) assert.deepEqual(partsOf(request), parts, request);
});

const called = (name: string, args: Record<string, string>): Message => ({
  role: "assistant",
  content: [{ type: "call", id: "1", name, arguments: args }],
});
const result = (name: string, content: string, ok = true): Message => ({
  role: "tool",
  callId: "1",
  name,
  content: [text(content)],
  ok,
});
const after = (request: string, name: string, args: Record<string, string>, content: string, ok = true) => [
  userMessage(request),
  called(name, args),
  result(name, content, ok),
];
const FOUND = '2 files match "*.csv" in the workspace:\ndata/a.csv\ndata/b.csv';
const LISTED = "docs/ has 1 folder and 2 files:\nold/\nplan.md  3 KB\nLICENSE  1 KB";
const LINES = '1 line in 1 file contains "oar":\nminutes/may.md:3: New oars came.';

test("what was found is opened where the request asks what is in it", () => {
  const cases: [string, Message[], string[] | undefined][] = [
    [
      "a search",
      after("Find the csv and show it", "search_files", { pattern: "*.csv" }, FOUND),
      ["data/a.csv", "data/b.csv"],
    ],
    [
      "a listing",
      after("Look in docs and read it", "list_files", { path: "docs" }, LISTED),
      ["docs/plan.md", "docs/LICENSE"],
    ],
    [
      "what is named of a listing",
      after("Look in docs and read the plan", "list_files", { path: "docs" }, LISTED),
      ["docs/plan.md"],
    ],
    [
      "what a text says",
      after("Who brought the oar?", "search_files", { content: "oar" }, LINES),
      ["minutes/may.md"],
    ],
    ["which file it is", after("Which files say oar?", "search_files", { content: "oar" }, LINES), undefined],
    [
      "lines",
      after("Which file has oar in it? Open it.", "search_files", { content: "oar" }, LINES),
      ["minutes/may.md"],
    ],
    [
      "the reading said first",
      after("Read the file that mentions oar", "search_files", { content: "oar" }, LINES),
      ["minutes/may.md"],
    ],
    [
      "only the finding asked for",
      after("Find all csv files", "search_files", { pattern: "*.csv" }, FOUND),
      undefined,
    ],
    ["a listing only", after("What is in docs?", "list_files", { path: "docs" }, LISTED), undefined],
    ["a failure", after("Find the csv and show it", "search_files", {}, "There is no x.", false), undefined],
    [
      "nothing found",
      after("Find the csv and show it", "search_files", {}, 'No file matches "*.csv".'),
      undefined,
    ],
    [
      "a path in a text",
      after(
        "conf.ini names a log. Open that log.",
        "read_file",
        { path: "conf.ini" },
        "[log]\nfile = ./logs/x.log\n",
      ),
      ["logs/x.log"],
    ],
    [
      "a path that nobody asks for",
      after("Read conf.ini and sum it up", "read_file", { path: "conf.ini" }, "see b.log"),
      undefined,
    ],
    [
      "the file itself",
      after("a.md is long. Read that file", "read_file", { path: "a.md" }, "# a.md"),
      undefined,
    ],
  ];
  for (const [what, messages, files] of cases) assert.deepEqual(followed(messages), files, what);
});

test("a second file of a listing is opened where both are asked for", () => {
  const messages = after("Look in data, what do both say?", "list_files", { path: "data" }, FOUND);
  const one = [...messages, called("read_file", { path: "data/a.csv" }), result("read_file", "1")];
  assert.deepEqual(followed(one), ["data/b.csv"]);
});

test("a word that no file is named after is looked for inside files, as the same step", () => {
  const none = 'No file or folder matches "plaster" in the workspace.';
  const messages = after("Find plaster, then read a.md", "search_files", { pattern: "plaster" }, none);
  assert.equal(unfound(messages), "plaster");
  assert.equal(pocketAnswer(messages, tools), undefined);
  const { calls } = parse(new Grammar(pocketGrammar({ messages, tools }).gbnf).walk(seeded(1)), {
    format: "hermes",
    tools,
  });
  assert.equal(calls[0]?.arguments["content"], "plaster");
  const looked = [
    ...messages,
    called("search_files", { content: "plaster" }),
    result("search_files", "a: 1"),
  ];
  assert.equal(since(looked).calls, 1);
  for (const pattern of ["*.md", "plan.md", "a b"])
    assert.equal(unfound(after("x", "search_files", { pattern }, none)), undefined, pattern);
});

test("following ends: after two files, and where no tool opens one", () => {
  const messages = after("Find the csv and show it", "search_files", { pattern: "*.csv" }, FOUND);
  const second = [...messages, called("read_file", { path: "data/a.csv" }), result("read_file", "x: b.csv")];
  assert.equal(
    followed([...second, called("read_file", { path: "b.csv" }), result("read_file", "c.csv")]),
    undefined,
  );
  assert.equal(pocketAnswer(messages, tools), undefined);
  assert.match(pocketAnswer(messages, tools.slice(0, 1)) ?? "", /data\/a\.csv/);
  assert.deepEqual(
    openers(tools).map(({ name }) => name),
    ["read_file"],
  );
});

test("only what was found can be opened", () => {
  const messages = after("Look in docs and read it", "list_files", { path: "docs" }, LISTED);
  const grammar = new Grammar(pocketGrammar({ messages, tools }).gbnf);
  const calls = new Set<string>();
  for (let seed = 0; seed < 300; seed++)
    for (const call of parse(grammar.walk(seeded(seed)), { format: "hermes", tools }).calls)
      calls.add(`${call.name} ${JSON.stringify(call.arguments)}`);
  assert.deepEqual([...calls].sort(), [
    'read_file {"path":"docs/LICENSE"}',
    'read_file {"path":"docs/plan.md"}',
  ]);
});

test("a folder of the workspace that was named is said, and a file is pointed at where it lies", () => {
  const names = ["notes", "notes/a.md", "src", "src/app.ts", "top.txt"];
  const possible = (request: string): string[] => {
    const { gbnf } = pocketGrammar({ messages: [userMessage(request)], tools, workspaceNames: names });
    const grammar = new Grammar(gbnf);
    const out = new Set<string>();
    for (let seed = 0; seed < 3000; seed++)
      for (const { name, arguments: args } of parse(grammar.walk(seeded(seed)), { format: "hermes", tools })
        .calls)
        out.add(`${name} ${JSON.stringify(args["path"] ?? null)}`);
    return [...out];
  };
  const listed = possible("list notes");
  assert.ok(listed.includes('list_files "notes"'));
  assert.ok(!listed.includes('list_files "."') && !listed.includes("list_files null"), listed.join());
  assert.ok(possible("read app.ts").includes('read_file "src/app.ts"'));
  assert.ok(!possible("read the oars").some((call) => call.startsWith("read_file")), "no such file");
});

test("a further call is required while something is left to do, and a sentence may end what is done", () => {
  const one = (request: string, content: string): Message[] =>
    after(request, "list_files", { path: "docs" }, content);
  const cases: [string, Message[], boolean][] = [
    ["done, in one line without a figure", one("List docs", "saved"), true],
    ["a second part", one("List docs, then read a.md", "saved"), false],
    ["a file that was found", one("Look in docs and read the plan", LISTED), false],
  ];
  for (const [name, messages, maySpeak] of cases) {
    const { gbnf } = pocketGrammar({ tools, messages });
    const root = gbnf.split("\n").find((line) => line.startsWith("root ")) ?? "";
    assert.equal(/answer|text/.test(root), maySpeak, `${name}: ${root}`);
  }
});
