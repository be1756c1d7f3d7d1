import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { ToolError } from "hearth";
import { bwrapArgv, findProgram, NODE_INSIDE } from "./bwrap.ts";
import { selfTest } from "./probe.ts";
import { protectedNames, quarantine } from "./quarantine.ts";
import { type Launcher, runPipeline } from "./run.ts";
import { seccompFilter } from "./seccomp.ts";
import type { RunRequest, RunResult, SandboxLevel } from "./types.ts";

/** One way to run programs. `level` runs the self-test once and remembers it. */
export interface Sandbox {
  readonly name: string;
  /** The Python it can run, where there is one. */
  readonly python?: string;
  level(): Promise<SandboxLevel>;
  /** Runs a pipeline. Refused with a `ToolError` where the level turned out to enforce nothing. */
  run(request: RunRequest): Promise<RunResult>;
}

export interface SandboxOptions {
  /** Run without isolation where there is none. Every result then says so. Only from a trusted source. */
  unsafeNoSandbox?: boolean;
}

/** What to do where there is no sandbox. */
export const NO_SANDBOX =
  process.platform === "linux"
    ? "Install bubblewrap (apt-get install bubblewrap); where the kernel refuses user namespaces, allow them (sysctl kernel.apparmor_restrict_unprivileged_userns=0) or give bwrap an AppArmor profile."
    : "Programs are isolated on Linux only; Python and JavaScript still run in their interpreters.";

/**
 * The best level of this machine: bubblewrap on Linux. Undefined where there is none, and `unsafeNoSandbox` was not given: then tools
 * that start programs are not offered. Quick: starts `true` once; the whole self-test runs before the first real program.
 */
export function findSandbox(workspace: string, options: SandboxOptions = {}): Sandbox | undefined {
  const root = realpathSync(workspace);
  // Showing the whole machine would be no sandbox.
  const found = root === "/" ? undefined : findBwrap(root);
  if (found !== undefined) return found;
  return options.unsafeNoSandbox === true ? unsafe() : undefined;
}

/** What `hearth doctor` prints: the level with each probe. */
export async function sandboxLevel(workspace: string): Promise<SandboxLevel> {
  const sandbox = findSandbox(workspace);
  if (sandbox === undefined) {
    const why =
      realpathSync(workspace) === "/" ? "The workspace is the whole machine: choose a folder." : NO_SANDBOX;
    return { name: "none", strength: "none", probes: [], missing: [why] };
  }
  return await sandbox.level();
}

const known = new Map<string, Sandbox | undefined>();

function findBwrap(workspace: string): Sandbox | undefined {
  if (process.platform !== "linux") return undefined;
  const file = findProgram("bwrap", workspace);
  if (file === undefined) return undefined;
  if (!known.has(file)) known.set(file, tryBwrap(file, workspace));
  return known.get(file);
}

function tryBwrap(file: string, workspace: string): Sandbox | undefined {
  const version = /(\d+)\.(\d+)/.exec(
    spawnSync(file, ["--version"], { encoding: "utf8", env: {} }).stdout ?? "",
  );
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
  const prlimit = findProgram("prlimit", workspace, "/usr/bin:/bin");
  const base = prlimit === undefined ? {} : { prlimit };
  // 0.8 brought --disable-userns; where the kernel refuses what it needs, the filter alone forbids new namespaces.
  for (const disableUserns of major > 0 || minor >= 8 ? [true, false] : [false]) {
    const launcher: Launcher = (argv, limits, request) => {
      const seccomp = seccompFilter();
      const args = bwrapArgv({
        ...request,
        ...base,
        argv,
        limits,
        disableUserns,
        ...(seccomp === undefined ? {} : { seccompFd: 3 }),
      });
      return seccomp === undefined ? { file, args } : { file, args, seccomp };
    };
    if (starts(file, launcher)) return bubblewrap(launcher, prlimit !== undefined);
  }
  return undefined;
}

/** Whether bubblewrap can do here what we ask of it. */
function starts(file: string, launcher: Launcher): boolean {
  const limits = { timeoutMs: 5000, memoryMb: 64, processes: 8, fileMb: 1, outputChars: 100 };
  const { args, seccomp } = launcher(["/usr/bin/true"], limits, { workspace: "/usr/share", pipeline: [] });
  // The filter goes in by descriptor 0 here: spawnSync fills that one from memory.
  const from = args.indexOf("--seccomp");
  const plain = seccomp === undefined ? args : args.with(from + 1, "0");
  const done = spawnSync(file, plain, {
    env: {},
    timeout: 5000,
    ...(seccomp === undefined ? {} : { input: seccomp }),
  });
  return done.status === 0;
}

function bubblewrap(launcher: Launcher, limited: boolean): Sandbox {
  const name = "L1 bubblewrap";
  let tested: Promise<SandboxLevel> | undefined;
  const test = async (): Promise<SandboxLevel> => {
    const probes = await selfTest((request) => runPipeline(request, launcher, name));
    const missing = probes.filter(({ held }) => !held).map((probe) => `${probe.name}: ${probe.note}`);
    if (seccompFilter() === undefined) missing.push(`no filter of system calls for ${process.arch}`);
    if (!limited) missing.push("no limits of memory and processes: prlimit (util-linux) is missing");
    const failed = probes.some((probe) => probe.name === "start");
    return { name, strength: failed ? "none" : missing.length > 0 ? "partial" : "enforced", probes, missing };
  };
  const level = () => (tested ??= test());
  return {
    name,
    ...systemPython(),
    level,
    async run(request) {
      const { strength, missing } = await level();
      if (strength === "none")
        throw new ToolError(`The sandbox does not start: ${missing.join("; ")}.`, { remedy: NO_SANDBOX });
      const label =
        strength === "enforced" ? `${name} (enforced)` : `${name} (partial: ${missing.join("; ")})`;
      if (request.writable !== true) return await runPipeline(request, launcher, label);
      const before = protectedNames(request.workspace);
      const result = await runPipeline(request, launcher, label);
      const moved = quarantine(request.workspace, before);
      return moved.length === 0 ? result : { ...result, stderr: `${result.stderr}${moved.join("\n")}\n` };
    },
  };
}

/** Python in the folders that the sandbox shows; one in a home or a version manager's folder is not there inside. */
function systemPython(): { python?: string } {
  const python = ["/usr/bin/python3", "/usr/local/bin/python3"].find((file) => existsSync(file));
  return python === undefined ? {} : { python };
}

/** No isolation: chosen in so many words, and said in every result. */
function unsafe(): Sandbox {
  const name = "none";
  const launcher: Launcher = (argv, _limits, request) => {
    const [file = "", ...args] = argv;
    const real = file === NODE_INSIDE ? process.execPath : file;
    const cwd = request.cwd === undefined ? request.workspace : `${request.workspace}/${request.cwd}`;
    return {
      file: "/usr/bin/env",
      args: [
        "-i",
        "-C",
        cwd,
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "HOME=/tmp",
        "LANG=C.UTF-8",
        real,
        ...args,
      ],
    };
  };
  return {
    name,
    ...systemPython(),
    level: () =>
      Promise.resolve({
        name,
        strength: "none",
        probes: [],
        missing: ["--unsafe-no-sandbox: programs run as you, with your files and network"],
      }),
    run: (request) => runPipeline(request, launcher, name),
  };
}
