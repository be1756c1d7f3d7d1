import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "hearth";
import { findProgram, kernelLimits, SYSTEM_FILES } from "./bwrap.ts";
import { type Guard, scanProtected } from "./protected.ts";
import { type Launcher, type Sandbox, testedSandbox } from "./tested.ts";
import type { Confined, Limits, RunRequest } from "./types.ts";
import { unmounted } from "./unmounted.ts";

const PACKAGE = "@anthropic-ai/sandbox-runtime";

const IDLE_MS = 1000;

/** What it does not do for us, whatever it is told (0.0.83). */
const LACKING = [
  "research preview of another project; its proxies' addresses are in the environment of programs",
];

/**
 * Anthropic's sandbox-runtime behind our interface, where it is chosen by name: its isolation, our limits, our self-test. Where it is not
 * installed, or lacks what it needs, that is an error.
 */
export function sandboxRuntime(workspace: string): Sandbox {
  let own: string;
  try {
    // Its helper programs lie beside its code, and must be there inside as well.
    own = dirname(dirname(fileURLToPath(import.meta.resolve(PACKAGE))));
  } catch (cause) {
    throw new UsageError(
      `The sandbox level "sandbox-runtime" was asked for, but ${PACKAGE} is not installed.`,
      {
        remedy: `npm install ${PACKAGE}@0.0.83, or choose another sandbox level.`,
        cause,
      },
    );
  }
  if (process.platform === "linux") {
    const lacking = ["bwrap", "socat", "rg"].filter((name) => findProgram(name, workspace) === undefined);
    if (lacking.length > 0)
      throw new UsageError(`The sandbox level "sandbox-runtime" needs ${lacking.join(" and ")}.`, {
        remedy: `Install ${lacking.length === 1 ? "it" : "them"}, or choose another sandbox level.`,
      });
  }
  const prlimit =
    process.platform === "linux" ? findProgram("prlimit", workspace, "/usr/bin:/bin") : undefined;
  let ready: Promise<Manager> | undefined;
  let closing: Promise<void> = Promise.resolve();
  let running = 0;
  let timer: NodeJS.Timeout | undefined;
  // Its proxies keep the process alive: they are taken down when nothing has run for a while.
  const rest = (manager: Manager) => {
    if (--running > 0) return;
    manager.cleanupAfterCommand();
    timer = setTimeout(() => {
      ready = undefined;
      closing = manager.reset();
    }, IDLE_MS);
    timer.unref();
  };
  const launcher: Launcher = async (argv, limits, request) => {
    clearTimeout(timer);
    running++;
    const manager = await (ready ??= closing.then(start));
    const scratch = mkdtempSync(join(realpathSync(tmpdir()), "hearth-run-"));
    const after = () => {
      rest(manager);
      rmSync(scratch, { recursive: true, force: true });
    };
    try {
      const { argv: words, env, cwd } = await wrap(manager, argv, limits, request, scratch);
      const [file = "", ...args] = words;
      return { file: "/usr/bin/env", args: ["-C", cwd, file, ...args], env, after };
    } catch (error) {
      after();
      throw error;
    }
  };
  const wrap = async (
    manager: Manager,
    argv: readonly string[],
    limits: Limits,
    request: RunRequest,
    scratch: string,
  ) => {
    const program = unmounted("sandbox-runtime", argv, request, scratch);
    const limited = kernelLimits({
      limits,
      reserveMb: request.reserveMb ?? 0,
      ...(prlimit === undefined ? {} : { prlimit }),
    });
    const env = Object.entries(program.env).map(([name, value]) => `${name}=${value}`);
    // It takes a line for a shell: ours is quoted words only, and drops what the line's own environment has.
    const line = ["exec", "/usr/bin/env", "-i", ...env, ...limited, ...program.argv].map(quote).join(" ");
    const filesystem = files(request, [...program.readable, own], scratch);
    const { cwd } = program;
    const wrapped = await manager.wrapWithSandboxArgv(line, "/bin/sh", { filesystem }, request.signal, cwd);
    return { argv: wrapped.argv, env: added(wrapped.env), cwd };
  };
  return testedSandbox({ name: "sandbox-runtime", launcher, lacking: LACKING });
}

type Manager = typeof import("@anthropic-ai/sandbox-runtime")["SandboxManager"];

async function start(): Promise<Manager> {
  const { SandboxManager } = await import("@anthropic-ai/sandbox-runtime");
  const nothing = { denyRead: [], allowRead: [], allowWrite: [], denyWrite: [] };
  await SandboxManager.initialize({
    network: { allowedDomains: [], deniedDomains: [] },
    filesystem: nothing,
  });
  return SandboxManager;
}

const literal = (path: string) => ({ path, literal: true as const });

/** Nothing may be read but what bubblewrap would be given. What is guarded is denied again within the workspace. */
export function files(request: Confined, readable: readonly string[], scratch: string) {
  const { workspace, writable } = request;
  const guard: Guard | undefined =
    writable === true ? (request.guard ?? scanProtected(workspace)) : undefined;
  const system = ["/usr", "/bin", "/sbin", "/lib", "/lib64", ...SYSTEM_FILES];
  return {
    denyRead: ["/"],
    allowRead: [...system, workspace, scratch, ...readable].map(literal),
    allowWrite: [...(writable === true ? [workspace] : []), scratch].map(literal),
    denyWrite: (guard?.readOnly ?? []).map((path) => literal(join(workspace, path))),
  };
}

/** Of the environment it hands back, what it added: ours stays here. */
function added(env: NodeJS.ProcessEnv): Record<string, string> {
  const out: Record<string, string> = { PATH: "/usr/local/bin:/usr/bin:/bin" };
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && process.env[name] !== value) out[name] = value;
  return out;
}

const quote = (word: string): string => (word === "exec" ? word : `'${word.replaceAll("'", "'\\''")}'`);
