import assert from "node:assert/strict";
import { chmodSync, existsSync, linkSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { call, tempFolder } from "../../test/helpers.ts";
import { editTools } from "./index.ts";
import { replaceText } from "./replace.ts";

test("every tool that changes files says so, and none leaves the workspace or touches what runs later", async () => {
  using outside = tempFolder({ secret: "s" });
  using dir = tempFolder({
    "a.txt": "x",
    link: `-> ${outside.path}`,
    "link.txt": `-> ${outside.path}/secret`,
    ".git/config": "x",
    "sub/": "",
  });
  linkSync(join(outside.path, "secret"), join(dir.path, "hard.txt"));
  const tools = editTools({ workspace: dir.path });
  assert.ok(
    tools.every(({ effect, egress }) => effect !== "none" && effect !== undefined && egress === false),
  );
  const bad = [
    "../x",
    "/etc/x",
    "link/new",
    "link.txt",
    "hard.txt",
    ".git/hooks/x",
    ".git/config",
    ".bashrc",
    "sub/.vscode/tasks.json",
    ".env",
    "hearth.config.json",
    "a/../b",
    ".",
    "x\ny",
    "a\0b",
    ".hearth/trash/x",
  ];
  for (const path of bad) {
    for (const [name, args] of [
      ["write_file", { path, content: "evil" }],
      ["edit_file", { path, old: "x", new: "evil" }],
      ["move", { from: "a.txt", to: path }],
      ["move", { from: path, to: "b.txt" }],
      ["delete", { path }],
    ] as const) {
      if (name === "move" && args.to === ".") continue;
      const ran = await call(tools, name, args);
      assert.equal(ran.ok, false, `${name} ${JSON.stringify(args)}: ${ran.content}`);
      assert.ok(ran.content.length > 15, ran.content);
    }
  }
  assert.equal(readFileSync(join(outside.path, "secret"), "utf8"), "s");
  assert.deepEqual(readdirSync(outside.path), ["secret"]);
  assert.equal(readFileSync(join(dir.path, "a.txt"), "utf8"), "x");
  assert.equal(readFileSync(join(dir.path, ".git/config"), "utf8"), "x");
});

test("write_file: new with its folders, replaced with a diff and its mode, refused when too large", async () => {
  using dir = tempFolder({ "run.sh": "one\ntwo\nthree\n" });
  chmodSync(join(dir.path, "run.sh"), 0o750);
  const tools = editTools({ workspace: dir.path, maxWriteBytes: 1000 });
  const made = await call(tools, "write_file", { path: "a/b/c.txt", content: "hi\nthere\n" });
  assert.equal(made.content, "Made a/b/c.txt: 2 lines, 9 B.");
  assert.equal(readFileSync(join(dir.path, "a/b/c.txt"), "utf8"), "hi\nthere\n");
  const replaced = await call(tools, "write_file", { path: "run.sh", content: "one\n2\nthree\n" });
  assert.equal(replaced.content, "Replaced run.sh: 3 lines, 12 B.\n@@ line 2 @@\n one\n-two\n+2\n three\n ");
  assert.equal(statSync(join(dir.path, "run.sh")).mode & 0o777, 0o750);
  assert.match(
    (await call(tools, "write_file", { path: "run.sh", content: "one\n2\nthree\n" })).content,
    /was so already/,
  );
  assert.match(
    (await call(tools, "write_file", { path: "big", content: "x".repeat(1001) })).content,
    /larger than 1000 B/,
  );
  assert.match((await call(tools, "write_file", { path: "a", content: "x" })).content, /is a folder/);
  assert.match(
    (await call(tools, "write_file", { path: "run.sh/x", content: "x" })).content,
    /is a file, not a folder/,
  );
  assert.deepEqual(readdirSync(dir.path).sort(), ["a", "run.sh"], "no temporary file is left");
});

test("edit_file: exact, everywhere, by lines with other spaces, and errors that show what is there", async () => {
  const source = "function a() {\n    const x = 1;\n    return x;\n}\n\nfunction b() {\n    return 1;\n}\n";
  using dir = tempFolder({ "a.js": source });
  const tools = editTools({ workspace: dir.path });
  const edit = (old: string, now: string, more = {}) =>
    call(tools, "edit_file", { path: "a.js", old, new: now, ...more });
  assert.match(
    (await edit("const x = 1;", "const x = 2;")).content,
    /^Edited a\.js: 1 place\.\n@@ line 2 @@/,
  );
  assert.match((await edit("return", "return;")).content, /2 times, at lines 3, 7\. Give more lines/);
  assert.match((await edit("return", "yield", { all: true })).content, /2 places/);
  assert.match(
    (await edit("function b() {\n  yield 1;\n}", "function b() {\n  yield 2;\n  yield 3;\n}")).content,
    /1 place, with the file's own spaces/,
  );
  assert.match(readFileSync(join(dir.path, "a.js"), "utf8"), /function b\(\) \{\n {2}yield 2;/);
  assert.match((await edit("const x == 2", "y")).content, /Line 2 is nearest:\n {4}const x = 2;/);
  assert.match((await edit("zzz qqq", "y")).content, /is not in a\.js\. Read the file first/);
  assert.match((await edit("", "y")).content, /"old" is empty/);
  assert.match(
    (await call(tools, "edit_file", { path: "b.js", old: "x", new: "y" })).content,
    /There is no "b\.js".*Nearest: "a\.js"/,
  );
});

test("edit_file keeps the encoding, the mark and the line ends of a file", async () => {
  using dir = tempFolder({
    "crlf.txt": "one\r\ntwo\r\n",
    "bom.txt": "\ufeffgröße\n",
    "latin.txt": Buffer.from("gr\xf6\xdfe\n", "latin1"),
    "wide.txt": Buffer.from("\ufeffeins zwei", "utf16le"),
    "bin.dat": Buffer.from([0, 1, 2, 3, 0, 255]),
  });
  const tools = editTools({ workspace: dir.path });
  const bytes = (name: string) => readFileSync(join(dir.path, name));
  await call(tools, "edit_file", { path: "crlf.txt", old: "one\ntwo", new: "1\n2" });
  assert.equal(bytes("crlf.txt").toString(), "1\r\n2\r\n");
  await call(tools, "edit_file", { path: "bom.txt", old: "größe", new: "Größe" });
  assert.equal(bytes("bom.txt").toString(), "\ufeffGröße\n");
  await call(tools, "edit_file", { path: "latin.txt", old: "größe", new: "höhe" });
  assert.deepEqual(bytes("latin.txt"), Buffer.from("h\xf6he\n", "latin1"));
  assert.match(
    (await call(tools, "edit_file", { path: "latin.txt", old: "höhe", new: "日本" })).content,
    /lacks a character/,
  );
  await call(tools, "edit_file", { path: "wide.txt", old: "zwei", new: "drei" });
  assert.equal(bytes("wide.txt").toString("utf16le"), "\ufeffeins drei");
  assert.match(
    (await call(tools, "edit_file", { path: "bin.dat", old: "a", new: "b" })).content,
    /no text file/,
  );
});

test("move never overwrites; delete keeps what it takes", async () => {
  using dir = tempFolder({ "a.txt": "a", "b.txt": "b", "sub/c.txt": "c" });
  const tools = editTools({ workspace: dir.path });
  assert.equal(
    (await call(tools, "move", { from: "a.txt", to: "new/deep/a.txt" })).content,
    "Moved a.txt to new/deep/a.txt.",
  );
  assert.match((await call(tools, "move", { from: "b.txt", to: "sub/c.txt" })).content, /is there already/);
  assert.equal(
    (await call(tools, "move", { from: "b.txt", to: "sub" })).content,
    "Moved b.txt to sub/b.txt.",
  );
  assert.match((await call(tools, "move", { from: "sub", to: "sub/inner" })).content, /into itself/);
  assert.match((await call(tools, "move", { from: "none", to: "x" })).content, /There is no "none"/);
  const gone = await call(tools, "delete", { path: "sub" });
  assert.match(gone.content, /^Deleted sub; it is kept as \.hearth\/trash\//);
  assert.ok(!existsSync(join(dir.path, "sub")));
  assert.equal(readFileSync(join(dir.path, String(gone.details["trash"]), "c.txt"), "utf8"), "c");
  assert.equal(readFileSync(join(dir.path, ".hearth/.gitignore"), "utf8"), "*\n");
  await call(tools, "delete", { path: "new" });
  assert.equal(readdirSync(join(dir.path, ".hearth/trash")).length, 2);
});

test("replacing is exact wherever the text stands once, whatever the texts", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string({ minLength: 1 }),
      fc.string(),
      fc.string(),
      (before, old, now, after) => {
        const text = before + old + after;
        if (text.split(old).length !== 2) return;
        assert.deepEqual(replaceText(text, old, now, false), {
          text: before + now + after,
          count: 1,
          how: "exact",
        });
      },
    ),
  );
});
