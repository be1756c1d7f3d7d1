import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { ToolError } from "hearth";
import { tempFolder } from "../../test/helpers.ts";
import { explainWalk, nearest, parsePath, showBytes, showName, teach, Workspace } from "./index.ts";

const ROOT = ["/workspace"];

test("paths that lead out, or mean something else than they seem, are refused by their words", () => {
  const bad = [
    "..",
    "../x",
    "a/../../x",
    "/",
    "/etc/passwd",
    "/workspace/..",
    "/workspace/../etc/passwd",
    "/workspace-evil/x",
    "/WORKSPACE/f.txt",
    "/proc/self/root/etc/passwd",
    "file:///etc/passwd",
    "https://example.com/x",
    "~",
    "~/.ssh/id_rsa",
    "~root/x",
    "f.txt\0.png",
    "sub\\..\\..\\etc\\passwd",
    "\\\\?\\C:\\Windows\\win.ini",
    "C:/Windows/win.ini",
    "CON",
    "sub/NUL",
    "COM1",
    "nul",
    "LPT1.txt",
    "AUX",
    "%2e%2e/etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "\uff0e\uff0e/etc/passwd",
    "a\uff0f..\uff0fb",
    "\u202efdp.exe",
    "a\nb",
    "f.txt::$DATA",
    "a/".repeat(3000),
    "x".repeat(256),
  ];
  for (const path of bad) {
    const parsed = parsePath(path, ROOT, "linux");
    assert.ok(
      "fault" in parsed && parsed.fault !== "" && parsed.remedy !== "",
      JSON.stringify(path).slice(0, 60),
    );
    assert.ok(parsed.fault.length < 200);
  }
});

test("paths inside are taken as parts", () => {
  const good: [string, string[]][] = [
    ["", []],
    [".", []],
    ["./", []],
    ["f.txt", ["f.txt"]],
    ["./sub//a.txt", ["sub", "a.txt"]],
    ["/workspace", []],
    ["/workspace/", []],
    ["/workspace/sub/a.txt", ["sub", "a.txt"]],
    ["sub/../f.txt", ["sub", "..", "f.txt"]],
    ["..foo/bar.txt", ["..foo", "bar.txt"]],
    ["a..b", ["a..b"]],
    ["./~draft", ["~draft"]],
    ["~$letter.docx", ["~$letter.docx"]],
    ["12:30.log", ["12:30.log"]],
    ["aux.c", ["aux.c"]],
    ["aux/x.tex", ["aux", "x.tex"]],
    ["100%.txt", ["100%.txt"]],
    ["-rf", ["-rf"]],
  ];
  for (const [path, parts] of good) assert.deepEqual(parsePath(path, ROOT, "linux"), { parts }, path);
});

test("Windows: streams, devices, trailing dots, drives", () => {
  const roots = ["C:\\work"];
  for (const path of [
    "a.txt:x",
    "aux.c",
    "nul",
    "a.",
    "D:\\x",
    "C:\\worker\\x",
    "..\\x",
    "\\\\server\\share",
  ]) {
    assert.ok("fault" in parsePath(path, roots, "win32"), path);
  }
  assert.deepEqual(parsePath("c:\\WORK\\a\\b.txt", roots, "win32"), { parts: ["a", "b.txt"] });
});

test("whatever the text: a path that is taken never climbs above the root", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("..", ".", "a", "b", "", "/", "workspace", "/workspace")),
      (words) => {
        const parsed = parsePath(words.join("/"), ROOT, "linux");
        if ("fault" in parsed) return;
        let depth = 0;
        for (const part of parsed.parts) {
          depth += part === ".." ? -1 : 1;
          assert.ok(depth >= 0 && part !== "." && part !== "" && !part.includes("/"));
        }
      },
    ),
  );
});

function refusal(workspace: Workspace, path: string, wanted: "file" | "folder" = "file"): string {
  try {
    if (wanted === "file") workspace.openFile(path)[Symbol.dispose]();
    else workspace.openFolder(path)[Symbol.dispose]();
  } catch (error) {
    const told = explainWalk(error, workspace, wanted);
    assert.ok(told instanceof ToolError, String(told));
    return teach(told);
  }
  assert.fail(`${path} was opened`);
}

test("links, special files and hard links are refused, each by its name", () => {
  using outside = tempFolder({ secret: "s" });
  using dir = tempFolder({
    "f.txt": "hello",
    "sub/a.txt": "a",
    link_file: `-> ${outside.path}/secret`,
    link_dir: `-> ${outside.path}`,
    link_up: "-> ..",
    dangling: `-> ${outside.path}/none`,
    "sub/inner": "-> ../f.txt",
  });
  execFileSync("mkfifo", [join(dir.path, "fifo")]);
  linkSync(join(outside.path, "secret"), join(dir.path, "hard"));
  const workspace = new Workspace(dir.path);
  for (const path of ["link_file", "link_dir/secret", "link_up/secret", "dangling", "link_dir/../f.txt"]) {
    assert.match(refusal(workspace, path), /is a link, and links are not followed/, path);
  }
  assert.match(refusal(workspace, "link_dir", "folder"), /is a link/);
  assert.match(refusal(workspace, "sub/inner"), /It points to "f.txt"/);
  assert.match(refusal(workspace, "fifo"), /device, pipe or socket/);
  assert.match(refusal(workspace, "hard"), /hard link/);
  assert.match(refusal(workspace, "sub"), /is a folder, not a file\. Use list_files/);
  assert.match(refusal(workspace, "f.txt/x"), /is a file, not a folder/);
  assert.match(refusal(workspace, "f.txt", "folder"), /is a file, not a folder\. Use read_file/);
  using taken = workspace.openFile("hard", { hardLinks: true });
  assert.equal(taken.path, "hard");
  using plain = workspace.openFile("sub/../f.txt");
  assert.equal(plain.path, "f.txt");
  using absolute = workspace.openFile(join(dir.path, "sub/a.txt"));
  assert.equal(absolute.path, "sub/a.txt");
});

test("a missing name is answered with the nearest ones", () => {
  using dir = tempFolder({ "src/main.ts": "", "src/maps.ts": "", "README.md": "", "empty/": "" });
  const workspace = new Workspace(dir.path);
  assert.match(
    refusal(workspace, "src/mian.ts"),
    /There is no "src\/mian.ts" in the workspace\. Nearest: "src\/main.ts"/,
  );
  assert.match(refusal(workspace, "scr/main.ts"), /Nearest: "src"/);
  assert.match(refusal(workspace, "readme"), /Nearest: "README.md"/);
  assert.match(refusal(workspace, "zzzzzzzzzzzz"), /In the workspace there is "README.md", "empty", "src"/);
  assert.match(refusal(workspace, "empty/x"), /The folder "empty" is empty/);
  assert.match(
    refusal(workspace, "/src/main.ts"),
    /outside the workspace\. In the workspace there is "src\/main.ts"/,
  );
  assert.match(refusal(workspace, "/", "folder"), /The workspace itself is "\."/);
});

test("a workspace that is a link, or ends with a slash, is known by both names", () => {
  using dir = tempFolder({ "real/a.txt": "a", alias: "-> real" });
  const workspace = new Workspace(`${dir.path}/alias/`);
  assert.equal(workspace.root, join(dir.path, "real"));
  for (const path of ["a.txt", `${dir.path}/alias/a.txt`, `${dir.path}/real/a.txt`]) {
    using file = workspace.openFile(path);
    assert.equal(file.path, "a.txt");
  }
  assert.throws(() => new Workspace(join(dir.path, "none")), /can't be opened/);
  assert.throws(() => new Workspace(join(dir.path, "real/a.txt")), /is not a folder/);
});

test("no descriptor is left open, whatever the way out", () => {
  using dir = tempFolder({ "a/b/c/f.txt": "x", link: "-> a" });
  const workspace = new Workspace(dir.path);
  // Only those into this folder: other tests of the same process have descriptors of their own.
  const count = () =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(dir.path);
      } catch {
        return false;
      }
    }).length;
  if (process.platform !== "linux") return;
  const before = count();
  for (let round = 0; round < 50; round++) {
    for (const path of ["a/b/c/f.txt", "a/../a/b", "a/b/none/x", "link/b", "a/b/c/f.txt/x", "../x"]) {
      try {
        workspace.openFile(path)[Symbol.dispose]();
      } catch {
        // Refused: that is the way out looked at here.
      }
      try {
        workspace.openFolder(path)[Symbol.dispose]();
      } catch {
        // As above.
      }
    }
  }
  assert.equal(count(), before);
});

test("names are shown without control, invisible and direction characters", () => {
  assert.equal(showName("a\nb\u202ec\u200b\x1b[31m"), "a\\u{a}b\\u{202e}c\\u{200b}\\u{1b}[31m");
  assert.equal(showName("größe 日本.txt"), "größe 日本.txt");
});

test("sizes and nearest names", () => {
  const sizes: [number, string][] = [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KB"],
    [1048575, "1.0 MB"],
    [3 * 1024 * 1024, "3.0 MB"],
    [1.5 * 1024 ** 4, "1.5 TB"],
  ];
  for (const [bytes, text] of sizes) assert.equal(showBytes(bytes), text);
  assert.deepEqual(nearest("read_flie", ["read_file", "list_files"]), ["read_file"]);
  assert.deepEqual(nearest("x", ["read_file", "list_files"]), []);
});

test("a deep tree and a name of 255 bytes are walked", () => {
  using dir = tempFolder();
  let path = "";
  for (let depth = 0; depth < 60; depth++) path += "d/";
  mkdirSync(join(dir.path, path), { recursive: true });
  writeFileSync(join(dir.path, path, "x".repeat(255)), "x");
  using file = new Workspace(dir.path).openFile(path + "x".repeat(255));
  assert.equal(file.stat.size, 1);
});
