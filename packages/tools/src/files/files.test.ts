import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Tool } from "hearth";
import { call, tempFolder } from "../../test/helpers.ts";
import { fileTools } from "./index.ts";

const toolsOf = (path: string): Tool[] => fileTools({ workspace: path });

test("every tool only looks, its schema is closed, and the path may be left out", () => {
  using dir = tempFolder();
  const tools = toolsOf(dir.path);
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["list_files", "disk_usage", "search_files", "read_file"],
  );
  for (const tool of tools) {
    assert.equal(tool.effect, "none");
    assert.equal(tool.reads, "private");
    assert.equal(tool.source, "untrusted");
    assert.equal(tool.egress, false);
    assert.equal(tool.parameters["additionalProperties"], false);
    assert.deepEqual(tool.parameters["required"], tool.name === "read_file" ? ["path"] : []);
  }
});

test("a refused path is a failed result that teaches, in every tool", async () => {
  using dir = tempFolder({ "a.txt": "x", link: "-> /etc" });
  for (const tool of toolsOf(dir.path)) {
    for (const path of ["../x", "/etc/passwd", "link/passwd", "a\0b", "none/x"]) {
      const ran = await call([tool], tool.name, { path });
      assert.equal(ran.ok, false, `${tool.name} ${path}`);
      assert.ok(ran.content.length > 20 && !ran.content.includes("\0"), ran.content);
    }
  }
});

test("list_files: folders first, 30 shown, what was left out is said", async () => {
  const files: Record<string, string> = { "b/x": "1", "a/y": "2", ".git/z": "3" };
  for (let index = 1; index <= 40; index++) files[`file${index}.txt`] = "x".repeat(index);
  using dir = tempFolder(files);
  const ran = await call(toolsOf(dir.path), "list_files");
  const lines = ran.content.split("\n");
  assert.equal(lines[0], "The workspace has 3 folders and 40 files:");
  assert.deepEqual(lines.slice(1, 6), ["a/", "b/", ".git/", "file1.txt  1 B", "file2.txt  2 B"]);
  assert.equal(lines.at(-1), "13 more entries not shown; set limit to 43.");
  assert.equal(ran.details["total"], 43);
  assert.equal(ran.details["left"], 13);
  const all = await call(toolsOf(dir.path), "list_files", { limit: 43, path: dir.path });
  assert.equal(all.details["left"], 0);
  assert.doesNotMatch(all.content, /not shown/);
});

test("list_files: an empty folder, links and names that play tricks", async () => {
  using dir = tempFolder({ "empty/": "", link: "-> empty", "a\nIgnore\u202e.txt": "x" });
  assert.equal((await call(toolsOf(dir.path), "list_files", { path: "empty" })).content, "empty/ is empty.");
  const ran = await call(toolsOf(dir.path), "list_files");
  assert.match(ran.content, /^link {2}link$/m);
  assert.match(ran.content, /a\\u\{a\}Ignore\\u\{202e\}\.txt/);
});

test("disk_usage: whole trees, largest first, hard links once, links not followed, with the disk", async () => {
  using outside = tempFolder({ big: "x".repeat(500_000) });
  using dir = tempFolder({
    "node_modules/a/index.js": "x".repeat(60_000),
    "node_modules/b/c/d.js": "x".repeat(40_000),
    "src/main.ts": "x".repeat(1000),
    "video.mp4": "x".repeat(80_000),
    link: `-> ${outside.path}`,
  });
  linkSync(join(dir.path, "video.mp4"), join(dir.path, "copy.mp4"));
  const ran = await call(toolsOf(dir.path), "disk_usage");
  const entries = ran.details["entries"];
  assert.ok(Array.isArray(entries));
  assert.deepEqual(entries[0], { path: "node_modules", bytes: 100_000, type: "folder" });
  assert.equal(ran.details["totalBytes"], 181_000);
  assert.match(
    ran.content,
    /^The workspace takes 176\.8 KB in 4 files\. Largest first:\nnode_modules\/ {2}97\.7 KB \(55%\)/,
  );
  assert.match(ran.content, /^Disk: [\d.]+ \w+ total, [\d.]+ \w+ used, [\d.]+ \w+ free\.$/m);
  const volume = ran.details["volume"];
  assert.ok(typeof volume === "object" && volume !== null && !Array.isArray(volume));
  const df = execFileSync("df", ["--block-size=1", "--output=size,used,avail", dir.path])
    .toString()
    .split("\n")[1]!;
  const [size, used, free] = df.trim().split(/\s+/).map(Number);
  assert.equal(volume["totalBytes"], size);
  assert.ok(Math.abs(Number(volume["usedBytes"]) - used!) < 1e8);
  assert.ok(Math.abs(Number(volume["freeBytes"]) - free!) < 1e8);
});

test("disk_usage: a single file, and a link that is none", async () => {
  using dir = tempFolder({ "films/a.mp4": "x".repeat(2048), link: "-> films/a.mp4" });
  const ran = await call(toolsOf(dir.path), "disk_usage", { path: "films/a.mp4" });
  assert.equal(ran.ok, true);
  assert.match(ran.content, /^films\/a\.mp4 takes 2\.0 KB\.\nDisk: .* free\.$/);
  assert.equal(ran.details["totalBytes"], 2048);
  assert.equal((await call(toolsOf(dir.path), "disk_usage", { path: "link" })).ok, false);
});

test("disk_usage: a sub-folder, an empty one, more entries than shown", async () => {
  const files: Record<string, string> = { "empty/": "" };
  for (let index = 1; index <= 30; index++) files[`many/${index}`] = "x".repeat(index * 10);
  using dir = tempFolder(files);
  const many = await call(toolsOf(dir.path), "disk_usage", { path: "many" });
  assert.match(many.content, /^many\/ takes 4\.5 KB in 30 files\. Largest first:\nmany\/30 {2}300 B \(6%\)/);
  assert.match(many.content, /^15 more, 1\.2 KB together\.$/m);
  assert.match(
    (await call(toolsOf(dir.path), "disk_usage", { path: "empty" })).content,
    /^empty\/ takes 0 B in 0 files\.\nDisk/,
  );
});

test("a cancelled call ends with the signal's reason", async () => {
  using dir = tempFolder();
  for (let folder = 0; folder < 40; folder++) {
    mkdirSync(join(dir.path, `f${folder}`));
    for (let file = 0; file < 100; file++) writeFileSync(join(dir.path, `f${folder}`, `${file}`), "");
  }
  const controller = new AbortController();
  const slow = call(toolsOf(dir.path), "search_files", { content: "x" }, { signal: controller.signal });
  controller.abort();
  await slow.catch((error: unknown) => assert.ok(error instanceof DOMException));
});

test("search_files: what people mean by a pattern", async () => {
  using dir = tempFolder({
    "a.py": "",
    "src/b.py": "",
    "src/deep/er/C.PY": "",
    "src/notes.md": "",
    "src/config.json": "",
    "config/x.ini": "",
    "node_modules/m/d.py": "",
    ".git/e.py": "",
    "pyfile.txt": "",
    "src/[odd].py": "",
  });
  const tools = toolsOf(dir.path);
  const paths = async (args: Record<string, string | number>) => {
    const found = (await call(tools, "search_files", args)).details["matches"];
    assert.ok(Array.isArray(found));
    return found.map((match) =>
      typeof match === "object" && match !== null && !Array.isArray(match) ? match["path"] : "",
    );
  };
  const python = ["a.py", "src/[odd].py", "src/b.py", "src/deep/er/C.PY", "node_modules/m/d.py"];
  const all = (await paths({ pattern: "**/*.py" })).sort();
  assert.deepEqual(all, [...python].sort());
  assert.deepEqual((await paths({ pattern: "*.py" })).sort(), [...python].sort());
  assert.deepEqual((await paths({ pattern: `${dir.path}/**/*.py` })).sort(), [...python].sort());
  assert.deepEqual((await paths({ pattern: "./**/*.py" })).sort(), [...python].sort());
  assert.equal(
    (await paths({ pattern: "*.py" })).at(-1),
    "node_modules/m/d.py",
    "what others wrote comes last",
  );
  const cases: [Record<string, string>, string[]][] = [
    [{ pattern: "src/*.py" }, ["src/[odd].py", "src/b.py"]],
    [{ pattern: "*.py", path: "src/deep" }, ["src/deep/er/C.PY"]],
    [{ pattern: "config" }, ["config", "src/config.json"]],
    [{ pattern: "config.json" }, ["src/config.json"]],
    [{ pattern: "src/notes.md" }, ["src/notes.md"]],
    [{ pattern: "*.{md,json}" }, ["src/config.json", "src/notes.md"]],
    [{ pattern: "[a-b].py" }, ["a.py", "src/b.py"]],
    [{ pattern: "?.ini" }, ["config/x.ini"]],
    [{ pattern: "e.py", path: ".git" }, [".git/e.py"]],
    [
      { pattern: "src/**" },
      [
        "src/[odd].py",
        "src/b.py",
        "src/config.json",
        "src/deep",
        "src/deep/er",
        "src/deep/er/C.PY",
        "src/notes.md",
      ],
    ],
  ];
  for (const [args, expected] of cases)
    assert.deepEqual((await paths(args)).sort(), [...expected].sort(), JSON.stringify(args));
  const none = await call(tools, "search_files", { pattern: "*.rs" });
  assert.match(none.content, /^No file or folder matches "\*\.rs" in the workspace\./);
  assert.match(none.content, /Not searched: \.git\./);
});

test("search_files: 20 shown, the rest counted", async () => {
  const files: Record<string, string> = {};
  for (let index = 0; index < 55; index++) files[`d/${index}.py`] = "";
  using dir = tempFolder(files);
  const ran = await call(toolsOf(dir.path), "search_files", { pattern: "*.py" });
  const lines = ran.content.split("\n");
  assert.equal(lines[0], '55 files match "*.py" in the workspace:');
  assert.equal(lines.length, 22);
  assert.equal(lines.at(-1), "35 more not shown; set limit to 55.");
  assert.equal(
    (await call(toolsOf(dir.path), "search_files", { pattern: "*.py", limit: 55 })).details["left"],
    0,
  );
});

test("search_files by content: text, regular expression, encodings, and what is no text", async () => {
  using dir = tempFolder({
    "a.ts": "const x = 1;\r\n// TODO: mend\nf(x);\n",
    "b/c.ts": "todo later\n",
    "latin.txt": Buffer.from("caf\xe9 TODO\n", "latin1"),
    "wide.txt": Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("TODO wide\n", "utf16le")]),
    "bin.dat": Buffer.from("TODO\0\0\0TODO"),
    "long.js": `${"x".repeat(5000)}TODO${"y".repeat(5000)}`,
    link: "-> /etc/passwd",
  });
  const tools = toolsOf(dir.path);
  const ran = await call(tools, "search_files", { content: "TODO" });
  assert.equal(ran.details["total"], 4, ran.content);
  assert.match(ran.content, /^4 lines in 4 files contain "TODO":$/m);
  assert.match(ran.content, /^a\.ts:2: \/\/ TODO: mend$/m);
  assert.match(ran.content, /^latin\.txt:1: café TODO$/m);
  assert.match(ran.content, /^wide\.txt:1: TODO wide$/m);
  assert.ok(ran.content.split("\n").every((line) => line.length < 200));
  assert.equal((await call(tools, "search_files", { content: "todo" })).details["total"], 5);
  assert.match((await call(tools, "search_files", { content: "f(x" })).content, /a\.ts:3: f\(x\);/);
  assert.match(
    (await call(tools, "search_files", { content: "^const \\w+", pattern: "*.ts" })).content,
    /a\.ts:1: const x = 1;/,
  );
  assert.match((await call(tools, "search_files", { content: "nothing here" })).content, /^No line contains/);
});

test("search_files: a regular expression that backtracks for ever is stopped and named", async () => {
  using dir = tempFolder({ "a.txt": `${"a".repeat(60)}!` });
  const began = performance.now();
  const ran = await call(toolsOf(dir.path), "search_files", { content: "(a+)+$" });
  assert.equal(ran.ok, false);
  assert.match(ran.content, /regular expression takes too long/);
  assert.ok(performance.now() - began < 5000);
});

test("read_file: whole, by ranges, beyond the end, empty", async () => {
  const lines = Array.from({ length: 450 }, (_, index) => `line ${index + 1}`);
  using dir = tempFolder({
    "a.txt": `${lines.join("\n")}\n`,
    "short.txt": "one\ntwo",
    empty: "",
    "crlf.txt": "a\r\nb\r\n",
  });
  const tools = toolsOf(dir.path);
  const first = await call(tools, "read_file", { path: "a.txt" });
  assert.match(first.content, /^a\.txt \(lines 1 to 200 of 450, [\d.]+ KB\):\nline 1\n/);
  assert.match(first.content, /line 200\n\[250 more lines; continue with offset 201\]$/);
  const next = await call(tools, "read_file", { path: "a.txt", offset: 449, limit: 10 });
  assert.equal(next.content.split("\n").slice(1).join("\n"), "line 449\nline 450");
  assert.deepEqual([next.details["from"], next.details["to"], next.details["lines"]], [449, 450, 450]);
  assert.equal(
    (await call(tools, "read_file", { path: "short.txt" })).content,
    "short.txt (2 lines, 7 B):\none\ntwo",
  );
  assert.equal((await call(tools, "read_file", { path: "empty" })).content, "empty is empty.");
  const beyond = await call(tools, "read_file", { path: "short.txt", offset: 9 });
  assert.equal(beyond.ok, false);
  assert.match(beyond.content, /has 2 lines; there is no line 9/);
  const crlf = await call(tools, "read_file", { path: "crlf.txt" });
  assert.equal(crlf.content, "crlf.txt (2 lines, 6 B):\na\nb");
  assert.equal(crlf.details["lineEnd"], "crlf");
});

test("read_file: encodings are found out and said", async () => {
  const wide = (encoding: "utf16le", swap: boolean, bom: boolean) => {
    const bytes = Buffer.from(`${bom ? "\ufeff" : ""}größe und Maß\nzwei`, encoding);
    return swap ? bytes.swap16() : bytes;
  };
  using dir = tempFolder({
    "utf8.txt": "größe 日本 🎉\n",
    "bom.txt": "\ufeffgröße\n",
    "le.txt": wide("utf16le", false, true),
    "be.txt": wide("utf16le", true, true),
    "bare.txt": wide("utf16le", false, false),
    "latin.txt": Buffer.from("gr\xf6\xdfe \x80\n", "latin1"),
    "late.txt": Buffer.concat([Buffer.from("a".repeat(9000) + "\n"), Buffer.from("gr\xf6\xdfe\n", "latin1")]),
  });
  const tools = toolsOf(dir.path);
  const cases: [string, string, RegExp][] = [
    ["utf8.txt", "utf-8", /größe 日本 🎉/],
    ["bom.txt", "utf-8", /:\ngröße$/],
    ["le.txt", "utf-16le", /:\ngröße und Maß\nzwei$/],
    ["be.txt", "utf-16be", /:\ngröße und Maß\nzwei$/],
    ["bare.txt", "utf-16le", /größe/],
    ["latin.txt", "windows-1252", /not UTF-8, read as windows-1252\):\ngröße €/],
  ];
  for (const [path, encoding, content] of cases) {
    const ran = await call(tools, "read_file", { path });
    assert.equal(ran.details["encoding"], encoding, path);
    assert.match(ran.content, content, path);
  }
  assert.match((await call(tools, "read_file", { path: "late.txt", offset: 2 })).content, /größe/);
});

test("read_file: images and binaries are told apart and not poured out", async () => {
  const png = Buffer.alloc(40);
  png.write("\x89PNG\r\n\x1a\n", "latin1");
  png.writeUInt32BE(640, 16);
  png.writeUInt32BE(480, 20);
  using dir = tempFolder({
    "a.png": png,
    "b.pdf": "%PDF-1.7\n%\xe2\xe3",
    "c.zip": Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]),
    "d.bin": Buffer.from([1, 2, 3, 0, 0, 255, 254]),
    "e.js": "#!/usr/bin/env node\nconsole.log(1)\n",
  });
  const tools = toolsOf(dir.path);
  const says = async (path: string) => (await call(tools, "read_file", { path })).content;
  assert.match(await says("a.png"), /is an image \(PNG, 640 × 480 pixels\), 40 B; it can't be read as text/);
  assert.match(await says("b.pdf"), /a binary file \(PDF document\)/);
  assert.match(await says("c.zip"), /ZIP archive/);
  assert.match(await says("d.bin"), /unknown format/);
  assert.match(await says("e.js"), /console\.log/);
});

test("read_file: long lines, long files and sparse giants stay bounded", async () => {
  using dir = tempFolder({ "min.js": "é".repeat(200_000), "wide.csv": `${"x".repeat(1500)}\n`.repeat(300) });
  truncateSync(join(dir.path, "min.js"), 400_000);
  const tools = toolsOf(dir.path);
  const cut = await call(tools, "read_file", { path: "min.js" });
  assert.match(cut.content, /1 line cut after 2,000 characters/);
  assert.match(cut.content, /é \[…line cut here\]|é\[…line cut here\]|é {1}\[…line cut here\]/);
  assert.equal(cut.details["encoding"], "utf-8");
  assert.ok(cut.content.length < 2300);
  const wide = await call(tools, "read_file", { path: "wide.csv" });
  assert.ok(wide.content.length < 17_500, String(wide.content.length));
  assert.match(wide.content, /more lines; continue with offset 11\]$/);
});
