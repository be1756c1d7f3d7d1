import type { AskUser } from "hearth";
import type { Config } from "../config/index.ts";

/** How `tools` asks for the tool that asks the person back; it belongs to the loop, not to the toolbox. */
const NAMES: ReadonlySet<string> = new Set(["+ask", "+ask_user", "ask_user"]);

interface AskConfig {
  settings: Pick<Config["settings"], "tools" | "disabledCommands">;
}

export const isAskName = (name: string): boolean => NAMES.has(name);

const wanted = ({ settings }: AskConfig): boolean =>
  settings.tools.some(isAskName) && !settings.disabledCommands.includes("ask_user");

/** The person who answers, where the settings want one asked. */
export function personAsked(config: AskConfig, askUser: AskUser | undefined): { askUser?: AskUser } {
  return askUser !== undefined && wanted(config) ? { askUser } : {};
}

/** Said where the settings want a person asked and nobody is there. */
export function nobodyLine(config: AskConfig, askUser: AskUser | undefined): string[] {
  if (askUser !== undefined || !wanted(config)) return [];
  return ["ask_user is not offered: nobody is at a terminal to answer."];
}
