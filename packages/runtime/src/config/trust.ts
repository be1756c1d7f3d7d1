import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isObject } from "hearth";
import { readDotenv } from "./dotenv.ts";
import { readJsonObject, readPlainFile, readSettingsText } from "./files.ts";
import { environmentEntries, fileEntries } from "./layers.ts";
import type { Paths } from "./paths.ts";
import { settingOf } from "./table.ts";

export const WORKSPACE_FILE = "hearth.config.json";
export const WORKSPACE_ENV = ".env";

/** What trust in a folder is bound to: each file by its path in the folder, with its SHA-256; a file that is not there is `absent`. */
export type Fingerprint = Readonly<Record<string, string>>;

export interface TrustStore {
  version: 1;
  folders: Record<string, { files: Fingerprint; since: string }>;
}

function digest(file: string): string {
  const content = readPlainFile(file);
  return content === undefined ? "absent" : createHash("sha256").update(content).digest("hex");
}

/** Files that the workspace's settings name, whose content counts with them: modules of tools, schemas, instructions. */
function namedFiles(folder: string, home: string): string[] {
  const config = readSettingsText(join(folder, WORKSPACE_FILE));
  const env = readSettingsText(join(folder, WORKSPACE_ENV));
  const entries = [
    ...(config === undefined ? [] : fileEntries(readJsonObject(config, WORKSPACE_FILE))),
    ...(env === undefined ? [] : environmentEntries(readDotenv(env, WORKSPACE_ENV))),
  ];
  const files: string[] = [];
  for (const { key, raw } of entries) {
    if (key !== "toolModule" && key !== "schema" && key !== "system") continue;
    const setting = settingOf(key);
    const reading = setting.read(raw);
    if (!reading.ok) continue;
    for (const value of [setting.at?.(reading.value, { folder, home }) ?? reading.value].flat()) {
      if (typeof value !== "string") continue;
      if (key !== "system") files.push(value);
      else if (value.startsWith("@")) files.push(value.slice(1));
    }
  }
  return files;
}

export function fingerprint(folder: string, home: string): Fingerprint {
  const print: Record<string, string> = {};
  for (const name of [WORKSPACE_FILE, WORKSPACE_ENV]) print[name] = digest(join(folder, name));
  for (const file of namedFiles(folder, home)) print[relative(folder, file) || file] = digest(file);
  return print;
}

/** A store that can't be read trusts nobody. */
export function readTrust(store: string): TrustStore {
  const empty: TrustStore = { version: 1, folders: {} };
  try {
    const value: unknown = JSON.parse(readFileSync(store, "utf8"));
    if (!isObject(value) || value["version"] !== 1 || !isObject(value["folders"])) return empty;
    for (const [folder, entry] of Object.entries(value["folders"])) {
      if (!isObject(entry) || !isObject(entry["files"])) continue;
      const files: Record<string, string> = {};
      for (const [name, hash] of Object.entries(entry["files"])) files[name] = String(hash);
      empty.folders[folder] = { files, since: String(entry["since"] ?? "") };
    }
    return empty;
  } catch {
    return { version: 1, folders: {} };
  }
}

/** Whether the user trusts this folder's settings as they stand now. A changed, new or removed file ends the trust. */
export function isTrusted({ trustStore, home }: Paths, folder: string): boolean {
  const entry = readTrust(trustStore).folders[folder];
  if (entry === undefined) return false;
  const now = fingerprint(folder, home);
  const names = Object.keys(entry.files);
  return names.length === Object.keys(now).length && names.every((name) => entry.files[name] === now[name]);
}

/** Lets the settings of this folder count from now on, as they stand. Written beside and renamed, readable by the user only. */
export function trustFolder({ trustStore, home }: Paths, folder: string, now: Date): Fingerprint {
  const files = fingerprint(folder, home);
  const trust = readTrust(trustStore);
  trust.folders[folder] = { files, since: now.toISOString() };
  mkdirSync(dirname(trustStore), { recursive: true, mode: 0o700 });
  const beside = `${trustStore}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(trust, null, 2)}\n`, { mode: 0o600 });
  renameSync(beside, trustStore);
  return files;
}
