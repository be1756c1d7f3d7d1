import { debugLog, guardsOf, openTools } from "@hearth/runtime";
import { serveMcp } from "@hearth/tools";
import { UsageError } from "hearth";
import type { CommandContext } from "../command.ts";
import { diverted } from "../divert.ts";
import { version } from "../version.ts";

/** Serves the tools of a run over MCP on stdin and stdout, until the client closes its end. */
export async function run({ args, config: settingsOf, out, signal }: CommandContext): Promise<number> {
  if (args.positionals.length > 0) {
    throw new UsageError("hearth mcp takes no arguments.", {
      remedy:
        'A server whose tools you want to use is named with --mcp: `hearth run --mcp "COMMAND" "TASK"`.',
    });
  }
  const config = settingsOf();
  const { settings, workspace } = config;
  const log = debugLog(config, (text) => out.raw(text));
  // Only messages of the protocol may reach stdout, whatever a tool prints.
  const output = diverted(process.stdout, process.stderr);
  const open = await openTools(config, signal);
  try {
    for (const notice of open.notices) out.note(`hearth: ${notice}`);
    await serveMcp({
      tools: open.tools,
      workspace,
      ...guardsOf(config, open.tools),
      approve: settings.approve === "auto" ? "auto" : "never",
      toolTimeoutMs: Math.round(settings.toolTimeout * 1000),
      maxParallel: settings.maxParallel,
      version: version(),
      input: process.stdin,
      output,
      signal,
      log: (text) => log?.("mcp", { text }),
    });
    return 0;
  } finally {
    await open.close();
  }
}
