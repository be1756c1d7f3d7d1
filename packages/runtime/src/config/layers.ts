import { isObject, type JsonObject, type JsonValue } from "hearth";
import { isForeign, isSection, keyOfAlias, keyOfEnvironment, keyOfFile, PREFIX } from "./names.ts";
import type { Base } from "./setting.ts";
import type { SettingKey } from "./table.ts";

export const SOURCES = [
  "default",
  "user file",
  "workspace file",
  "workspace .env",
  "environment",
  "config file",
  "flag",
] as const;

/** Where a value can come from, weakest first. */
export type Source = (typeof SOURCES)[number];

/** One value as it was written. */
export interface Entry {
  /** As the user wrote it: `HEARTH_MAX_STEPS`, `sandbox.memoryMb`, `--max-steps`. */
  name: string;
  raw: JsonValue;
  /** Absent: a name of ours that stands for nothing. */
  key?: SettingKey;
  /** The name of the field under which it was found, where it is not our own. */
  alias?: string;
}

/** What one source says. */
export interface Layer {
  source: Source;
  /** The file, for messages; empty for flags and the environment. */
  where: string;
  base: Base;
  /** Only what the rule of a setting allows counts from an untrusted layer. */
  trusted: boolean;
  entries: readonly Entry[];
}

/** Variables that mean something to us, our own names last so that they win over common ones. Empty is not set. */
export function environmentEntries(env: Readonly<Record<string, string | undefined>>): Entry[] {
  const common: Entry[] = [];
  const own: Entry[] = [];
  for (const [name, raw] of Object.entries(env)) {
    if (raw === undefined || raw.trim() === "") continue;
    const alias = keyOfAlias(name);
    if (alias !== undefined) common.push({ name, raw, key: alias, alias: name });
    if (!name.startsWith(PREFIX) || isForeign(name)) continue;
    const key = keyOfEnvironment(name);
    own.push(key === undefined ? { name, raw } : { name, raw, key });
  }
  return [...common, ...own];
}

/** The values of a file, sections unfolded into dotted names. `null` is not set; `$schema` is for editors. */
export function fileEntries(object: JsonObject, above = ""): Entry[] {
  const entries: Entry[] = [];
  for (const [part, raw] of Object.entries(object)) {
    const name = above + part;
    if (raw === undefined || raw === null || name === "$schema") continue;
    const key = keyOfFile(name);
    if (key !== undefined) entries.push({ name, raw, key });
    else if (isObject(raw) && isSection(name)) entries.push(...fileEntries(raw, `${name}.`));
    else entries.push({ name, raw });
  }
  return entries;
}
