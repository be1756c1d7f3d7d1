import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { against, eventsOf, folderWith, hearth, mockEngine, noMock, start } from "./support.ts";

const LOOK = { calls: [{ name: "list_files", args: { path: "." } }] };
const TALK = [{ text: "Let me look.", ...LOOK }, { text: "There is one file, walrus.csv." }];

test("without a terminal only the answer goes to stdout", { skip: noMock }, async () => {
  const workspace = folderWith({ "walrus.csv": "a,b\n" });
  for (const kind of ["ollama", "openai"]) {
    const mock = await mockEngine({ kind, turns: TALK });
    const ended = await hearth(["run", ...against(mock, workspace, kind), "What is here?"]);
    await mock.close();
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stdout, "There is one file, walrus.csv.\n");
    assert.match(ended.stderr, /list_files/);
    assert.match(ended.stderr, /walrus\.csv/);
    assert.doesNotMatch(ended.stderr, /\x1b/);
  }
});

test("--json writes events and nothing else to stdout", { skip: noMock }, async () => {
  const workspace = folderWith({ "walrus.csv": "" });
  const mock = await mockEngine({ kind: "ollama", turns: TALK });
  const ended = await hearth(["run", "--json", ...against(mock, workspace), "What is here?"]);
  await mock.close();
  const events = eventsOf(ended);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, i) => i + 1),
  );
  assert.equal(events.at(-1)?.type, "run.finished");
  assert.equal(ended.code, 0);
});

test("the wire of an address is found out, with or without the path of a wire", {
  skip: noMock,
}, async () => {
  const workspace = folderWith();
  for (const kind of ["ollama", "openai"]) {
    for (const path of ["", "/v1", "/v1/"]) {
      const mock = await mockEngine({ kind, turns: [{ text: "Hello." }] });
      const flags = [
        "--engine",
        mock.url + path,
        "--model",
        "mock",
        "--workspace",
        workspace,
        "--journal",
        "none",
      ];
      const ended = await hearth(["run", ...flags, "Hi"]);
      await mock.close();
      assert.equal(ended.stdout, "Hello.\n", ended.stderr);
      const used = mock.requests.some((request) => request.path.startsWith("/api/chat"))
        ? "ollama"
        : "openai";
      assert.equal(used, kind);
    }
  }
});

test("piped input is added to the task", { skip: noMock }, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "Three." }] });
  const flags = against(mock, folderWith());
  const both = await hearth(["run", ...flags, "Count the lines."], { stdin: "one\ntwo\nthree\n" });
  assert.equal(both.code, 0, both.stderr);
  assert.match(mock.chats[0]?.body.messages.at(-1)?.content ?? "", /Count the lines\.[\s\S]*one\ntwo\nthree/);
  const alone = await hearth(["run", ...flags], { stdin: "Say three.\n" });
  assert.equal(alone.code, 0, alone.stderr);
  assert.equal(mock.chats[1]?.body.messages.at(-1)?.content, "Say three.");
  await mock.close();
});

test("a stdin that stays open and silent does not hang the run", {
  skip: noMock,
  timeout: 30_000,
}, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "Fine." }] });
  const ended = await hearth(["run", ...against(mock, folderWith()), "Hi"], { stdin: "open" });
  await mock.close();
  assert.equal(ended.code, 0);
  assert.equal(ended.stdout, "Fine.\n");
  assert.match(ended.stderr, /stdin is open but said nothing/);
});

test("when nobody reads stdout any more the run ends quietly", {
  skip: noMock,
  timeout: 30_000,
}, async () => {
  const text = "word ".repeat(400_000);
  const mock = await mockEngine({ kind: "ollama", turns: [{ text, textChunk: 40 }] });
  const going = start(["run", "--json", ...against(mock, folderWith()), "Talk."]);
  await going.line((line) => line.includes("text.delta"));
  going.child.stdout?.destroy();
  const ended = await going.done;
  await mock.close();
  assert.equal(ended.code, 130);
  assert.doesNotMatch(ended.stderr, /EPIPE|\n\s+at /);
});

test("a reader that is slow gets every event", { skip: noMock, timeout: 60_000 }, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "word ".repeat(20_000), textChunk: 20 }] });
  const going = start(["run", "--json", ...against(mock, folderWith()), "Talk."]);
  await going.line((line) => line.includes("text.delta"));
  going.child.stdout?.pause();
  await new Promise((resolve) => setTimeout(resolve, 700));
  going.child.stdout?.resume();
  const ended = await going.done;
  await mock.close();
  const events = eventsOf(ended);
  assert.equal(ended.code, 0);
  assert.equal(events.at(-1)?.seq, events.length);
});

test("SIGINT cancels: the log ends, the engine is let go, code 130", {
  skip: noMock,
  timeout: 30_000,
}, async () => {
  const mock = await mockEngine({
    kind: "ollama",
    turns: [{ text: "a ".repeat(500), textChunk: 2, gapMs: 50 }],
  });
  const going = start(["run", "--json", ...against(mock, folderWith()), "Talk."]);
  await going.line((line) => line.includes("text.delta"));
  going.child.kill("SIGINT");
  const ended = await going.done;
  assert.equal(ended.code, 130);
  const last = eventsOf(ended).at(-1);
  assert.equal(last?.type === "run.finished" && last.stopReason, "cancelled");
  assert.equal(mock.chats[0]?.closedEarly, true);
  await mock.close();
});

test("a second SIGINT ends at once, whatever a tool does", { skip: noMock, timeout: 30_000 }, async () => {
  const workspace = folderWith();
  const file = join(workspace, "tools.ts");
  writeFileSync(
    file,
    "/** Busy for ever. @effect none */\nexport function spin(): string { const end = Date.now() + 20000; while (Date.now() < end); return 'x'; }\n",
  );
  const mock = await mockEngine({
    kind: "ollama",
    turns: [{ text: "a ".repeat(500), textChunk: 2, gapMs: 50 }],
  });
  const going = start(["run", "--json", ...against(mock, workspace), "--tool-module", file, "Talk."]);
  await going.line((line) => line.includes("text.delta"));
  going.child.kill("SIGINT");
  going.child.kill("SIGINT");
  const ended = await going.done;
  await mock.close();
  assert.equal(ended.code, 130);
});

test("the limit of steps ends with code 3 and says so", { skip: noMock }, async () => {
  const turns = (body: { tools?: unknown[] }) => (body.tools?.length ? LOOK : { text: "So far nothing." });
  const mock = await mockEngine({ kind: "ollama", turns });
  const ended = await hearth(["run", ...against(mock, folderWith()), "--max-steps", "2", "Look."]);
  await mock.close();
  assert.equal(ended.code, 3, ended.stderr);
  assert.match(ended.stderr, /max_steps/);
  assert.notEqual(ended.stdout.trim(), "");
});

test("a debug log holds whole prompts and results, and no secret", { skip: noMock }, async () => {
  const workspace = folderWith({ "keys.txt": "password=hunter2hunter2\n" });
  const turns = [{ calls: [{ name: "read_file", args: { path: "keys.txt" } }] }, { text: "Done." }];
  const mock = await mockEngine({ kind: "openai", turns });
  const logFile = join(workspace, "log/debug.log");
  const env = { OPENAI_API_KEY: "sk-test-abcdefghijklmnopqrstuvwx", HEARTH_LOG_FILE: logFile };
  const ended = await hearth(["run", "--debug", ...against(mock, workspace, "openai"), "Read the keys."], {
    env,
  });
  await mock.close();
  assert.equal(ended.code, 0, ended.stderr);
  const { readFileSync, statSync } = await import("node:fs");
  const log = readFileSync(logFile, "utf8");
  assert.match(log, /Read the keys\./);
  assert.match(log, /call\.finished/);
  assert.doesNotMatch(log, /hunter2|abcdefghijklmnop/);
  assert.equal(statSync(logFile).mode & 0o077, 0);
  assert.equal(
    mock.requests.find(({ path }) => path.includes("chat"))?.headers["authorization"],
    `Bearer ${env.OPENAI_API_KEY}`,
  );
});
