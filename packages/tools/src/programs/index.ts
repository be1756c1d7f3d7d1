/**
 * Tools that run programs: run_shell (reads), run_command (may change files), run_python, run_javascript, git_*.
 * Owns what is handed to the sandbox and how its outcome is told. Isolation is sandbox/ and interpreters/, what may run is judge/.
 */
import type { Tool } from "hearth";
import { Workspace } from "../confine/index.ts";
import type { ShellRules } from "../judge/index.ts";
import {
  type ContainerOptions,
  containerSandbox,
  findSandbox,
  type Limits,
  type SandboxOptions,
} from "../sandbox/index.ts";
import { agentExecTools } from "./agentexec.ts";
import { gitTools } from "./git.ts";
import { runJavaScript } from "./javascript.ts";
import { runPython } from "./python.ts";
import type { SandboxedSetup, Setup } from "./shared.ts";
import { runCommand, runShell } from "./shell.ts";

/** Tools that exist only where there is a sandbox. */
export const SANDBOXED: readonly string[] = [
  "run_shell",
  "run_command",
  "git_status",
  "git_diff",
  "git_log",
  "execute_code",
];

export interface ProgramOptions extends SandboxOptions {
  workspace: string;
  /** The user's own patterns on top of the tables. */
  shell?: ShellRules;
  limits?: Partial<Limits>;
  /** `container` runs programs in docker or podman, and is an error where there is none. Default: the best of the system. */
  level?: "system" | "container";
  container?: ContainerOptions;
}

/**
 * The tools of `--tools +shell`. Without a sandbox there are no programs, only the interpreters; what is missing is left out, never
 * replaced by something weaker.
 */
export function programTools(options: ProgramOptions): Tool[] {
  const setup = setUp(options);
  const interpreters = [runPython(setup), runJavaScript(setup)];
  if (!hasSandbox(setup)) return interpreters;
  return [runShell(setup), runCommand(setup), ...interpreters, ...gitTools(setup)];
}

/** The tools of `--tools +agentexec`: `shell` and `execute_code` as AgentExecMCP has them. None where there is no sandbox. */
export function agentExec(options: ProgramOptions): Tool[] {
  const setup = setUp(options);
  return hasSandbox(setup) ? agentExecTools(setup) : [];
}

function setUp(options: ProgramOptions): Setup {
  const workspace = new Workspace(options.workspace);
  const sandbox =
    options.level === "container"
      ? containerSandbox(workspace.root, options.container)
      : findSandbox(workspace.root, options);
  return { workspace, sandbox, rules: options.shell ?? {}, limits: options.limits ?? {} };
}

const hasSandbox = (setup: Setup): setup is SandboxedSetup => setup.sandbox !== undefined;
