import { selectedTools, shellRules } from "@hearth/runtime";
import { checkRow } from "@hearth/tools";
import { actionOf } from "../actions.ts";
import type { CommandContext } from "../command.ts";
import { fileOf, linesOf } from "../lines.ts";
import { objectOf } from "../rows.ts";

export function run(context: CommandContext): Promise<number> {
  return actionOf("policy", { check }, context);
}

async function check({ config, folder, out }: CommandContext, rest: readonly string[]): Promise<number> {
  const settings = config();
  // A disabled name that is no tool's is an error here too; those of MCP servers are known once they run.
  if (settings.settings.disabledCommands.length > 0 && settings.settings.mcp.length === 0)
    await selectedTools(settings);
  const options = { workspace: settings.workspace, shell: shellRules(settings) };
  let at = 0;
  for await (const line of linesOf(fileOf(rest, "policy check"), folder)) {
    await out.json(await checkRow(objectOf(line, ++at), options));
  }
  return 0;
}
