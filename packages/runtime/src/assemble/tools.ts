import { selectTools } from "@hearth/tools";
import { loadToolModule, type Tool, UsageError } from "hearth";
import type { Config } from "../config/index.ts";

/**
 * The tools of a run: what `tools` selects, then all of the modules. A plain name in `tools` may also mean a tool of a module;
 * then only those of the modules that are named count.
 */
export async function selectedTools({
  settings,
  workspace,
}: Pick<Config, "settings" | "workspace">): Promise<Tool[]> {
  const modules: Tool[] = [];
  for (const file of settings.toolModule) modules.push(...(await loadToolModule(file)));
  const ofModules = new Set(modules.map((tool) => tool.name));
  const plain = settings.tools.filter((name) => ofModules.has(name));
  const others = settings.tools.filter((name) => !ofModules.has(name));
  const builtin = plain.length > 0 && others.length === 0 ? [] : selectTools(others.join(","), { workspace });
  const tools = [...builtin, ...modules.filter((tool) => plain.length === 0 || plain.includes(tool.name))];
  const twice = tools.find((tool, i) => tools.findIndex((other) => other.name === tool.name) !== i);
  if (twice === undefined) return tools;
  throw new UsageError(`Two tools are named "${twice.name}".`, {
    remedy: "Rename the one in your module, or leave the other away with --tools.",
  });
}
