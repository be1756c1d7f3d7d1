import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Guard, scanProtected } from "./protected.ts";
import { type Launcher, type Sandbox, testedSandbox } from "./tested.ts";
import type { Confined } from "./types.ts";
import { unmounted } from "./unmounted.ts";

const SANDBOX_EXEC = "/usr/bin/sandbox-exec";

/** What programs of macOS need to start at all: libraries, frameworks, tools of the command line. */
const READABLE = [
  "/bin",
  "/sbin",
  "/usr/bin",
  "/usr/sbin",
  "/usr/lib",
  "/usr/libexec",
  "/usr/local",
  "/usr/share",
  "/opt/homebrew",
  "/System/Library",
  "/Library/Apple",
  "/Library/Developer/CommandLineTools",
  "/Library/Frameworks",
  "/private/etc/ssl",
  "/private/var/db/dyld",
  "/private/var/db/timezone",
  "/private/var/select",
];
const DEVICES = ["null", "zero", "random", "urandom"];

export interface SeatbeltPaths extends Pick<Confined, "workspace" | "writable"> {
  /** The private folder for temporary files. */
  scratch: string;
  readable: readonly string[];
  guard?: Guard;
}

/**
 * The profile for macOS's sandbox-exec: everything is denied but what is listed. Later rules win, so what is guarded is denied last. Paths
 * must be real ones: the kernel compares after following links.
 */
export function seatbeltProfile({ workspace, writable, scratch, readable, guard }: SeatbeltPaths): string {
  const lines = [
    "(version 1)",
    "(deny default)",
    // A program may start others and signal what is in its own sandbox; it sees no other process.
    "(allow process-exec)",
    "(allow process-fork)",
    "(allow signal (target same-sandbox))",
    "(allow process-info* (target same-sandbox))",
    "(allow sysctl-read)",
    // Names and sizes on the way to what may be read; programs resolve paths from the root.
    "(allow file-read-metadata)",
    '(allow file-read-data (literal "/"))',
    ...READABLE.map((path) => `(allow file-read* ${subpath(path)})`),
    ...readable.map((path) => `(allow file-read* ${subpath(path)})`),
    ...DEVICES.map((name) => `(allow file-read* file-write-data ${literal(`/dev/${name}`)})`),
    `(allow file-read* file-write* ${subpath(scratch)})`,
    `(allow file-read* ${subpath(workspace)})`,
  ];
  if (writable === true) {
    lines.push(`(allow file-write* ${subpath(workspace)})`);
    for (const path of guard?.readOnly ?? [])
      lines.push(`(deny file-write* ${subpath(join(workspace, path))})`);
    // A folder of git may be written below, but not moved aside.
    for (const path of guard?.pinned ?? [])
      lines.push(`(deny file-write-unlink ${literal(join(workspace, path))})`);
  }
  lines.push("(deny network*)", "(deny mach-lookup)", "(deny iokit-open)", "(deny file-link)");
  return `${lines.join("\n")}\n`;
}

const subpath = (path: string) => `(subpath ${text(path)})`;
const literal = (path: string) => `(literal ${text(path)})`;

/** A text of the profile's language (Scheme). */
function text(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** Words for sandbox-exec: an empty environment but for what the program gets, and the shell's own limits, for there is no prlimit. */
export function seatbeltArgv(
  profile: string,
  program: { argv: readonly string[]; env: Readonly<Record<string, string>> },
  limits: { fileMb: number; timeoutMs: number },
): string[] {
  const blocks = limits.fileMb * 2048;
  const seconds = Math.ceil(limits.timeoutMs / 1000) + 1;
  return [
    "-p",
    profile,
    "/usr/bin/env",
    "-i",
    ...Object.entries(program.env).map(([name, value]) => `${name}=${value}`),
    "/bin/sh",
    "-c",
    `ulimit -c 0; ulimit -f ${blocks}; ulimit -t ${seconds}; ulimit -n 1024; exec "$@"`,
    "sh",
    ...program.argv,
  ];
}

/** The level of macOS. Its profile and words are tested as texts; it was never run on a Mac, and says so. */
export function seatbeltSandbox(): Sandbox | undefined {
  if (process.platform !== "darwin" || !existsSync(SANDBOX_EXEC)) return undefined;
  const launcher: Launcher = (argv, limits, request) => {
    const scratch = mkdtempSync(join(realpathSync(tmpdir()), "hearth-run-"));
    const workspace = realpathSync(request.workspace);
    const program = unmounted("sandbox-exec", argv, { ...request, workspace }, scratch);
    const { writable } = request;
    const guard = writable === true ? (request.guard ?? scanProtected(workspace)) : undefined;
    const profile = seatbeltProfile({
      workspace,
      scratch,
      readable: program.readable,
      ...(writable === undefined ? {} : { writable }),
      ...(guard === undefined ? {} : { guard }),
    });
    return {
      file: "/usr/bin/env",
      args: ["-C", program.cwd, SANDBOX_EXEC, ...seatbeltArgv(profile, program, limits)],
      after: () => rmSync(scratch, { recursive: true, force: true }),
    };
  };
  const lacking = [
    "macOS: this level is untested on a Mac; no limit of memory, and processes are not counted",
    "names and sizes of files outside can be asked for",
  ];
  return testedSandbox({ name: "L1 sandbox-exec", launcher, lacking });
}
