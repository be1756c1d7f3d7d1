import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { against, eventsOf, folderWith, hearth, type Mock, mockEngine, noMock, start } from "./support.ts";

const skip = noMock;

/** Flags with a journal of this test's own. */
function kept(mock: Mock, workspace: string, journal: string): string[] {
  return [...against(mock, workspace), "--journal", journal];
}

/** A tool that leaves a mark for each time it runs. */
const MARKS = `import { appendFileSync } from "node:fs";
/** Leave a mark. @param word what to write @effect once */
export function mark(word: string) { appendFileSync("marks.txt", word + "\\n"); return "marked " + word; }
`;

test("list is aligned, newest first, limited; the rest is said", { skip }, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "Yes." }] });
  const journal = join(folderWith(), "j.sqlite");
  const flags = kept(mock, folderWith(), journal);
  for (const task of ["first", "second\nof two lines", "third"]) await hearth(["run", ...flags, task]);
  await mock.close();
  const { code, stdout, stderr } = await hearth(["runs", "list", "--limit", "2", "--journal", journal]);
  assert.equal(code, 0, stderr);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0] ?? "", /^\S+ {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}answer {2}mock {2}third$/);
  assert.match(lines[1] ?? "", /second of two lines$/);
  assert.equal(lines.length, 2);
  assert.match(stderr, /1 older ones are not shown/);
  const json = await hearth(["runs", "list", "--json", "--journal", journal]);
  assert.equal(json.stdout.trimEnd().split("\n").length, 3);
  const bad = await hearth(["runs", "list", "--limit", "0", "--journal", journal]);
  assert.equal(bad.code, 2);
});

test("a run is named by its id, the beginning of one, or last", { skip }, async () => {
  const mock = await mockEngine({ kind: "ollama", turns: [{ text: "Yes." }] });
  const journal = join(folderWith(), "j.sqlite");
  const flags = kept(mock, folderWith(), journal);
  const ids: string[] = [];
  for (const task of ["a", "b"])
    ids.push(eventsOf(await hearth(["run", "--json", ...flags, task]))[0]?.runId ?? "");
  await mock.close();
  const shown = async (name: string) => hearth(["runs", "show", name, "--json", "--journal", journal]);
  for (const name of ["last", ids[1] ?? "", (ids[1] ?? "").slice(0, -1)]) {
    const ended = await shown(name);
    assert.equal(eventsOf(ended)[0]?.runId, ids[1], `${name}: ${ended.stderr}`);
  }
  for (const [name, words] of [
    ["nope", /no run nope in this journal/],
    [(ids[0] ?? "").slice(0, 1), /2 runs begin with/],
  ] as const) {
    const ended = await shown(name);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, words);
  }
  const exported = await hearth(["runs", "export", "last", "--journal", journal]);
  const { events }: { events: { type: string }[] } = JSON.parse(exported.stdout);
  assert.equal(events.at(-1)?.type, "run.finished");
  assert.match((await hearth(["runs", "shwo", "--journal", journal])).stderr, /nearest is show/);
});

test("after kill -9 a run is finished by resume, and what was done is not done again", { skip }, async () => {
  const workspace = folderWith();
  const module = join(folderWith({ "tools.ts": MARKS }), "tools.ts");
  const journal = join(folderWith(), "j.sqlite");
  const turns = [
    { calls: [{ name: "mark", args: { word: "one" } }] },
    { text: "slow ".repeat(200), gapMs: 50, textChunk: 5 },
    { text: "Done." },
  ];
  const mock = await mockEngine({ kind: "ollama", turns });
  const flags = [...kept(mock, workspace, journal), "--tool-module", module, "--approve", "auto"];
  const first = start(["run", "--json", ...flags, "Mark it."], { cwd: workspace });
  await first.line((line) => line.includes('"text.delta"'));
  first.child.kill("SIGKILL");
  await first.done;
  const list = await hearth(["runs", "list", "--journal", journal]);
  assert.match(list.stdout, /unfinished/);
  const resumed = await hearth(["runs", "resume", "last", "--json", "--journal", journal], {
    cwd: workspace,
  });
  await mock.close();
  assert.equal(resumed.code, 0, resumed.stderr);
  const events = eventsOf(resumed);
  assert.equal(events[0]?.type, "run.resumed");
  const end = events.at(-1);
  assert.equal(end?.type === "run.finished" && end.text, "Done.");
  assert.equal(readFileSync(join(workspace, "marks.txt"), "utf8"), "one\n");
  assert.ok(resumed.ms < 10_000);
});

test("a run that waits goes on with the word of the command line", { skip }, async () => {
  const write = { calls: [{ name: "write_file", args: { path: "a.txt", content: "x" } }] };
  for (const [approve, code, there] of [
    ["auto", 0, true],
    ["never", 0, false],
  ] as const) {
    const mock = await mockEngine({ kind: "ollama", turns: [write, { text: "Finished." }] });
    const workspace = folderWith();
    const journal = join(folderWith(), "j.sqlite");
    const flags = [...kept(mock, workspace, journal), "--tools", "+edit"];
    const first = await hearth(["run", ...flags, "Write."]);
    assert.equal(first.code, 3, first.stderr);
    const again = await hearth(["runs", "resume", "last", "--approve", approve, "--journal", journal]);
    await mock.close();
    assert.equal(again.code, code, again.stderr);
    assert.equal(again.stdout, "Finished.\n");
    assert.equal(existsSync(join(workspace, "a.txt")), there);
  }
});

test("another process cancels a run, and one that has ended can't be", { skip }, async () => {
  const turns = [{ text: "slow ".repeat(400), gapMs: 50, textChunk: 5 }];
  const mock = await mockEngine({ kind: "ollama", turns });
  const journal = join(folderWith(), "j.sqlite");
  const going = start(["run", "--json", ...kept(mock, folderWith(), journal), "Talk."]);
  await going.line((line) => line.includes('"text.delta"'));
  const cancel = await hearth(["runs", "cancel", "last", "--journal", journal]);
  assert.equal(cancel.code, 0, cancel.stderr);
  const ended = await going.done;
  await mock.close();
  assert.equal(ended.code, 130, ended.stderr);
  const late = await hearth(["runs", "cancel", "last", "--journal", journal]);
  assert.equal(late.code, 2);
  assert.match(late.stderr, /has ended already \(cancelled\)/);
});

test("a fork tries again from a step, and the old run stays as it is", { skip }, async () => {
  const workspace = folderWith();
  const module = join(folderWith({ "tools.ts": MARKS }), "tools.ts");
  const journal = join(folderWith(), "j.sqlite");
  const turns = [
    { calls: [{ name: "mark", args: { word: "one" } }] },
    { calls: [{ name: "mark", args: { word: "two" } }] },
    { text: "First answer." },
    { text: "Second answer." },
  ];
  const mock = await mockEngine({ kind: "ollama", turns });
  const flags = [...kept(mock, workspace, journal), "--tool-module", module, "--approve", "auto"];
  const first = eventsOf(await hearth(["run", "--json", ...flags, "Mark."], { cwd: workspace }));
  const id = first[0]?.runId ?? "";
  const at = first.find((event) => event.type === "call.finished")?.seq ?? 0;
  const step = first.find((event) => event.type === "step.finished")?.seq ?? 0;
  const forked = await hearth(
    ["runs", "fork", id, "--at", String(Math.max(at, step)), "--json", "--journal", journal],
    { cwd: workspace },
  );
  await mock.close();
  assert.equal(forked.code, 0, forked.stderr);
  const events = eventsOf(forked);
  assert.notEqual(events[0]?.runId, id);
  const end = events.at(-1);
  assert.equal(end?.type === "run.finished" && end.text, "Second answer.");
  assert.match(forked.stderr, new RegExp(`begins as ${id} up to event`));
  assert.equal(readFileSync(join(workspace, "marks.txt"), "utf8"), "one\ntwo\n");
  const old = eventsOf(await hearth(["runs", "show", id, "--json", "--journal", journal]));
  assert.deepEqual(old, first);
  for (const more of [[], ["--at", "x"]]) {
    const bad = await hearth(["runs", "fork", id, ...more, "--journal", journal]);
    assert.equal(bad.code, 2, bad.stderr);
    assert.match(bad.stderr, /--at/);
  }
});

test("a replay asks no engine and runs no tool; other limits show what would have come out", {
  skip,
}, async () => {
  const workspace = folderWith();
  const module = join(folderWith({ "tools.ts": MARKS }), "tools.ts");
  const journal = join(folderWith(), "j.sqlite");
  const turns = [
    { calls: [{ name: "mark", args: { word: "one" } }] },
    { calls: [{ name: "mark", args: { word: "two" } }] },
    { text: "Marked." },
  ];
  const mock = await mockEngine({ kind: "ollama", turns });
  const flags = [...kept(mock, workspace, journal), "--tool-module", module, "--approve", "auto"];
  await hearth(["run", ...flags, "Mark."], { cwd: workspace });
  await mock.close();
  const same = await hearth(["runs", "replay", "last", "--journal", journal], { cwd: workspace });
  assert.equal(same.code, 0, same.stderr);
  assert.equal(same.stdout, "Marked.\n");
  assert.match(same.stderr, /came out the same/);
  const other = await hearth(["runs", "replay", "last", "--max-steps", "2", "--journal", journal]);
  assert.equal(other.code, 3, other.stderr);
  assert.match(other.stderr, /came out differently/);
  assert.equal(readFileSync(join(workspace, "marks.txt"), "utf8"), "one\ntwo\n");
});
