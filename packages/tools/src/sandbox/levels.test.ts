import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tempFolder } from "../../test/helpers.ts";
import { grants, rulesetBytes, writable } from "./landlock.ts";
import { findSandbox, LEVELS } from "./level.ts";
import { quarantine, scanProtected } from "./protected.ts";
import { files } from "./runtime.ts";
import { scopeArgv, works } from "./scope.ts";
import { seatbeltArgv, seatbeltProfile } from "./seatbelt.ts";
import { runFilter, seccompFilter } from "./seccomp.ts";
import { unmounted } from "./unmounted.ts";

const DEEP = {
  "src/main.ts": "",
  ".bashrc": "",
  ".git/HEAD": "",
  ".git/hooks/": "",
  ".git/config": "",
  "sub/.git/hooks/pre-commit.sample": "",
  "sub/.git/config": "",
  "sub/deep/er/.vscode/settings.json": "",
  "worktree/.git": "gitdir: ../.git/worktrees/w\n",
  "bare/HEAD": "",
  "bare/objects/": "",
  "bare/refs/": "",
  "bare/hooks/": "",
  "node_modules/x/.npmrc": "",
};

test("what others run later is found at any depth, git's own parts by name, and folders of git are held in place", () => {
  using dir = tempFolder(DEEP);
  const { readOnly, pinned, complete } = scanProtected(dir.path);
  assert.deepEqual([...readOnly].sort(), [
    ".bashrc",
    ".git/config",
    ".git/hooks",
    "bare/hooks",
    "node_modules/x/.npmrc",
    "sub/.git/config",
    "sub/.git/hooks",
    "sub/deep/er/.vscode",
    "worktree/.git",
  ]);
  assert.deepEqual([...pinned].sort(), [".git", "sub/.git"]);
  assert.equal(complete, true);
  assert.equal(scanProtected(dir.path, 5).complete, false, "a bound is kept, and said");
});

test("what was made, replaced or moved in meanwhile is moved away; what was there stays", () => {
  const changes: [name: string, change: (path: string) => void, moved: string[]][] = [
    ["nothing", () => undefined, []],
    ["a start file below", (path) => writeFileSync(join(path, "src/.envrc"), "x"), ["src/.envrc"]],
    [
      "a new repository",
      (path) => mkdirSync(join(path, "src/.git/hooks"), { recursive: true }),
      ["src/.git"],
    ],
    [
      "a part of git that was missing",
      (path) => writeFileSync(join(path, ".git/config.worktree"), "x"),
      [".git/config.worktree"],
    ],
    [
      "another folder in git's place",
      (path) => {
        renameSync(join(path, "sub/.git"), join(path, "sub/old"));
        mkdirSync(join(path, "sub/.git/hooks"), { recursive: true });
      },
      ["sub/.git"],
    ],
    ["a folder moved with its repository", (path) => renameSync(join(path, "sub"), join(path, "moved")), []],
    [
      "a file replaced by another",
      (path) => {
        writeFileSync(join(path, "x"), "evil");
        renameSync(join(path, "x"), join(path, ".bashrc"));
      },
      [".bashrc"],
    ],
    [
      "a repository without a working folder",
      (path) => {
        for (const name of ["objects", "refs", "hooks"])
          mkdirSync(join(path, "src/new", name), { recursive: true });
        writeFileSync(join(path, "src/new/HEAD"), "");
      },
      ["src/new/hooks"],
    ],
  ];
  for (const [name, change, moved] of changes) {
    using dir = tempFolder(DEEP);
    const before = scanProtected(dir.path);
    change(dir.path);
    const lines = quarantine(dir.path, before);
    assert.deepEqual(
      lines.map((line) => line.split(" ")[0]),
      moved,
      name,
    );
    for (const path of moved) assert.throws(() => statSync(join(dir.path, path)), name);
    assert.deepEqual(quarantine(dir.path, before), [], `${name}: once`);
  }
});

test("a workspace that is too large to search is said, and nothing older than the run is touched", () => {
  using dir = tempFolder({ "a/.envrc": "old" });
  const before = { ...scanProtected(dir.path, 1), at: Date.now() + 60_000 };
  assert.equal(before.complete, false);
  assert.deepEqual(quarantine(dir.path, before), []);
  assert.equal(readFileSync(join(dir.path, "a/.envrc"), "utf8"), "old");
});

test("many files that are moved away are told in few lines", () => {
  using dir = tempFolder({ "a.txt": "" });
  const before = scanProtected(dir.path);
  for (let at = 0; at < 30; at++) {
    mkdirSync(join(dir.path, `d${at}`));
    writeFileSync(join(dir.path, `d${at}/.envrc`), "");
  }
  const lines = quarantine(dir.path, before);
  assert.equal(lines.length, 11);
  assert.equal(lines.at(-1), "20 more were moved to names ending in .quarantined.");
  assert.deepEqual(scanProtected(dir.path).readOnly, []);
});

test("Landlock's ruleset grows with its version", () => {
  assert.equal(rulesetBytes(3).toString("hex"), "ff7f000000000000");
  assert.equal(rulesetBytes(4).toString("hex"), "ff7f0000000000000300000000000000");
  assert.equal(rulesetBytes(7).toString("hex"), "ffff00000000000003000000000000000300000000000000");
});

test("Landlock's grants: reading of the listed, writing below the workspace except beside what is guarded", () => {
  using dir = tempFolder(DEEP);
  using scratch = tempFolder();
  const read = grants({ workspace: dir.path }, scratch.path, [process.execPath]);
  const paths = read.map(({ path }) => path);
  assert.ok(paths.includes("/usr") && paths.includes(dir.path) && paths.includes(process.execPath));
  assert.ok(!paths.some((path) => ["/", "/home", "/root", "/etc", "/proc", "/tmp", "/dev"].includes(path)));
  const writes = read.filter(({ rights }) => (rights & 2) !== 0).map(({ path }) => path);
  assert.ok(
    writes.every((path) => path === scratch.path || path.startsWith("/dev/")),
    writes.join(),
  );
  const free = writable(dir.path, scanProtected(dir.path)).map(({ path }) => path.slice(dir.path.length + 1));
  assert.ok(free.includes("src") && free.includes(".git/HEAD"));
  for (const path of ["", "sub", "sub/.git", ".git", ".git/hooks", ".bashrc", "sub/deep/er/.vscode", "bare"])
    assert.ok(!free.includes(path), path);
});

test("the filter that stands alone refuses what Landlock does not see", () => {
  const filter = seccompFilter("x64", true)!;
  const on = (number: number, ...args: number[]) => runFilter(filter, { arch: 0xc000003e, number, args });
  const [allow, eperm, family] = [0x7fff0000, 0x00050001, 0x00050061];
  const cases: [string, number, number[], number][] = [
    ["chmod", 90, [], eperm],
    ["fchmod of what could be opened", 91, [], allow],
    ["utimensat of a name", 280, [0, 0x7fff_0000_1000], eperm],
    ["utimensat of a name at 4 GB", 280, [0, 0x1_0000_0000], eperm],
    ["utimensat of a descriptor", 280, [3, 0], allow],
    ["prlimit64 of another", 302, [4711], eperm],
    ["prlimit64 of itself", 302, [0], allow],
    ["setsid", 112, [], eperm],
    ["shmget", 29, [], eperm],
    ["socket AF_INET", 41, [2], family],
    ["socket AF_UNIX", 41, [1], family],
    ["unshare", 272, [], eperm],
    ["read", 0, [], allow],
    ["clone", 56, [0x01200011], allow],
  ];
  for (const [name, number, args, expected] of cases) assert.equal(on(number, ...args), expected, name);
});

test("macOS: the profile denies by default, lists what may be read, and takes the guarded back last", () => {
  using dir = tempFolder({ ".git/hooks/": "", 'od"d\\/.envrc': "" });
  const guard = scanProtected(dir.path);
  const profile = seatbeltProfile({
    workspace: dir.path,
    writable: true,
    scratch: "/private/tmp/s",
    readable: ["/node"],
    guard,
  });
  const lines = profile.trim().split("\n");
  assert.deepEqual(lines.slice(0, 2), ["(version 1)", "(deny default)"]);
  assert.ok(lines.includes("(deny network*)") && lines.includes(`(allow file-read* (subpath "/node"))`));
  assert.ok(!/\(allow (?:default|network|mach|file-write\* \(subpath "\/"\))/.test(profile));
  assert.ok(!/\(allow file-read\* \(subpath "(?:\/|\/Users|\/private\/etc|\/private)"\)/.test(profile));
  const write = lines.indexOf(`(allow file-write* (subpath "${dir.path}"))`);
  assert.ok(write > 0 && lines.indexOf(`(deny file-write* (subpath "${dir.path}/.git/hooks"))`) > write);
  assert.ok(
    profile.includes(`(deny file-write* (subpath "${dir.path}/od\\"d\\\\/.envrc"))`),
    "names are quoted",
  );
  assert.ok(lines.includes(`(deny file-write-unlink (literal "${dir.path}/.git"))`));
  const plain = seatbeltProfile({ workspace: dir.path, scratch: "/s", readable: [] });
  assert.ok(!plain.includes(`(allow file-write* (subpath "${dir.path}"))`));
  const words = seatbeltArgv(
    profile,
    { argv: ["ls", "; rm -rf /"], env: { HOME: "/s" } },
    { fileMb: 100, timeoutMs: 60_000 },
  );
  assert.deepEqual(words.slice(2, 5), ["/usr/bin/env", "-i", "HOME=/s"]);
  assert.match(words.at(-4) ?? "", /^ulimit -c 0; ulimit -f 204800; ulimit -t 61; .*exec "\$@"$/);
  assert.deepEqual(words.slice(-3), ["sh", "ls", "; rm -rf /"], "words stay words");
});

test("a scope of systemd: limits of the whole run, an empty environment, and only where it was seen to work", () => {
  const scope = { file: "/usr/bin/systemd-run", words: ["--user"], env: { XDG_RUNTIME_DIR: "/run/user/1" } };
  const words = scopeArgv(scope, { memoryMb: 512, processes: 64 }, "/usr/bin/bwrap", ["--", "ls"]);
  for (const word of [
    "--user",
    "--scope",
    "--collect",
    "--property=MemoryMax=512M",
    "--property=MemorySwapMax=0",
    "--property=TasksMax=80",
  ])
    assert.ok(words.includes(word), word);
  assert.deepEqual(words.slice(words.indexOf("--")), [
    "--",
    "/usr/bin/env",
    "-i",
    "/usr/bin/bwrap",
    "--",
    "ls",
  ]);
  const program = (script: string) => {
    const dir = tempFolder({ "systemd-run": `#!/bin/sh\n${script}\n` });
    chmodSync(join(dir.path, "systemd-run"), 0o755);
    return dir;
  };
  const cases: [string, string, boolean][] = [
    [
      "does what it is told",
      'while [ "$1" != -- ]; do shift; done; shift 3; echo 67108864; echo 67108864 >&3',
      true,
    ],
    ["sets no limit", "echo max; echo max >&3", false],
    ["loses the descriptor of the filter", "echo 67108864", false],
    ["reaches no systemd", "echo Failed to connect to bus >&2; exit 1", false],
  ];
  for (const [name, script, expected] of cases) {
    using dir = program(script);
    assert.equal(works({ file: join(dir.path, "systemd-run"), words: [], env: {} }), expected, name);
  }
});

test("a level is taken only where it is there; a named one that is missing is an error, never a weaker one", () => {
  using dir = tempFolder();
  const missing = LEVELS.filter((level) => level === "seatbelt" && process.platform !== "darwin");
  for (const level of missing)
    assert.throws(() => findSandbox(dir.path, { level }), {
      name: "UsageError",
      message: /"seatbelt" was asked for/,
    });
});

test("without mounts things are where they are; showing them elsewhere is refused", () => {
  const request = {
    workspace: "/w",
    cwd: "a",
    path: ["/run/hearth/bin"],
    show: { [process.execPath]: "/run/hearth/bin/node" },
  };
  const program = unmounted("L1b", ["/run/hearth/bin/node", "/run/hearth/bin/node"], request, "/s");
  assert.deepEqual(program.argv, [process.execPath, "/run/hearth/bin/node"]);
  assert.equal(program.cwd, "/w/a");
  assert.equal(program.env["TMPDIR"], "/s");
  assert.throws(
    () => unmounted("L1b", ["x"], { workspace: "/w", show: { "/a": "/b" } }, "/s"),
    /can't show \/a/,
  );
});

test("sandbox-runtime is told what bubblewrap would be: nothing but the listed, what is guarded denied again", () => {
  using dir = tempFolder({ ".git/hooks/": "" });
  const told = files({ workspace: dir.path, writable: true }, ["/node"], "/s");
  assert.deepEqual(told.denyRead, ["/"]);
  assert.deepEqual(
    told.allowWrite.map(({ path }) => path),
    [dir.path, "/s"],
  );
  assert.ok(told.denyWrite.some(({ path }) => path === `${dir.path}/.git/hooks`));
  assert.ok([...told.allowRead, ...told.allowWrite, ...told.denyWrite].every(({ literal }) => literal));
  assert.deepEqual(
    files({ workspace: dir.path }, [], "/s").allowWrite.map(({ path }) => path),
    ["/s"],
  );
  rmSync(join(dir.path, ".git"), { recursive: true });
});
