import { SETTING_KEYS, type SettingKey, settingOf } from "./table.ts";

export const PREFIX = "HEARTH_";

/** Names with our prefix that are read elsewhere: by tests and by tools around the command. */
const FOREIGN: ReadonlySet<string> = new Set(["HEARTH_SHARED"]);

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** `maxSteps` → `HEARTH_MAX_STEPS`, `sandbox.memoryMb` → `HEARTH_SANDBOX__MEMORY_MB`. */
export function environmentName(key: SettingKey): string {
  return PREFIX + key.split(".").map(snake).join("__");
}

/** `maxSteps` → `max-steps`; a setting without flag has none. */
export function flagName(key: SettingKey): string | undefined {
  if (settingOf(key).scope === "none") return undefined;
  return snake(key).toLowerCase().replaceAll("_", "-");
}

/** Spelling that does not matter in files: `max_steps`, `max-steps` and `maxSteps` are one name. */
const folded = (name: string): string => name.toLowerCase().replace(/[-_]/g, "");

const BY_ENVIRONMENT = new Map(SETTING_KEYS.map((key) => [environmentName(key), key]));
const BY_FOLDED = new Map(SETTING_KEYS.map((key) => [folded(key), key]));
const BY_ALIAS = new Map(
  SETTING_KEYS.flatMap((key) => (settingOf(key).aliases ?? []).map((alias) => [alias.name, key] as const)),
);

export const keyOfEnvironment = (name: string): SettingKey | undefined => BY_ENVIRONMENT.get(name);
export const keyOfAlias = (name: string): SettingKey | undefined => BY_ALIAS.get(name);
export const isForeign = (name: string): boolean => FOREIGN.has(name);

/** The key for a dotted name in a file; lists are understood in the plural too (`toolModules`). */
export function keyOfFile(name: string): SettingKey | undefined {
  const plain = folded(name);
  const exact = BY_FOLDED.get(plain);
  if (exact !== undefined) return exact;
  const single = plain.endsWith("s") ? BY_FOLDED.get(plain.slice(0, -1)) : undefined;
  return single !== undefined && settingOf(single).repeats ? single : undefined;
}

/** Whether a dotted name is the beginning of some settings' names (`sandbox`). */
export function isSection(name: string): boolean {
  const start = `${folded(name)}.`;
  return [...BY_FOLDED.keys()].some((key) => key.startsWith(start));
}
