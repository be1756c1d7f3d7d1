/**
 * Tools that run programs: run_shell (reads), run_command (may change files), run_python, run_javascript, git_*, install_package.
 * Owns what is handed to the sandbox and how its outcome is told. Isolation is sandbox/ and interpreters/, what may run is judge/.
 */
import type { Tool } from "hearth";
import { Workspace } from "../confine/index.ts";
import type { ShellRules } from "../judge/index.ts";
import { type InstallOptions, installPackage, Packages } from "../packages/index.ts";
import { findSandbox, type Limits, type SandboxOptions } from "../sandbox/index.ts";
import { agentExecTools, answer } from "./agentexec.ts";
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
  "install_package",
];

export interface ProgramOptions extends SandboxOptions {
  workspace: string;
  /** The user's own patterns on top of the tables. */
  shell?: ShellRules;
  limits?: Partial<Limits>;
  /** Folder for installed packages; without it there is no install_package. */
  sandboxFolder?: string;
  /** Hosts of packages instead of those that the managers are set up for. Only from a trusted source. */
  packageHosts?: readonly string[];
  /** Hosts that run_command may reach, through the judged proxy. Only from a trusted source. Default: none. */
  hosts?: readonly string[];
  /** Modules that run_python may import, with all below them. Default: all; the sandbox is the boundary, this a house rule. */
  imports?: readonly string[];
}

/**
 * The tools of `--tools +shell`. Without a sandbox there are no programs, only the interpreters; what is missing is left out, never
 * replaced by something weaker.
 */
export function programTools(options: ProgramOptions): Tool[] {
  const setup = setUp(options);
  const interpreters = [runPython(setup), runJavaScript(setup)];
  if (!hasSandbox(setup)) return interpreters;
  return [
    runShell(setup),
    runCommand(setup),
    ...interpreters,
    ...gitTools(setup),
    ...installer(setup, options),
  ];
}

/**
 * The tools of `--tools +agentexec`: `shell`, `execute_code` and `install_package` as AgentExecMCP has them. None where there is no
 * sandbox.
 */
export function agentExec(options: ProgramOptions): Tool[] {
  const setup = setUp(options);
  return hasSandbox(setup) ? [...agentExecTools(setup), ...installer(setup, options, { tell: answer })] : [];
}

/** Only where a package has a place to go and a judged way to come. */
function installer(
  setup: SandboxedSetup,
  { packageHosts: hosts }: ProgramOptions,
  more: InstallOptions = {},
): Tool[] {
  if (setup.packages === undefined || setup.sandbox.egress !== true) return [];
  return [installPackage(setup, setup.packages, { ...more, ...(hosts === undefined ? {} : { hosts }) })];
}

function setUp(options: ProgramOptions): Setup {
  const { sandboxFolder, hosts = [], imports } = options;
  const workspace = new Workspace(options.workspace);
  const sandbox = findSandbox(workspace.root, options);
  return {
    workspace,
    sandbox,
    rules: options.shell ?? {},
    limits: options.limits ?? {},
    ...(sandboxFolder === undefined ? {} : { packages: new Packages(sandboxFolder, workspace.root) }),
    ...(hosts.length === 0 || sandbox?.egress !== true ? {} : { egress: { hosts } }),
    ...(imports === undefined ? {} : { imports }),
  };
}

const hasSandbox = (setup: Setup): setup is SandboxedSetup => setup.sandbox !== undefined;
