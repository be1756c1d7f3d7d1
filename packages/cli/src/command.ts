import type { Config, Scope } from "@hearth/runtime";
import type { Flag, Parsed } from "./args/index.ts";
import type { Output } from "./output.ts";
import type { SignalName } from "./signals.ts";

/** What a command is given. */
export interface CommandContext {
  args: Parsed;
  env: Readonly<Record<string, string | undefined>>;
  /** The folder that paths in arguments are meant from. */
  folder: string;
  /** Reads the settings when first called; what a workspace's files may not say is named on stderr then. */
  config(): Config;
  out: Output;
  /** Fires on SIGINT, SIGTERM and when nobody reads stdout any more. */
  signal: AbortSignal;
}

/** What the file of a command exports: does the work, answers the exit code. */
export interface CommandModule {
  run(context: CommandContext): Promise<number>;
}

/** One row of the table of commands. */
export interface CommandRow {
  name: string;
  /** What follows the name, one line a form. */
  usage: readonly string[];
  summary: string;
  /** Which settings it takes as flags. */
  scopes: readonly Scope[];
  flags?: readonly Flag[];
  /** Which of these end it; the others are its own to handle. Default: all. */
  signals?: readonly SignalName[];
  load(): Promise<CommandModule>;
}
