import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
} from "node:fs";
import { delimiter, isAbsolute, join, sep } from "node:path";
import { protectedPart } from "../judge/index.ts";
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
  for (const file of [
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "localtime",
    "ssl/certs",
    "ca-certificates",
    "mime.types",
  ]) {
    if (existsSync(`/etc/${file}`)) out.push("--ro-bind", `/etc/${file}`, `/etc/${file}`);
  }
  return out;
}

let system: string[] | undefined;

/** What in a writable workspace stays read only: what other programs run or believe later (judge/path.ts). */
function protectedMounts(workspace: string): string[] {
  const out: string[] = [];
  for (const entry of readdirSync(workspace)) {
    const parts =
      entry === ".git" ? ["hooks", "config", "modules", "info"].map((name) => `.git/${name}`) : [entry];
    if (protectedPart([entry]) === undefined) continue;
    for (const part of parts) {
      const path = join(workspace, part);
      // A link can't be bound over; what it leads to is outside and not there anyway, or protected by its own name.
      if (existsSync(path) && !lstatSync(path).isSymbolicLink()) out.push("--ro-bind", path, path);
    }
  }
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
    ...(options.writable === true ? protectedMounts(workspace) : []),
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
  return [...args, "--", ...limited(options), ...options.argv];
}

/**
 * Limits of the kernel for each process, set inside, where the count of processes is this sandbox's own. Memory by DATA
 * (what is written), not by address space: V8 and others reserve far more than they use.
 */
function limited({ prlimit, limits, reserveMb = 0 }: BwrapOptions): string[] {
  if (prlimit === undefined) return [];
  const megabyte = 1024 * 1024;
  return [
    prlimit,
    `--data=${(limits.memoryMb + reserveMb) * megabyte}`,
    `--fsize=${limits.fileMb * megabyte}`,
    `--nproc=${limits.processes}`,
    "--nofile=1024",
    "--core=0",
    `--cpu=${Math.ceil(limits.timeoutMs / 1000) + 1}`,
    "--",
  ];
}
