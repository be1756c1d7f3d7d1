import { lowerOnly, only, stricterApproval, superset } from "./rules.ts";
import { choice, integer, list, path, toggle } from "./setting.ts";

/** The settings of what a run may do: approvals, rules, the sandbox, commands, the audit. A file of the workspace may only tighten them. */
export const GUARDS = {
  approve: choice({
    about: "Calls that need a person's word: ask, auto (yes), never (no).",
    choices: ["ask", "auto", "never"],
    default: "ask",
    scope: "run",
    workspace: stricterApproval,
  }),
  allow: list({
    about:
      "Tools that may run without being asked for, even once foreign text and private data were read; * in a name stands for any characters.",
    default: [],
    defaultText: "none",
    scope: "run",
  }),
  deny: list({
    about: "Tools that never run; * in a name stands for any characters.",
    default: [],
    defaultText: "none",
    scope: "run",
    workspace: superset,
  }),
  audit: path<string | undefined>({
    about: "The file that every call of a tool is written to, with who let it run; none writes nothing.",
    default: undefined,
    defaultText: "a file in the user's state directory",
    scope: "run",
    placeholder: "FILE|none",
    plain: (value) => value === "none",
  }),
  unsafeNoSandbox: toggle({
    about: "Offer tools that run code even where no sandbox can be had.",
    default: false,
    scope: "run",
    workspace: only(false),
  }),
  restrictToWorkspace: toggle({
    about:
      "Keep the tools inside the workspace; false lets files be read everywhere by absolute paths, where a sandbox is enforced.",
    default: true,
    scope: "none",
    aliases: [{ name: "RESTRICT_TO_WORKSPACE" }],
    workspace: only(true),
  }),
  executeLocalCommands: toggle({
    about: "Whether shell commands may be offered at all.",
    default: true,
    scope: "none",
    aliases: [{ name: "EXECUTE_LOCAL_COMMANDS" }],
    workspace: only(false),
  }),
  disabledCommands: list({
    about:
      "Tools, commands of other systems (execute_python_code, shell …) and programs that are always refused.",
    default: [],
    defaultText: "none beside the judge's own",
    scope: "none",
    aliases: [{ name: "DISABLED_COMMANDS" }],
    workspace: superset,
  }),
  shellCommandControl: choice({
    about: "A program that is in no table and on no list: allowlist refuses it, denylist asks for it.",
    choices: ["allowlist", "denylist"],
    default: "allowlist",
    scope: "none",
    aliases: [{ name: "SHELL_COMMAND_CONTROL" }],
    workspace: (value) =>
      value === "allowlist" ? undefined : "it may not let programs run that are on no list",
  }),
  shellAllowlist: list({
    about: "Commands that run without being asked for: npm test, make *. Words are compared one by one.",
    default: [],
    defaultText: "none beside the judge's own readers",
    scope: "none",
    aliases: [{ name: "SHELL_ALLOWLIST" }],
  }),
  shellDenylist: list({
    about: "Commands that never run, whatever else is said: rm *, git push *.",
    default: [],
    defaultText: "none beside the judge's own",
    scope: "none",
    aliases: [{ name: "SHELL_DENYLIST" }],
    workspace: superset,
  }),
  "sandbox.level": choice({
    about:
      "How programs are isolated: system is the best of this machine; a level that is named and missing is an error.",
    choices: ["system", "bubblewrap", "landlock", "seatbelt", "container", "sandbox-runtime"],
    default: "system",
    scope: "none",
  }),
  "sandbox.hosts": list({
    about:
      "Hosts that run_command may reach, through a judged proxy: example.com is that host and all below it.",
    default: [],
    defaultText: "none: no network",
    scope: "none",
    placeholder: "HOST",
  }),
  "sandbox.packageHosts": list({
    about: "Hosts that install_package may reach.",
    default: [],
    defaultText: "those that pip, npm and go are set up for",
    scope: "none",
    placeholder: "HOST",
  }),
  "sandbox.memoryMb": integer({
    about: "Memory that a sandboxed program may take.",
    default: 512,
    unit: "MB",
    scope: "none",
    range: { min: 16, max: 1_048_576 },
    workspace: lowerOnly,
  }),
} as const;
