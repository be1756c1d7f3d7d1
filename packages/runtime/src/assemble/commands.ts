import { type Disabled, disabled, type ShellRules } from "@hearth/tools";
import type { Tool } from "hearth";
import type { Config } from "../config/index.ts";

type Settings = Pick<Config, "settings">;

/** Tools that start programs of the user's choice: `EXECUTE_LOCAL_COMMANDS=false` takes them away. */
const COMMAND_TOOLS: ReadonlySet<string> = new Set(["run_shell", "run_command", "shell"]);

/** Said of a command where the user wants none; Auto-GPT's words, in ours. */
const NO_COMMANDS = "Local commands are switched off: EXECUTE_LOCAL_COMMANDS is false.";
const ALL_DISABLED = "Every tool that runs commands is disabled (DISABLED_COMMANDS).";

/** The user's own rules for commands, on top of the judge's tables: a disabled program is so with any words after it. */
export function shellRules(config: Settings): ShellRules {
  const { disabledCommands, executeLocalCommands, shellCommandControl, ...lists } = config.settings;
  const { deny, tools } = disabled(disabledCommands, [], { others: true });
  const off = !executeLocalCommands
    ? NO_COMMANDS
    : [...COMMAND_TOOLS].every((name) => tools.has(name))
      ? ALL_DISABLED
      : undefined;
  return {
    allow: lists.shellAllowlist,
    deny: [...deny, ...lists.shellDenylist.flatMap((command) => [command, `${command} *`])],
    control: shellCommandControl,
    ...(off === undefined ? {} : { off }),
  };
}

/**
 * Leaves the tools out that the settings forbid. `known`: every tool there is.
 * @throws UsageError for a disabled name that is no tool's, no other system's and no program's
 */
export function permitted(config: Settings, tools: readonly Tool[], known: readonly Tool[]): Tool[] {
  const { disabledCommands, executeLocalCommands } = config.settings;
  const off: Disabled["tools"] = disabled(disabledCommands, known).tools;
  return tools.filter(({ name }) => !off.has(name) && (executeLocalCommands || !COMMAND_TOOLS.has(name)));
}

/** Why a tool is not to be had, where the settings forbid it; undefined for any other. */
export function forbidden(config: Settings, name: string): string | undefined {
  const { disabledCommands, executeLocalCommands } = config.settings;
  if (!executeLocalCommands && COMMAND_TOOLS.has(name)) return NO_COMMANDS;
  const off = disabled(disabledCommands, [], { others: true }).tools;
  return off.has(name) ? `${name} is disabled (DISABLED_COMMANDS).` : undefined;
}
