import { realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ConfigError, UsageError } from "hearth";
import { readDotenv } from "./dotenv.ts";
import { readJsonObject, readSettingsText } from "./files.ts";
import { type Entry, environmentEntries, fileEntries, type Layer, type Source } from "./layers.ts";
import { secretsOf } from "./mask.ts";
import { type Environment, type Paths, startFolder, userPaths } from "./paths.ts";
import { type Resolved, resolve } from "./resolve.ts";
import { settingOf } from "./table.ts";
import { isTrusted, WORKSPACE_ENV, WORKSPACE_FILE } from "./trust.ts";

/** A file of settings that was looked for. */
export interface SettingsFile {
  file: string;
  source: Source;
  found: boolean;
  trusted: boolean;
}

/** The settings of this process, each with its source. */
export interface Config extends Resolved {
  /** The folder that tools work in: absolute, links resolved. */
  workspace: string;
  /** The folder that paths on the command line are meant from. */
  folder: string;
  paths: Paths;
  files: readonly SettingsFile[];
  /** Values that must never be shown, longest first. */
  secrets: readonly string[];
}

export interface LoadInput {
  env: Environment;
  cwd: string;
  /** What the command line said. */
  flags?: readonly Entry[];
}

/**
 * Reads settings from all sources, weakest first: defaults, the user's file, the workspace's file, its `.env`, the
 * environment, the file of `--config`, flags. Which workspace it is, its own files can't say.
 * @throws ConfigError naming source, key and what was expected; UsageError where a folder or file named is not there
 */
export function loadConfig({ env, cwd, flags = [] }: LoadInput): Config {
  const folder = startFolder(env, cwd);
  const paths = userPaths(env);
  const base = { folder, home: paths.home };
  const files: SettingsFile[] = [];

  const fileLayer = (source: Source, file: string, trusted: boolean): Layer => {
    const content = readSettingsText(file);
    files.push({ file, source, found: content !== undefined, trusted });
    const entries =
      content === undefined
        ? []
        : source === "workspace .env"
          ? environmentEntries(readDotenv(content, file))
          : fileEntries(readJsonObject(content, file));
    return { source, where: file, base: { folder: dirname(file), home: paths.home }, trusted, entries };
  };

  const user = fileLayer("user file", paths.userConfig, true);
  const environment: Layer = {
    source: "environment",
    where: "",
    base,
    trusted: true,
    entries: environmentEntries(env),
  };
  const flag: Layer = { source: "flag", where: "", base, trusted: true, entries: flags };

  const named = resolve([environment, flag]).settings.config;
  const own: Layer[] = named === undefined ? [] : [fileLayer("config file", named, true)];
  if (named !== undefined && !files.at(-1)?.found) {
    throw new ConfigError(`The file of settings ${named} is not there.`, { remedy: "Name one that is." });
  }

  const asked = resolve([user, environment, ...own, flag]);
  const workspace = existingFolder(settingOf("workspace").at?.(asked.settings.workspace, base), folder);
  const trusted = isTrusted(paths, workspace);
  const resolved = resolve([
    user,
    fileLayer("workspace file", join(workspace, WORKSPACE_FILE), trusted),
    fileLayer("workspace .env", join(workspace, WORKSPACE_ENV), trusted),
    environment,
    ...own,
    flag,
  ]);
  const { apiKey } = resolved.settings;
  const secrets = [...(apiKey === undefined ? [] : [apiKey]), ...secretsOf(env)];
  return {
    ...resolved,
    settings: { ...resolved.settings, workspace },
    workspace,
    folder,
    paths,
    files,
    secrets,
  };
}

function existingFolder(wanted: unknown, fallback: string): string {
  const folder = typeof wanted === "string" ? wanted : fallback;
  try {
    if (statSync(folder).isDirectory()) return realpathSync(folder);
  } catch (error) {
    throw new UsageError(`The workspace ${folder} is not there.`, {
      remedy: "Name a folder that exists with --workspace DIR.",
      cause: error,
    });
  }
  throw new UsageError(`The workspace ${folder} is no folder.`, {
    remedy: "Name a folder with --workspace DIR.",
  });
}
