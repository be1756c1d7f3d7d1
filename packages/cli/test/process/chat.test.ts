import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { against, eventsOf, folderWith, hearth, type Mock, mockEngine, noMock } from "./support.ts";

const skip = noMock;
const kept = (mock: Mock, workspace: string): string[] =>
  against(mock, workspace).filter((word) => word !== "--journal" && word !== "none");
const users = (mock: Mock, at: number): string[] =>
  (mock.chats.at(at)?.body.messages ?? [])
    .filter(({ role }) => role === "user")
    .map(({ content }) => content);

test("piped, each line is a message of one conversation, and only answers go to stdout", {
  skip,
}, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "Five." }, { text: "2060." }] });
  const ended = await hearth(["chat", ...against(mock, folderWith())], {
    stdin: "Add 2 and 3.\n\n/help\nAnd times \\\n412?\n",
  });
  await mock.close();
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(ended.stdout, "Five.\n2060.\n");
  assert.match(ended.stderr, /\/context/);
  assert.deepEqual(users(mock, -1), ["Add 2 and 3.", "And times \n412?"]);
});

test("--json writes the events of all runs, each from 1", { skip }, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "A." }, { text: "B." }] });
  const ended = await hearth(["chat", "--json", ...against(mock, folderWith())], { stdin: "a\n/tools\nb\n" });
  await mock.close();
  const events = eventsOf(ended);
  const ends = events.filter((event) => event.type === "run.finished");
  assert.deepEqual(
    ends.map(({ text }) => text),
    ["A.", "B."],
  );
  assert.equal(events.filter(({ seq }) => seq === 1).length, 2);
  assert.equal(new Set(events.map(({ runId }) => runId)).size, 2);
});

test("the code is that of the last message left without an answer", { skip }, async () => {
  const mock = await mockEngine({
    kind: "ollama",
    turns: [{ status: 400, body: { error: "no" } }, { text: "Yes." }],
  });
  const ended = await hearth(["chat", ...against(mock, folderWith())], { stdin: "a\nb\n" });
  await mock.close();
  assert.equal(ended.code, 4, ended.stderr);
  assert.equal(ended.stdout, "Yes.\n");
});

test("--continue goes on with the last session of the workspace, in chat and in run", { skip }, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "Noted." }] });
  const [here, elsewhere, home] = [folderWith(), folderWith(), folderWith()];
  const env = { HOME: home };
  const first = await hearth(["chat", ...kept(mock, here)], { env, stdin: "I am Ada.\nI like tea.\n" });
  assert.equal(first.code, 0, first.stderr);
  await hearth(["run", ...kept(mock, elsewhere), "Other place."], { env });
  await hearth(["run", "-c", ...kept(mock, here), "Who am I?"], { env });
  assert.deepEqual(users(mock, -1), ["I am Ada.", "I like tea.", "Who am I?"]);
  const again = await hearth(["chat", "--continue", ...kept(mock, here)], {
    env,
    stdin: "And what do I like?\n",
  });
  assert.match(again.stderr, /Going on with the session/);
  assert.deepEqual(users(mock, -1), ["I am Ada.", "I like tea.", "Who am I?", "And what do I like?"]);
  await mock.close();
});

test("--continue without a session or a journal says so", { skip }, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "Hello." }] });
  const none = await hearth(["run", "-c", ...kept(mock, folderWith()), "Hi"]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /no session in .* to go on with/);
  const kepNot = await hearth(["run", "-c", ...against(mock, folderWith()), "Hi"]);
  assert.equal(kepNot.code, 2);
  assert.match(kepNot.stderr, /There is no journal/);
  const chat = await hearth(["chat", "-c", ...kept(mock, folderWith())], { stdin: "Hi\n" });
  assert.equal(chat.stdout, "Hello.\n");
  assert.match(chat.stderr, /this is a new one/);
  await mock.close();
});

test("a call that waits for an approval does not spoil what follows", { skip }, async () => {
  const write = { calls: [{ name: "write_file", args: { path: "a.txt", content: "x" } }] };
  const mock = await mockEngine({ kind: "ollama", turns: [write, { text: "Fine." }] });
  const flags = [...against(mock, folderWith()), "--tools", "+edit"];
  const ended = await hearth(["chat", ...flags], { stdin: "write\nleave it\n" });
  await mock.close();
  assert.equal(ended.code, 3, ended.stderr);
  assert.match(ended.stdout, /Fine\.\n$/);
  const roles = mock.chats.at(-1)?.body.messages.map(({ role }) => role);
  assert.deepEqual(roles?.slice(-3), ["user", "assistant", "user"]);
});

test("/model keeps what was said, /undo takes it back, /save writes it", { skip }, async () => {
  const mock = await mockEngine({
    kind: "ollama",
    model: "mock",
    turns: [{ text: "One." }, { text: "Two." }],
  });
  const folder = folderWith();
  const stdin = [
    "first",
    "/model mock:latest",
    "second",
    "/undo",
    "/save talk.json",
    "/save talk.json",
    "/save hearth.md",
    "/new",
    "third",
    "/model",
    "/quit",
    "never said",
  ].join("\n");
  const ended = await hearth(["chat", ...against(mock, folder)], { stdin, cwd: folder });
  await mock.close();
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(users(mock, 1), ["first", "second"]);
  assert.deepEqual(users(mock, 2), ["third"]);
  assert.equal(mock.chats.length, 3);
  const saved: { role: string }[] = JSON.parse(readFileSync(join(folder, "talk.json"), "utf8"));
  assert.deepEqual(
    saved.map(({ role }) => role),
    ["user", "assistant"],
  );
  assert.match(readFileSync(join(folder, "hearth.md"), "utf8"), /## You\n\nfirst/);
  assert.match(ended.stderr, /Now mock:latest on/);
});

test("/save never writes over a file that was there before", { skip }, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "One." }] });
  const folder = folderWith({ "mine.md": "mine" });
  const ended = await hearth(["chat", ...against(mock, folder)], {
    stdin: "a\n/save mine.md\n/save\n",
    cwd: folder,
  });
  await mock.close();
  assert.match(ended.stderr, /mine\.md is there already/);
  assert.match(ended.stderr, /\/save needs a file/);
  assert.equal(readFileSync(join(folder, "mine.md"), "utf8"), "mine");
});
