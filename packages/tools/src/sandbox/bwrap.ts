import { accessSync, constants, existsSync, lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, sep } from "node:path";
import { scanProtected } from "./protected.ts";
import type { Confined, Limits } from "./types.ts";

/** Who the program is inside, wherever it runs. */
export const INSIDE_ID = 10_001;

/** Where our own Node appears inside when it is shown; the host's may lie anywhere. */
export const NODE_FOLDER = "/run/hearth/bin";
export const NODE_INSIDE = `${NODE_FOLDER}/node`;

/**
 * Finds a program on PATH: only in absolute folders outside the workspace, so that a cloned repository can't bring its own.
 */
export function findProgram(
  name: string,
  workspace: string,
  path = process.env["PATH"] ?? "",
): string | undefined {
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      const real = realpathSync(file);
      if (real.startsWith(workspace + sep) || !statSync(real).isFile()) continue;
      // A program that anybody may replace is nobody's to trust.
      if ((statSync(real).mode & 0o002) !== 0) continue;
      return real;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** The folders of the system that programs need, as mounts: real ones read only, links as links. */
function systemMounts(): string[] {
  const out = ["--ro-bind", "/usr", "/usr"];
  for (const name of ["bin", "sbin", "lib", "lib32", "lib64", "libx32"]) {
    const stat = lstatSync(`/${name}`, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) out.push("--symlink", readlinkSync(`/${name}`), `/${name}`);
    else if (stat?.isDirectory()) out.push("--ro-bind", `/${name}`, `/${name}`);
  }
  for (const file of SYSTEM_FILES) if (existsSync(file)) out.push("--ro-bind", file, file);
  return out;
}

/** What programs read in /etc. Each mount costs a tenth of a millisecond, so only what is looked for without being asked. */
export const SYSTEM_FILES: readonly string[] = [
  "ld.so.cache",
  "alternatives",
  "localtime",
  "ssl/certs",
  // Elsewhere than on Debian the certificates themselves are there.
  ...(existsSync("/etc/ca-certificates/extracted") ? ["ca-certificates"] : []),
  ...(existsSync("/etc/pki") ? ["pki/tls/certs", "pki/ca-trust"] : []),
].map((name) => `/etc/${name}`);

let system: string[] | undefined;

/** What in a writable workspace stays read only, and which folders of git stay where they are: a mount can't be moved. */
function protectedMounts({ workspace, guard = scanProtected(workspace) }: Confined): string[] {
  const out: string[] = [];
  const bind = (how: string, paths: readonly string[]) => {
    for (const path of paths.map((one) => join(workspace, one))) {
      // A link can't be bound over; one that is replaced is found after the run.
      if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === false) out.push(how, path, path);
    }
  };
  bind("--bind", guard.pinned);
  bind("--ro-bind", guard.readOnly);
  return out;
}

export interface BwrapOptions extends Confined {
  argv: readonly string[];
  limits: Limits;
  /** Descriptor from which bubblewrap reads the filter. */
  seccompFd?: number;
  /** `--disable-userns` is known (0.8 and later). */
  disableUserns: boolean;
  reserveMb?: number;
  /** Path of `prlimit`, where there is one. */
  prlimit?: string;
}

/** Bubblewrap's arguments. All namespaces new, no network, no capabilities, only what is listed here is there. */
export function bwrapArgv(options: BwrapOptions): string[] {
  const { workspace, limits } = options;
  system ??= systemMounts();
  const inside = options.cwd === undefined || options.cwd === "." ? workspace : join(workspace, options.cwd);
  const args = [
    "--unshare-all",
    "--unshare-user",
    ...(options.disableUserns ? ["--disable-userns"] : []),
    "--uid",
    String(INSIDE_ID),
    "--gid",
    String(INSIDE_ID),
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--hostname",
    "sandbox",
    "--clearenv",
    ...system,
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--size",
    String(limits.fileMb * 1024 * 1024),
    "--tmpfs",
    "/tmp",
    "--dir",
    "/tmp/home",
    "--size",
    String(limits.fileMb * 1024 * 1024),
    "--tmpfs",
    "/dev/shm",
    "--remount-ro",
    "/dev",
    options.writable === true ? "--bind" : "--ro-bind",
    workspace,
    workspace,
    ...(options.writable === true ? protectedMounts(options) : []),
  ];
  for (const [from, to] of Object.entries(options.show ?? {})) args.push("--ro-bind", from, to);
  const env: Record<string, string> = {
    PATH: [...(options.path ?? []), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
    HOME: "/tmp/home",
    TMPDIR: "/tmp",
    LANG: "C.UTF-8",
    ...options.env,
  };
  for (const [name, value] of Object.entries(env)) args.push("--setenv", name, value);
  args.push("--chdir", inside);
  // The root and the mounts made so far must not be written: last, when nothing is left to be made.
  args.push("--remount-ro", "/", "--remount-ro", "/proc");
  if (options.seccompFd !== undefined) args.push("--seccomp", String(options.seccompFd));
  return [...args, "--", ...kernelLimits(options), ...options.argv];
}

/**
 * Limits of the kernel for each process, set inside. Memory by DATA (what is written), not by address space: V8 and others reserve far more
 * than they use. `counted`: whether the count of processes is the sandbox's own; elsewhere it is that of the user.
 */
export function kernelLimits(
  { prlimit, limits, reserveMb = 0 }: Pick<BwrapOptions, "prlimit" | "limits" | "reserveMb">,
  counted = true,
): string[] {
  if (prlimit === undefined) return [];
  const megabyte = 1024 * 1024;
  return [
    prlimit,
    `--data=${(limits.memoryMb + reserveMb) * megabyte}`,
    `--fsize=${limits.fileMb * megabyte}`,
    ...(counted ? [`--nproc=${limits.processes}`] : []),
    "--nofile=1024",
    "--core=0",
    `--cpu=${Math.ceil(limits.timeoutMs / 1000) + 1}`,
    "--",
  ];
}
