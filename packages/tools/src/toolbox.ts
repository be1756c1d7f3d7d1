import { type Tool, UsageError } from "hearth";
import { nearest } from "./confine/index.ts";
import { type EditOptions, editTools } from "./edit/index.ts";
import { fileTools } from "./files/index.ts";
import { type ProgramOptions, programTools } from "./programs/index.ts";
import { type WebOptions, webTools } from "./web/index.ts";

export interface ToolboxOptions extends ProgramOptions, EditOptions, WebOptions {
  /** The folder the tools are confined to. */
  workspace: string;
}

/** Tools that may be added to the default ones by `--tools +NAME`. A new preset is one line here. */
export const presets: Readonly<Record<string, (options: ToolboxOptions) => Tool[]>> = {
  edit: editTools,
  shell: programTools,
  web: webTools,
};

/** What `hearth run` offers when nothing is said: tools that only look. */
export function defaultTools(workspace: string): Tool[] {
  return fileTools({ workspace });
}

/** Every tool there is, by any preset. */
export function allTools(options: ToolboxOptions): Tool[] {
  return [...fileTools(options), ...Object.values(presets).flatMap((make) => make(options))];
}

/** Finds one tool by its name; a `UsageError` names the nearest. */
export function toolNamed(name: string, tools: readonly Tool[]): Tool {
  const found = tools.find((tool) => tool.name === name);
  if (found !== undefined) return found;
  const names = tools.map((tool) => tool.name);
  const near = nearest(name, names);
  throw new UsageError(`There is no tool "${name}".`, {
    remedy: near.length > 0 ? `Nearest: ${near.join(", ")}.` : `There are: ${names.join(", ")}.`,
  });
}

/**
 * The tools that `--tools` asks for: names and presets separated by commas. With a leading "+" a preset is added to the
 * default tools (or to those named before it); plain names replace them. "none" means no tool.
 */
export function selectTools(spec: string | undefined, options: ToolboxOptions): Tool[] {
  const words = (spec ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  if (words.length === 1 && words[0] === "none") return [];
  const plain = words.filter((word) => !word.startsWith("+"));
  const chosen =
    plain.length === 0
      ? fileTools(options)
      : plain.flatMap((word) => presets[word]?.(options) ?? [toolNamed(word, allTools(options))]);
  for (const word of words.filter((one) => one.startsWith("+"))) {
    const name = word.slice(1);
    const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
    chosen.push(...(preset?.(options) ?? [toolNamed(name, allTools(options))]));
  }
  return [...new Map(chosen.map((tool) => [tool.name, tool])).values()];
}
