import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { tempFolder } from "../../test/helpers.ts";
import type { Sandbox } from "../sandbox/index.ts";
import { nodeLoader, Packages } from "./folder.ts";
import { managerNamed, sourceOf } from "./managers.ts";
import { MANAGERS, wanted } from "./names.ts";

test("names and versions: plain names and exact versions, nothing that a manager reads otherwise", () => {
  const good: [string, string, string?][] = [
    ["pip", "requests"],
    ["pip", "ruamel.yaml", "0.18.6"],
    ["pip", "torch", "2.5.1+cpu"],
    ["pip", "x", "1!2.0rc1.post2.dev3"],
    ["npm", "ms", "2.1.3"],
    ["npm", "@types/node", "24.0.0-beta.1"],
    ["go", "example.org/x/text", "v0.21.0"],
    ["go", "example.in/yaml.v3", "v3.0.1"],
    ["go", "example.org/a/b", "v2.0.0+incompatible"],
    ["npm", "ms", "latest"],
  ];
  for (const [manager, name, version] of good) assert.equal(wanted(manager, name, version).name, name);
  const bad: [string, string, string?][] = [
    ...[
      "",
      "-r",
      "--index-url=http://x",
      "../x",
      "/etc/x",
      "x y",
      "x;y",
      "x[extra]",
      "x==1",
      "x@http://h/x",
      "git+https://h/x",
      "http://h/x.whl",
      "x.whl",
      "x\n-r",
      "ｘ",
      "x".repeat(200),
    ].map((name): [string, string] => ["pip", name]),
    ...[
      "-g",
      "user/repo",
      "github:user/repo",
      "file:../x",
      "./x",
      "@scope",
      "@/x",
      "@a/../b",
      "x.tgz",
      "X",
      "a@b",
      "npm:x@1",
      "http://h/x.tgz",
      "@a/b/c",
    ].map((name): [string, string] => ["npm", name]),
    ...[
      "fmt",
      "./...",
      "-v",
      "example.org/../x",
      "example.org/x@v1",
      "example.org//x",
      "https://h/x",
      "example.org/x/.git",
      "localhost/x",
      "example.org/-x",
    ].map((name): [string, string] => ["go", name]),
    ["pip", "x", ">=1"],
    ["pip", "x", "1.0 --pre"],
    ["pip", "x", "*"],
    ["npm", "x", "^1.0.0"],
    ["npm", "x", "1.x"],
    ["npm", "x", "file:y"],
    ["go", "example.org/x", "master"],
    ["go", "example.org/x", "v1"],
    ["cargo", "x"],
  ];
  for (const [manager, name, version] of bad)
    assert.throws(
      () => wanted(manager, name, version),
      { name: "ToolError" },
      `${manager} ${name} ${version}`,
    );
  fc.assert(
    fc.property(
      fc.constantFrom(...MANAGERS),
      fc.string({ unit: "binary", maxLength: 40 }),
      (manager, name) => {
        try {
          assert.match(wanted(manager, name).name, /^[@A-Za-z0-9][A-Za-z0-9._~/-]*$/);
        } catch (error) {
          assert.equal(error instanceof Error && error.name, "ToolError");
        }
      },
    ),
  );
});

test("where packages come from: the manager's own setting, without the passwords in it", () => {
  const source = sourceOf("pip", ["https://me:secret@mirror.example.org/simple/"], ["files.example.org"]);
  assert.deepEqual(source, {
    urls: ["https://mirror.example.org/simple/"],
    hosts: ["mirror.example.org", "files.example.org"],
  });
  for (const urls of [[], ["direct", "off"], ["file:///x"]])
    assert.throws(() => sourceOf("go", urls), /fetch from nowhere/);
});

test("each workspace has packages of its own; what is not there is not shown", () => {
  using state = tempFolder();
  const packages = new Packages(state.path, "/w");
  assert.notEqual(packages.root, new Packages(state.path, "/w2").root);
  assert.ok(packages.root.startsWith(join(state.path, "packages/")));
  assert.deepEqual(packages.shown(), {});
  assert.deepEqual([packages.python, packages.node, packages.go], [undefined, undefined, undefined]);
  const pip = packages.prepare("pip");
  assert.equal(packages.python, undefined, "nothing was installed yet");
  mkdirSync(join(pip, "lib"));
  const shown = packages.shown();
  assert.deepEqual(shown.show, { [packages.root]: packages.root });
  assert.deepEqual(shown.env, { PYTHONPATH: join(pip, "lib") });
  const go = packages.prepare("go");
  assert.equal(readFileSync(join(go, "go.mod"), "utf8"), "module sandbox\n");
  assert.equal(packages.go, undefined, "nothing was installed yet");
  writeFileSync(join(go, "go.sum"), "");
  writeFileSync(join(go, "go.mod"), "module sandbox\nrequire x v1.0.0\n");
  packages.prepare("go");
  assert.match(readFileSync(join(go, "go.mod"), "utf8"), /require x/, "what was installed stays");
  assert.equal(packages.go, go);
});

test("the managers' words: one package, no scripts, the proxy, and the name last", () => {
  using state = tempFolder();
  const sandbox: Sandbox = {
    name: "test",
    python: "/usr/bin/python3",
    level: () => Promise.reject(new Error("not asked")),
    run: () => Promise.reject(new Error("not run")),
  };
  const source = { urls: ["https://mirror.example.org/"], hosts: ["mirror.example.org"] };
  const words = (name: "pip" | "npm" | "go") => {
    const made = managerNamed(name, state.path, sandbox).install(
      wanted(name, name === "go" ? "example.org/x" : "x"),
      "/p",
      source,
    );
    return { argv: made.pipeline[0]!.argv, env: made.env ?? {}, show: made.show ?? {} };
  };
  const pip = words("pip").argv;
  for (const word of ["--isolated", "--no-input", "--only-binary=:all:", "http://127.0.0.1:3128", "/p/lib"])
    assert.ok(pip.includes(word), word);
  assert.equal(pip.at(-1), "x");
  const npm = words("npm");
  for (const word of [
    "--ignore-scripts",
    "--registry=https://mirror.example.org/",
    "--https-proxy=http://127.0.0.1:3128",
  ])
    assert.ok(npm.argv.includes(word), word);
  assert.deepEqual(npm.argv.slice(-2), ["--", "x@latest"]);
  if (!existsSync("/usr/local/go/bin/go")) return;
  const go = words("go");
  assert.deepEqual(go.argv, ["go", "get", "example.org/x@latest"]);
  assert.equal(go.env["GOPROXY"], "https://mirror.example.org/");
  assert.equal(go.env["GOTOOLCHAIN"], "local");
});

test("modules of Node are found from anywhere, their own before ours, and a missing one is told", async () => {
  using dir = tempFolder({
    "p/node_modules/hearth-a/index.js": "module.exports = 'a'",
    "p/node_modules/hearth-a/package.json": "{}",
  });
  mkdirSync(join(dir.path, "w"));
  const { spawnSync } = await import("node:child_process");
  const run = (code: string) =>
    spawnSync(
      process.execPath,
      ["--import", nodeLoader(join(dir.path, "p/node_modules")), "--input-type=module", "-e", code],
      {
        cwd: join(dir.path, "w"),
        encoding: "utf8",
      },
    );
  assert.equal(run("import a from 'hearth-a'; console.log(a, require('hearth-a'))").stdout, "a a\n");
  assert.match(
    run("import 'hearth-b'").stderr,
    /There is no package 'hearth-b' here; install_package adds one/,
  );
  assert.match(run("import './x.js'").stderr, /ERR_MODULE_NOT_FOUND/);
});
