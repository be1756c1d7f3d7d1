import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, kernelLimits, SYSTEM_FILES } from "./bwrap.ts";
import { PERL_LAUNCHER, PYTHON_LAUNCHER } from "./landlock-launcher.ts";
import { type Guard, scanProtected } from "./protected.ts";
import { seccompFilter } from "./seccomp.ts";
import { type Launcher, type Sandbox, testedSandbox } from "./tested.ts";
import type { Confined, Probe } from "./types.ts";
import { unmounted } from "./unmounted.ts";

// Rights of <linux/landlock.h>.
const EXECUTE = 1 << 0;
const WRITE_FILE = 1 << 1;
const READ_FILE = 1 << 2;
const READ_DIR = 1 << 3;
const TRUNCATE = 1 << 14;
const IOCTL_DEV = 1 << 15;
/** All of the first version: reading, writing, making, removing. */
const FIRST = (1 << 13) - 1;
const REFER = 1 << 13;
const SPECIAL = (1 << 6) | (1 << 11);
const BIND_AND_CONNECT_TCP = 3n;
const ABSTRACT_SOCKETS_AND_SIGNALS = 3n;

const READ = READ_FILE | READ_DIR | EXECUTE;
/** Everything but the making of devices. */
const ALL = (FIRST | REFER | TRUNCATE) & ~SPECIAL;
const FILE_ONLY = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;

/** Numbers of prctl, seccomp, capset and openat. */
const CALLS: Readonly<Record<string, string>> = { x64: "157,317,126,257", arm64: "167,277,91,56" };

/** Landlock's third version brought the right to truncate; without it, files outside could be emptied. */
const LEAST_ABI = 3;
const SIGNALS_ABI = 6;

/** Where there is no mount these are not missing but forbidden, and some programs take that for a fault. */
const FORBIDDEN_IS_NOT_MISSING = ["/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf", "/etc/gai.conf"];

/** Git gives up where the system's settings are forbidden; in L1 they are not there. */
const WITHOUT_SYSTEM_FILES = { GIT_CONFIG_NOSYSTEM: "1" };

/** What is handled, and so forbidden unless granted: struct landlock_ruleset_attr in the size that this version knows. */
export function rulesetBytes(abi: number): Buffer {
  const files = FIRST | REFER | (abi >= 3 ? TRUNCATE : 0) | (abi >= 5 ? IOCTL_DEV : 0);
  const words = [BigInt(files)];
  if (abi >= 4) words.push(BIND_AND_CONNECT_TCP);
  if (abi >= SIGNALS_ABI) words.push(ABSTRACT_SOCKETS_AND_SIGNALS);
  const bytes = Buffer.alloc(words.length * 8);
  for (const [at, word] of words.entries()) bytes.writeBigUInt64LE(word, at * 8);
  return bytes;
}

/** One path with what may be done at it and below it. */
export interface Grant {
  path: string;
  rights: number;
}

/** What a program may touch: the same list as bubblewrap's mounts, as rights. Paths that are not there are left out. */
export function grants(request: Confined, scratch: string, readable: readonly string[]): Grant[] {
  const out: Grant[] = [];
  const grant = (path: string, rights: number) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined) out.push({ path, rights: stat.isDirectory() ? rights : rights & FILE_ONLY });
  };
  for (const folder of [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    ...SYSTEM_FILES,
    ...FORBIDDEN_IS_NOT_MISSING,
  ])
    grant(folder, READ);
  for (const file of ["null", "zero", "full", "random", "urandom"])
    grant(`/dev/${file}`, READ_FILE | WRITE_FILE | IOCTL_DEV);
  // Of itself alone: what /proc/self is, is settled when the rule is made.
  for (const file of ["self", "meminfo", "cpuinfo", "stat", "sys/vm/overcommit_memory"])
    grant(`/proc/${file}`, READ & ~EXECUTE);
  grant(scratch, ALL);
  grant(request.workspace, READ);
  if (request.writable === true) {
    const guard = request.guard ?? scanProtected(request.workspace);
    for (const { path, rights } of writable(request.workspace, guard)) grant(path, rights);
  }
  for (const path of readable) grant(path, READ);
  return out;
}

/**
 * Landlock can't take a right back below a folder. So where something below must stay as it is, the folder itself gives none: its other
 * files may be changed and its other folders are free, but nothing new is made beside what is guarded.
 */
export function writable(workspace: string, guard: Guard): Grant[] {
  const guarded = [...guard.readOnly, ...guard.pinned];
  const out: Grant[] = [];
  const visit = (folder: string) => {
    const below = guarded.filter((path) => folder === "" || path.startsWith(`${folder}/`));
    if (below.length === 0) {
      out.push({ path: join(workspace, folder), rights: ALL });
      return;
    }
    for (const entry of readdirSync(join(workspace, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (guard.readOnly.includes(path) || entry.isSymbolicLink()) continue;
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile())
        out.push({ path: join(workspace, path), rights: READ_FILE | WRITE_FILE | TRUNCATE });
    }
  };
  visit("");
  return out;
}

/** What Landlock can't take away, whatever its version. */
const LACKING: readonly string[] = ["names and sizes of files outside can be asked for"];

/** What programs can't do here that they can in L1: no fault, but worth knowing. */
const NOTES: readonly Probe[] = [
  {
    name: "limits",
    held: true,
    note: "of memory by the kernel for each process; processes are counted by a watch",
  },
  { name: "differences", held: true, note: "no chmod and no sockets at all; temporary files only in TMPDIR" },
];

/**
 * The level L1b: Landlock with a filter of system calls, where namespaces are refused. The rules are made here; a few lines of Perl or
 * Python, which speak to the kernel without a compiler, put them in force and start the program.
 */
export function landlockSandbox(workspace: string): Sandbox | undefined {
  const filter = seccompFilter(process.arch, true);
  const interpreter = filter === undefined ? undefined : findInterpreter(workspace);
  if (filter === undefined || interpreter === undefined) return undefined;
  const { file, words, abi } = interpreter;
  if (abi < LEAST_ABI) return undefined;
  const prlimit = findProgram("prlimit", workspace, "/usr/bin:/bin");
  const launcher: Launcher = (argv, limits, request) => {
    const scratch = mkdtempSync(join(tmpdir(), "hearth-run-"));
    const program = unmounted("L1b", argv, request, scratch);
    const rules = grants(request, scratch, program.readable);
    const args = [
      ...words,
      CALLS[process.arch] ?? "",
      String(process.pid),
      rulesetBytes(abi).toString("hex"),
      filter.toString("hex"),
      program.cwd,
      String(rules.length),
      ...rules.flatMap(({ path, rights }) => [path, String(abi >= 5 ? rights : rights & ~IOCTL_DEV)]),
      // Processes are counted for the user as a whole here, so that limit would hit all of the user's programs: the watch counts instead.
      ...kernelLimits(
        { limits, reserveMb: request.reserveMb ?? 0, ...(prlimit === undefined ? {} : { prlimit }) },
        false,
      ),
      ...program.argv,
    ];
    return {
      file,
      args,
      env: { ...program.env, ...WITHOUT_SYSTEM_FILES },
      after: () => rmSync(scratch, { recursive: true, force: true }),
    };
  };
  const lacking = [
    ...LACKING,
    ...(abi < SIGNALS_ABI
      ? [`signals reach your other programs (Landlock ${abi}; ${SIGNALS_ABI} forbids them)`]
      : []),
    ...(prlimit === undefined ? ["no limits of memory: prlimit (util-linux) is missing"] : []),
  ];
  return testedSandbox({ name: "L1b Landlock", launcher, lacking, notes: () => [...NOTES] });
}

/** Perl is on every Debian, Python on every Fedora. Only the system's own; both without what the user's environment would add. */
function findInterpreter(workspace: string): { file: string; words: string[]; abi: number } | undefined {
  if (process.platform !== "linux" || !existsSync("/usr")) return undefined;
  for (const [name, words] of [
    ["perl", ["-e", PERL_LAUNCHER]],
    ["python3", ["-I", "-S", "-c", PYTHON_LAUNCHER]],
  ] as const) {
    const file = findProgram(name, workspace, "/usr/bin:/bin:/usr/local/bin");
    if (file === undefined) continue;
    const asked = spawnSync(file, [...words, "abi"], { env: {}, encoding: "utf8", timeout: 5000 });
    const abi = Number(asked.stdout);
    if (asked.status === 0 && Number.isInteger(abi) && abi > 0) return { file, words: [...words], abi };
  }
  return undefined;
}
