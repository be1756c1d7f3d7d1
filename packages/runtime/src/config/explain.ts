import type { JsonValue } from "hearth";
import type { Config } from "./load.ts";
import { isSecretName, maskText, maskValue } from "./mask.ts";
import { environmentName, flagName } from "./names.ts";
import { QUEUE_KEYS } from "./queue.ts";
import { SETTING_KEYS, type SettingKey, settingOf } from "./table.ts";

/** A setting as it may be shown: no secret in it. */
export interface ShownSetting {
  name: SettingKey;
  /** Absent where nothing is set and there is no plain default. */
  value?: JsonValue;
  source: string;
  /** The file, or the name under which it was found; absent for defaults. */
  where?: string;
  environment: string;
  flag?: string;
  about: string;
}

function shownValue(key: SettingKey, value: unknown, secrets: readonly string[]): JsonValue | undefined {
  if (value === undefined) return undefined;
  if (settingOf(key).secret || isSecretName(key)) return maskValue(String(value));
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((item) => maskText(String(item), secrets));
  return maskText(String(value), secrets);
}

export function explain(config: Config): ShownSetting[] {
  return SETTING_KEYS.map((key) => {
    const origin = config.origins[key];
    const value = shownValue(key, config.settings[key], config.secrets);
    const flag = flagName(key);
    const shown: ShownSetting = {
      name: key,
      source: origin.source,
      environment: environmentName(key),
      about: settingOf(key).about,
    };
    if (value !== undefined) shown.value = value;
    if (flag !== undefined) shown.flag = `--${flag}`;
    if (origin.source !== "default") shown.where = origin.where || origin.name;
    return shown;
  });
}

/** Settings that say nothing about a run itself. */
const OUTSIDE: ReadonlySet<SettingKey> = new Set([
  "config",
  "continue",
  "json",
  "debug",
  "logFile",
  "journal",
  "audit",
  "host",
  "port",
  ...QUEUE_KEYS,
  "allowHost",
  "workerHost",
  "system",
]);

/** What made a run what it is, for its log: no secrets, nothing unset. */
export function runSettings(config: Config): Record<string, JsonValue> {
  const out: Record<string, JsonValue> = {};
  for (const key of SETTING_KEYS) {
    if (OUTSIDE.has(key) || settingOf(key).secret) continue;
    const value = shownValue(key, config.settings[key], config.secrets);
    if (value !== undefined) out[key] = value;
  }
  return out;
}
