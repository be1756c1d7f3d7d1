import { POCKET } from "@hearth/llama";
import { allTools, defaultTools } from "@hearth/tools";
import type { ModelRef, Tool } from "hearth";
import type { Config } from "../config/index.ts";
import { betterLine } from "../discovery/index.ts";
import type { OpenTools } from "./open.ts";
import { toolboxOptions } from "./tools.ts";

/** The tools that a model gets, and those that it does not get because it is too small for them. */
export interface Entrusted {
  offered: readonly Tool[];
  withheld: readonly Tool[];
}

/**
 * The pocket model is what a newcomer meets first, and it errs: of Hearth's own tools it gets those that look at files, of the tools
 * of MCP servers those that declare to only read. A module's tools are the user's own code, named for this run, and stay; the policy
 * asks before each of their effects. `--pocket-tools all` lifts this; every other model gets all that was chosen.
 */
export function entrusted(
  config: Config,
  model: ModelRef["model"],
  open: Pick<OpenTools, "tools" | "served">,
): Entrusted {
  const { tools } = open;
  if (model !== POCKET || config.settings.pocketTools === "all") return { offered: tools, withheld: [] };
  const names = (list: readonly Tool[]) => new Set(list.map(({ name }) => name));
  const looking = names(defaultTools(config.workspace));
  const own = names(allTools(toolboxOptions(config)));
  const served = names(open.served);
  const may = ({ name, effect }: Tool): boolean => {
    if (looking.has(name)) return true;
    return served.has(name) ? effect === "none" : !own.has(name);
  };
  return { offered: tools.filter(may), withheld: tools.filter((tool) => !may(tool)) };
}

/** What was asked for and is not offered, and how to get it; nothing where nothing is missing. */
export function withheldLine(withheld: readonly Tool[]): string[] {
  if (withheld.length === 0) return [];
  const names = withheld.map(({ name }) => name);
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return [
    `${POCKET} is too small to be trusted with more than looking, so ${shown.join(", ")} ${names.length === 1 ? "is" : "are"} not offered: choose a larger model (${betterLine()}), or --pocket-tools all.`,
  ];
}
