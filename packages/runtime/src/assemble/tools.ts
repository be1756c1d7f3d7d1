import { allTools, selectTools, type ToolboxOptions } from "@hearth/tools";
import { loadToolModule, type Tool, UsageError } from "hearth";
import { type Config, sandboxFolder } from "../config/index.ts";
import { isAskName } from "./ask.ts";
import { permitted, shellRules } from "./commands.ts";

/** What of the settings tools are made from. Without the paths there is no place for packages, and no install_package. */
type ToolConfig = Pick<Config, "settings" | "workspace"> & Partial<Pick<Config, "paths">>;

/** What tools are made with. */
export function toolboxOptions(config: ToolConfig): ToolboxOptions {
  const { settings, workspace } = config;
  const packageHosts = settings["sandbox.packageHosts"];
  return {
    workspace,
    unsafeNoSandbox: settings.unsafeNoSandbox,
    level: settings["sandbox.level"],
    hosts: settings["sandbox.hosts"],
    ...(settings.restrictToWorkspace ? {} : { readAlso: besideWorkspace(config) }),
    ...(config.paths === undefined ? {} : { sandboxFolder: sandboxFolder(config.paths) }),
    ...(packageHosts.length === 0 ? {} : { packageHosts }),
    shell: shellRules(config),
    limits: { memoryMb: settings["sandbox.memoryMb"], timeoutMs: Math.round(settings.toolTimeout * 1000) },
  };
}

/** Where files are read beside the workspace without `restrictToWorkspace`: the user's home first, for it may be a file system of its own. */
function besideWorkspace({ paths }: ToolConfig): string[] {
  return paths === undefined ? ["/"] : [paths.home, "/"];
}

/**
 * The tools of a run: what `tools` selects, then all of the modules. A plain name in `tools` may also mean a tool of a module;
 * then only those of the modules that are named count.
 */
export async function selectedTools(config: ToolConfig): Promise<Tool[]> {
  return chosenTools(config, await moduleTools(config));
}

/** The tools of all modules. */
export async function moduleTools({ settings }: Pick<Config, "settings">): Promise<Tool[]> {
  const tools: Tool[] = [];
  for (const file of settings.toolModule) tools.push(...(await loadToolModule(file)));
  return tools;
}

/** What `tools` selects among Hearth's own and those added to them. */
export function chosenTools(config: ToolConfig, added: readonly Tool[]): Tool[] {
  const { settings } = config;
  const names = new Set(added.map((tool) => tool.name));
  const plain = settings.tools.filter((name) => names.has(name));
  const others = settings.tools.filter((name) => !names.has(name) && !isAskName(name));
  const builtin =
    plain.length > 0 && others.length === 0 ? [] : selectTools(others.join(","), toolboxOptions(config));
  const chosen = [...builtin, ...added.filter((tool) => plain.length === 0 || plain.includes(tool.name))];
  const known = settings.disabledCommands.length === 0 ? [] : allTools(toolboxOptions(config));
  const tools = permitted(config, chosen, [...known, ...added]);
  const twice = tools.find((tool, i) => tools.findIndex((other) => other.name === tool.name) !== i);
  if (twice === undefined) return tools;
  throw new UsageError(`Two tools are named "${twice.name}".`, {
    remedy: "Rename the one in your module, or leave the other away with --tools.",
  });
}
