import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { findSandbox, LEVELS, type LevelName, type SandboxLevel } from "../src/sandbox/index.ts";
import { tempFolder } from "./helpers.ts";

/** Ways out that an attacker inside would try; each tells whether it reached something. Numbers of system calls are those of x86-64. */
const BATTERY = String.raw`
import ctypes, errno, json, os, socket, struct, sys
given = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
out = {}
def probe(name):
    def run(work):
        try:
            value = work()
            out[name] = "reached" if value is None or value is True else "held: " + str(value)
        except BaseException as error:
            out[name] = "held: " + type(error).__name__ + " " + str(error)[:80]
    return run
def call(number, *args):
    if libc.syscall(number, *args) == -1:
        code = ctypes.get_errno()
        raise OSError(code, errno.errorcode.get(code, "?"))
def read(path):
    with open(path, "rb") as file: file.read(1)
def write(path):
    with open(path, "w") as file: file.write("x")
def connect(family, where, kind=socket.SOCK_STREAM):
    s = socket.socket(family, kind); s.settimeout(1); s.connect(where)
buffer = ctypes.create_string_buffer(4096)
probe("read the users' list")(lambda: read("/etc/passwd"))
probe("read the passwords")(lambda: read("/etc/shadow"))
probe("list root's home")(lambda: os.listdir("/root") and None)
probe("list the user's home")(lambda: os.listdir(given["home"]) and None)
probe("write the system")(lambda: write("/usr/escape"))
probe("write the root")(lambda: write("/escape"))
probe("write the workspace, read only")(lambda: write(given["workspace"] + "/escape"))
probe("make a device")(lambda: os.mknod(os.environ["TMPDIR"] + "/dev", 0o600 | 0o020000, os.makedev(1, 3)))
probe("see other processes")(lambda: None if any(p.isdigit() and given["runtime"] in open("/proc/" + p + "/cmdline").read() for p in os.listdir("/proc")) else "own only")
probe("the root of pid 1")(lambda: None if os.path.exists("/proc/1/root/etc/shadow") else "not there")
probe("the environment of pid 1")(lambda: None if given["canary"].encode() in open("/proc/1/environ", "rb").read() else "empty")
probe("signal the runtime")(lambda: os.kill(given["pid"], 0))
probe("this machine's ports")(lambda: connect(socket.AF_INET, ("127.0.0.1", given["port"])))
probe("the outside by TCP")(lambda: connect(socket.AF_INET, ("1.1.1.1", 53)))
probe("the outside by UDP")(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("1.1.1.1", 53)) and None)
probe("local sockets")(lambda: connect(socket.AF_UNIX, given["socket"]))
probe("abstract sockets")(lambda: connect(socket.AF_UNIX, "\0hearth-escape"))
probe("virtual machine sockets")(lambda: socket.socket(40, socket.SOCK_STREAM) and None)
probe("raw packets")(lambda: socket.socket(17, socket.SOCK_RAW) and None)
probe("netlink")(lambda: socket.socket(16, socket.SOCK_RAW) and None)
probe("new user namespace")(lambda: call(272, 0x10000000))
probe("new mount namespace")(lambda: call(272, 0x00020000))
probe("clone with a user namespace")(lambda: call(56, 0x10000011, 0, 0, 0, 0))
probe("clone3")(lambda: call(435, buffer, 88))
probe("mount")(lambda: call(165, b"none", b"/tmp", b"tmpfs", 0, None))
probe("chroot")(lambda: call(161, b"/tmp"))
probe("io_uring")(lambda: call(425, 4, buffer))
probe("keyctl")(lambda: call(250, 0, -3, 0))
probe("bpf")(lambda: call(321, 0, buffer, 120))
probe("perf_event_open")(lambda: call(298, buffer, 0, -1, -1, 0))
probe("userfaultfd")(lambda: call(323, 0))
probe("ptrace")(lambda: call(101, 0, 0, 0, 0))
probe("open by handle")(lambda: call(304, -100, buffer, 0))
probe("the terminal")(lambda: call(16, 0, 0x5412, b"x"))
probe("kernel messages")(lambda: call(103, 2, buffer, 10))
probe("kernel settings")(lambda: write("/proc/sys/kernel/hostname"))
def privileges():
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    has = lambda name: int(status[name].strip(), 16) != 0
    if has("CapEff") or has("CapPrm") or (has("CapBnd") and status["NoNewPrivs"].strip() != "1"): return None
    return "none"
probe("privileges")(privileges)
probe("change the mode of a file outside")(lambda: os.chmod(given["outside"], 0o600))
probe("change the times of a file outside")(lambda: os.utime(given["outside"], (1, 1)))
probe("empty a file outside")(lambda: os.truncate(given["outside"], 0))
probe("limits of the runtime")(lambda: call(302, given["pid"], 7, buffer, 0))
probe("set-user-id")(lambda: "already" if os.getuid() == 0 else os.setuid(0))
probe("secrets in the environment")(lambda: None if any(k.startswith("HEARTH") or k.endswith(("TOKEN", "KEY")) for k in os.environ) else "clean")
probe("a hard link out")(lambda: os.link("/usr/bin/env", os.environ["TMPDIR"] + "/env"))
probe("own /tmp (allowed)")(lambda: write(os.environ["TMPDIR"] + "/own"))
probe("memfd (allowed)")(lambda: os.memfd_create("x") and None)
print(json.dumps(out))
`;

export interface Battery {
  level: SandboxLevel;
  /** Probe → what came of it: "reached", or "held: why". */
  outcome: Record<string, string>;
}

/** Runs the battery in the sandbox of this machine as the user of this process; undefined where there is no sandbox. */
export async function escapeBattery(level: LevelName = "system"): Promise<Battery | undefined> {
  using dir = tempFolder({ "f.txt": "x" });
  using elsewhere = tempFolder({ file: "outside" });
  const sandbox = findSandbox(dir.path, { level });
  if (sandbox === undefined) return undefined;
  process.env["HEARTH_CANARY"] = "canary-7f3a";
  const server = createServer((socket) => socket.destroy());
  const unix = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    await new Promise<void>((done) => unix.listen(`${dir.path}/socket`, done));
    const address = server.address();
    const given = {
      workspace: dir.path,
      home: homedir(),
      pid: process.pid,
      runtime: readFileSync("/proc/self/cmdline", "utf8"),
      outside: `${elsewhere.path}/file`,
      port: typeof address === "object" && address !== null ? address.port : 0,
      socket: `${dir.path}/socket`,
      canary: "canary-7f3a",
    };
    const result = await sandbox.run({
      workspace: dir.path,
      pipeline: [{ argv: ["/usr/bin/python3", "-I", "-c", BATTERY, JSON.stringify(given)] }],
    });
    const outcome: Record<string, string> = JSON.parse(result.stdout);
    return { level: await sandbox.level(), outcome };
  } finally {
    server.close();
    unix.close();
    delete process.env["HEARTH_CANARY"];
  }
}

/** What is reached although it should not be. */
export function escapes({ outcome }: Battery): string[] {
  return Object.entries(outcome)
    .filter(([name, text]) => text === "reached" && !name.endsWith("(allowed)"))
    .map(([name]) => name);
}

if (import.meta.main) {
  const level = LEVELS.find((name) => name === process.argv[2]);
  console.log(JSON.stringify((await escapeBattery(level)) ?? null));
}
