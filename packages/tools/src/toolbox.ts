import { type Tool, UsageError } from "hearth";
import { nearest } from "./confine/index.ts";
import { type EditOptions, editTools } from "./edit/index.ts";
import { type FileToolOptions, fileTools } from "./files/index.ts";
import { isProgram } from "./judge/index.ts";
import { agentExec, type ProgramOptions, programTools, SANDBOXED } from "./programs/index.ts";
import { NO_SANDBOX } from "./sandbox/index.ts";
import { type WebOptions, webTools } from "./web/index.ts";

export interface ToolboxOptions extends FileToolOptions, ProgramOptions, EditOptions, WebOptions {
  /** The folder the tools are confined to. */
  workspace: string;
}

/** Tools that may be added to the default ones by `--tools +NAME`. A new preset is one line here. */
export const presets: Readonly<Record<string, (options: ToolboxOptions) => Tool[]>> = {
  edit: editTools,
  shell: programTools,
  agentexec: agentExec,
  web: webTools,
};

/** What `hearth run` offers when nothing is said: tools that only look. */
export function defaultTools(workspace: string): Tool[] {
  return fileTools({ workspace });
}

/** Every tool there is, by any preset. */
export function allTools(options: ToolboxOptions): Tool[] {
  const tools = [...fileTools(options), ...Object.values(presets).flatMap((make) => make(options))];
  return [...new Map(tools.map((tool) => [tool.name, tool])).values()];
}

/** Finds one tool by its name; a `UsageError` names the nearest, or what is missing for it. */
export function toolNamed(name: string, tools: readonly Tool[]): Tool {
  const found = tools.find((tool) => tool.name === name);
  if (found !== undefined) return found;
  if (SANDBOXED.includes(name)) {
    throw new UsageError(`${name} runs programs, and there is no sandbox here to run them in.`, {
      remedy: NO_SANDBOX,
    });
  }
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
  const meant = (word: string): Tool[] =>
    presetNamed(word)?.(options) ?? [toolNamed(word, allTools(options))];
  const plain = words.filter((word) => !word.startsWith("+"));
  const chosen = plain.length === 0 ? fileTools(options) : plain.flatMap(meant);
  for (const word of words) if (word.startsWith("+")) chosen.push(...meant(word.slice(1)));
  return [...new Map(chosen.map((tool) => [tool.name, tool])).values()];
}

function presetNamed(name: string): ((options: ToolboxOptions) => Tool[]) | undefined {
  return Object.hasOwn(presets, name) ? presets[name] : undefined;
}

interface Alias {
  tools: readonly string[];
  /** What in a command line comes to the same. */
  programs?: readonly string[];
}

const SHELLS: Alias = { tools: ["run_shell", "run_command", "shell"] };
const PYTHONS = ["python", "python3"];

/** Names by which other systems know our tools; taken in `DISABLED_COMMANDS`. */
const ALIASES: Readonly<Record<string, Alias>> = {
  shell: SHELLS,
  execute_shell: SHELLS,
  execute_shell_popen: SHELLS,
  execute_code: { tools: ["run_python", "run_javascript", "execute_code"] },
  execute_python_code: { tools: ["run_python", "execute_code"], programs: PYTHONS },
  execute_python_file: { tools: ["run_python", "execute_code"], programs: PYTHONS },
  write_to_file: { tools: ["write_file"] },
  list_folder: { tools: ["list_files"] },
  browse_website: { tools: ["http_fetch"] },
};

export interface Disabled {
  /** Tools that are not offered. */
  tools: ReadonlySet<string>;
  /** Refusals for the judge of commands (`ShellRules.deny`). */
  deny: readonly string[];
}

/**
 * What `DISABLED_COMMANDS` comes to: names of tools, of other systems' commands, or of programs. A name that is none of these is an
 * error: ignored, it would let the very thing run that somebody meant to forbid. `others`: a name that is no program's may be that of a
 * tool that is not in the list (a module's, a server's), and is taken for one.
 */
export function disabled(
  names: readonly string[],
  tools: readonly Tool[],
  { others = false }: { others?: boolean } = {},
): Disabled {
  const known = new Set([...tools.map(({ name }) => name), ...SANDBOXED]);
  const off = new Set<string>();
  const deny: string[] = [];
  for (const name of names) {
    const alias = Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
    const words = name.split(/\s+/);
    if (alias !== undefined) {
      for (const tool of alias.tools) off.add(tool);
      for (const program of alias.programs ?? []) deny.push(program, `${program} *`);
    } else if (known.has(name)) off.add(name);
    else if (isProgram(words[0]!)) deny.push(name, `${name} *`);
    else if (others) off.add(name);
    else {
      const near = nearest(name, [...known, ...Object.keys(ALIASES)]);
      throw new UsageError(`"${name}" names no tool and no program, so it can't be disabled.`, {
        remedy: near.length > 0 ? `Nearest: ${near.join(", ")}.` : "Check its spelling.",
      });
    }
  }
  return { tools: off, deny };
}
