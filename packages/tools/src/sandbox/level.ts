import { readFileSync, realpathSync } from "node:fs";
import { UsageError } from "hearth";
import { bubblewrapSandbox } from "./bubblewrap.ts";
import { findProgram } from "./bwrap.ts";
import { type ContainerOptions, containerSandbox } from "./container.ts";
import { landlockSandbox } from "./landlock.ts";
import { sandboxRuntime } from "./runtime.ts";
import { findScope } from "./scope.ts";
import { seatbeltSandbox } from "./seatbelt.ts";
import type { Sandbox } from "./tested.ts";
import type { SandboxLevel } from "./types.ts";
import { unsafeSandbox } from "./unsafe.ts";

export type { Sandbox } from "./tested.ts";

/** `system`: the best of this machine. The others are taken only when they are named, and are an error where they are missing. */
export const LEVELS = [
  "system",
  "bubblewrap",
  "landlock",
  "seatbelt",
  "container",
  "sandbox-runtime",
] as const;
export type LevelName = (typeof LEVELS)[number];

export interface SandboxOptions {
  /** Run without isolation where there is none. Every result then says so. Only from a trusted source. */
  unsafeNoSandbox?: boolean;
  /** Which level. Only from a trusted source. Default `system`. */
  level?: LevelName;
  container?: ContainerOptions;
}

/** What to do where there is no sandbox. */
export const NO_SANDBOX =
  process.platform === "linux"
    ? "Install bubblewrap (apt-get install bubblewrap); where the kernel refuses user namespaces, allow them (sysctl kernel.apparmor_restrict_unprivileged_userns=0) or give bwrap an AppArmor profile. Where that can't be, Landlock takes over; without bubblewrap it is taken by name (sandbox.level landlock)."
    : process.platform === "win32"
      ? "On Windows programs run in containers only (sandbox level container, with docker or podman); Python and JavaScript still run in their interpreters."
      : "Programs are isolated on Linux and, by sandbox-exec, on macOS; Python and JavaScript still run in their interpreters.";

type Found = () => Sandbox | undefined;

/** The system's own levels, the strongest first. A new one is a line here. */
const SYSTEM: Readonly<Record<string, (workspace: string) => Sandbox | undefined>> = {
  bubblewrap: (workspace) => bubblewrapSandbox(workspace, () => findScope(workspace)),
  landlock: landlockSandbox,
  seatbelt: seatbeltSandbox,
};

const known = new Map<string, Sandbox | undefined>();

/** Found once for each bubblewrap: which one it is depends on the workspace, for one that lies in there does not count. */
function once(level: string, root: string, find: Found): Sandbox | undefined {
  const key = `${level} ${findProgram("bwrap", root) ?? ""}`;
  if (!known.has(key)) known.set(key, find());
  return known.get(key);
}

/**
 * The best level of this machine, or the one that is named: bubblewrap on Linux, Landlock where user namespaces are refused, sandbox-exec
 * on macOS. Undefined where there is none, and `unsafeNoSandbox` was not given: then tools that start programs are not offered. Quick:
 * starts `true` once; the whole self-test runs before the first real program.
 */
export function findSandbox(workspace: string, options: SandboxOptions = {}): Sandbox | undefined {
  const root = realpathSync(workspace);
  const { level = "system" } = options;
  // Showing the whole machine would be no sandbox.
  if (root === "/") return options.unsafeNoSandbox === true ? unsafeSandbox() : undefined;
  if (level === "container")
    return once(`${level} ${options.container?.image ?? ""}`, root, () =>
      containerSandbox(root, options.container),
    );
  if (level === "sandbox-runtime") return once(level, root, () => sandboxRuntime(root));
  if (level !== "system") {
    const named = once(level, root, () => SYSTEM[level]?.(root));
    if (named !== undefined) return named;
    throw new UsageError(`The sandbox level "${level}" was asked for, but it does not work here.`, {
      remedy:
        level === "bubblewrap" ? NO_SANDBOX : "Choose another level, or leave the choice to Hearth (system).",
    });
  }
  for (const [name, find] of Object.entries(SYSTEM)) {
    if (name === "landlock" && !namespacesRefused(root)) continue;
    const found = once(name, root, () => find(root));
    if (found !== undefined) return found;
  }
  return options.unsafeNoSandbox === true ? unsafeSandbox() : undefined;
}

/**
 * Whether bubblewrap is there and does not work, or the kernel's settings say that it could not. Where it is only not installed, the answer
 * is to install it: a weaker level is not taken for convenience.
 */
function namespacesRefused(root: string): boolean {
  if (findProgram("bwrap", root) !== undefined) return true;
  return Object.entries(REFUSING).some(([file, value]) => readSetting(file) === value);
}

const REFUSING: Readonly<Record<string, string>> = {
  "/proc/sys/user/max_user_namespaces": "0",
  "/proc/sys/kernel/unprivileged_userns_clone": "0",
  "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",
};

function readSetting(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    // This kernel has no such setting.
    return undefined;
  }
}

/** What `hearth doctor` prints: the level with each probe. A named level that is missing is told, not thrown. */
export async function sandboxLevel(workspace: string, options: SandboxOptions = {}): Promise<SandboxLevel> {
  const { level = "system" } = options;
  try {
    const sandbox = findSandbox(workspace, options);
    if (sandbox !== undefined) return await sandbox.level();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return {
      name: level,
      strength: "none",
      probes: [],
      missing: [`${error.message} ${error.remedy ?? ""}`.trim()],
    };
  }
  const why =
    realpathSync(workspace) === "/" ? "The workspace is the whole machine: choose a folder." : NO_SANDBOX;
  return { name: "none", strength: "none", probes: [], missing: [why] };
}
