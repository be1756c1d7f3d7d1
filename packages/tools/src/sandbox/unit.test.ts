import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { tempFolder } from "../../test/helpers.ts";
import { bwrapArgv, findProgram } from "./bwrap.ts";
import { containerArgv, containerSandbox } from "./container.ts";
import { Output } from "./output.ts";
import { runPipeline } from "./run.ts";
import { runFilter, seccompFilter } from "./seccomp.ts";
import { Slots } from "./slots.ts";
import { LIMITS } from "./types.ts";

const X64 = 0xc000003e;
const ARM64 = 0xc00000b7;
const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const EAFNOSUPPORT = 0x00050061;

test("the filter of system calls refuses what it names and nothing else", () => {
  const x64 = seccompFilter("x64")!;
  const on = (number: number, ...args: number[]) => runFilter(x64, { arch: X64, number, args });
  const cases: [string, number, number[], number][] = [
    ["read", 0, [], ALLOW],
    ["execve", 59, [], ALLOW],
    ["mmap", 9, [], ALLOW],
    ["fork by clone", 56, [0x01200011], ALLOW],
    ["thread by clone", 56, [0x003d0f00], ALLOW],
    ["clone with a user namespace", 56, [0x10000011], EPERM],
    ["clone with a mount namespace", 56, [0x00020011], EPERM],
    ["clone with a network namespace", 56, [0x40000011], EPERM],
    ["clone3", 435, [], ENOSYS],
    ["unshare", 272, [0x10000000], EPERM],
    ["mount", 165, [], EPERM],
    ["chroot", 161, [], EPERM],
    ["io_uring_setup", 425, [], EPERM],
    ["keyctl", 250, [], EPERM],
    ["ptrace", 101, [], EPERM],
    ["bpf", 321, [], EPERM],
    ["userfaultfd", 323, [], EPERM],
    ["socket AF_UNIX", 41, [1], EAFNOSUPPORT],
    ["socket AF_INET", 41, [2], ALLOW],
    ["socket AF_INET6", 41, [10], ALLOW],
    ["socket AF_NETLINK", 41, [16], EAFNOSUPPORT],
    ["socket AF_PACKET", 41, [17], EAFNOSUPPORT],
    ["socket AF_VSOCK", 41, [40], EAFNOSUPPORT],
    ["socketpair", 53, [1], ALLOW],
    ["ioctl TIOCSTI", 16, [0, 0x5412], EPERM],
    ["ioctl TIOCLINUX", 16, [0, 0x541c], EPERM],
    ["ioctl TCGETS", 16, [0, 0x5401], ALLOW],
    ["x32 read", 0x40000000, [], ENOSYS],
  ];
  for (const [name, number, args, expected] of cases) assert.equal(on(number, ...args), expected, name);
  assert.equal(
    runFilter(x64, { arch: 0x40000003, number: 0 }),
    0x80000000,
    "calls of another architecture kill",
  );
  const arm = seccompFilter("arm64")!;
  assert.equal(runFilter(arm, { arch: ARM64, number: 97 }), EPERM, "unshare");
  assert.equal(runFilter(arm, { arch: ARM64, number: 220, args: [0x10000000] }), EPERM, "clone");
  assert.equal(runFilter(arm, { arch: ARM64, number: 63 }), ALLOW, "read");
  assert.equal(seccompFilter("riscv64"), undefined);
});

test("bubblewrap's arguments: nothing of the machine but what is listed, read only unless asked", () => {
  using dir = tempFolder({
    ".git/hooks/x": "",
    ".git/config": "",
    ".bashrc": "",
    "src/a": "",
    ".vscode": "-> src",
  });
  const args = bwrapArgv({
    workspace: dir.path,
    cwd: "src",
    argv: ["ls"],
    limits: LIMITS,
    disableUserns: true,
    seccompFd: 3,
    prlimit: "/usr/bin/prlimit",
  });
  for (const word of [
    "--unshare-all",
    "--unshare-user",
    "--disable-userns",
    "--die-with-parent",
    "--new-session",
    "--clearenv",
  ]) {
    assert.ok(args.includes(word), word);
  }
  const after = (word: string, count = 2) =>
    args.slice(args.indexOf(word) + 1, args.indexOf(word) + 1 + count);
  assert.deepEqual(after("--cap-drop", 1), ["ALL"]);
  assert.deepEqual(after("--uid", 1), ["10001"]);
  assert.ok(!args.includes("--bind"), "nothing can be written");
  assert.ok(
    !args.some((word, at) => word === "--ro-bind" && args[at + 1] === "/"),
    "never the whole machine",
  );
  assert.deepEqual(after("--chdir", 1), [`${dir.path}/src`]);
  const command = args.slice(args.indexOf("--") + 1);
  assert.equal(command[0], "/usr/bin/prlimit");
  assert.deepEqual(command.slice(-2), ["--", "ls"]);
  assert.ok(command.includes("--nproc=64") && command.includes("--core=0"));
  const writable = bwrapArgv({
    workspace: dir.path,
    writable: true,
    argv: ["ls"],
    limits: LIMITS,
    disableUserns: false,
  });
  assert.ok(writable.includes("--bind") && !writable.includes("--disable-userns"));
  for (const path of [".git/hooks", ".git/config", ".bashrc"]) {
    assert.ok(
      writable.some((word, at) => word === "--ro-bind" && writable[at + 1] === `${dir.path}/${path}`),
      path,
    );
  }
});

test("bubblewrap is taken from PATH only outside the workspace, from absolute folders, and where not all may write it", () => {
  using dir = tempFolder({ "bin/tool": "#!/bin/sh\n" });
  using other = tempFolder({ tool: "#!/bin/sh\n", open: "#!/bin/sh\n" });
  chmodSync(`${dir.path}/bin/tool`, 0o755);
  chmodSync(`${other.path}/tool`, 0o755);
  chmodSync(`${other.path}/open`, 0o777);
  const path = `${dir.path}/bin:bin:.:${other.path}`;
  assert.equal(findProgram("tool", dir.path, path), `${other.path}/tool`);
  assert.equal(findProgram("tool", dir.path, `${dir.path}/bin`), undefined);
  assert.equal(findProgram("open", dir.path, path), undefined);
  assert.equal(findProgram("none", dir.path, path), undefined);
});

test("output: head and tail are kept, what is missing is counted, characters are never torn", () => {
  const output = new Output(20);
  for (const piece of ["0123456789", "abcdefghij", "KLMNOPQRST", "uvwxyz"]) output.push(Buffer.from(piece));
  assert.equal(output.text(), "0123456789\n[… 16 characters left out …]\nQRSTuvwxyz");
  assert.equal(output.truncated, true);
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.array(fc.integer({ min: 1, max: 9 })),
      (text, cuts) => {
        const one = new Output(10_000);
        const bytes = Buffer.from(text);
        let at = 0;
        for (const cut of cuts) {
          one.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        one.push(bytes.subarray(at));
        assert.equal(one.text(), bytes.toString());
      },
    ),
  );
});

test("slots: a bound at once, a bound that waits, a cancelled wait leaves the queue", async () => {
  const slots = new Slots(2, 2);
  const open: (() => void)[] = [];
  const job = () => slots.run(() => new Promise<string>((done) => open.push(() => done("done"))));
  const first = [job(), job(), job()];
  const controller = new AbortController();
  const cancelled = slots.run(async () => "never", controller.signal);
  await assert.rejects(job(), /2 programs run already and 2 wait/);
  controller.abort(new Error("changed my mind"));
  await assert.rejects(cancelled, /changed my mind/);
  assert.equal(open.length, 2);
  open.shift()?.();
  await first[0];
  await new Promise(setImmediate);
  assert.equal(open.length, 2, "the third started");
  for (const end of open) end();
  assert.deepEqual(await Promise.all(first), ["done", "done", "done"]);
  assert.equal(slots.used, 0);
});

test("the container level: its arguments take away what the daemon would give, and it is refused where it is missing", () => {
  const request = { workspace: "/w", cwd: "src", pipeline: [] };
  const args = containerArgv(["python3", "-c", "1"], LIMITS, request, "python:3-slim", "hearth-x");
  for (const word of [
    "--network=none",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--read-only",
    "--user=10001:10001",
    "--memory=512m",
    "--memory-swap=512m",
    "--pids-limit=64",
    "--ipc=none",
    "--pull=never",
    "--rm",
    "--workdir=/w/src",
    "--mount=type=bind,source=/w,target=/w,readonly",
  ]) {
    assert.ok(args.includes(word), word);
  }
  assert.ok(args.some((word) => word.startsWith("--cpus=")));
  assert.ok(!args.some((word) => /privileged|docker\.sock|--pid=host|--network=host|^-v/.test(word)));
  assert.deepEqual(args.slice(-4), ["--entrypoint=python3", "python:3-slim", "-c", "1"]);
  assert.ok(
    containerArgv(["x"], LIMITS, { ...request, writable: true }, "i", "n").includes(
      "--mount=type=bind,source=/w,target=/w",
    ),
  );
  const path = process.env["PATH"];
  process.env["PATH"] = "/nowhere";
  try {
    assert.throws(() => containerSandbox("/w"), { name: "UsageError", message: /no docker and no podman/ });
  } finally {
    process.env["PATH"] = path;
  }
});

test("a pipeline loses nothing to a launcher that takes its time", async () => {
  const result = await runPipeline(
    { workspace: "/", pipeline: [{ argv: ["/bin/echo", "kept"] }, { argv: ["/bin/cat"] }] },
    async ([file = "", ...args]) => {
      // Longer than the first program lives.
      if (file === "/bin/cat") await delay(100);
      return { file, args };
    },
    "none",
  );
  assert.equal(result.stdout, "kept\n");
});
