import { flagName, type Scope, SETTING_KEYS, type SettingKey, settingOf } from "@hearth/runtime";

/** A flag as the parser and help see it: made from a setting, or a command's own. */
export interface Flag {
  /** Without dashes. */
  name: string;
  short?: string;
  /** Absent: the flag takes no value. */
  placeholder?: string;
  about: string;
  /** May be given several times; `lines`: a value is taken whole, commas and all. */
  repeats?: true | "lines";
  /** The setting it sets; absent for a command's own flags. */
  key?: SettingKey;
}

function flagOf(key: SettingKey): Flag | undefined {
  const name = flagName(key);
  if (name === undefined) return undefined;
  const { short, placeholder, about, repeats } = settingOf(key);
  const flag: Flag = { name, about, key };
  if (short !== undefined) flag.short = short;
  if (placeholder !== undefined) flag.placeholder = placeholder;
  if (repeats !== undefined) flag.repeats = repeats;
  return flag;
}

const HELP: Flag = { name: "help", short: "h", about: "Show this help." };

/** Flags of a command: its own, those of the settings it takes, and `--help`. */
export function flagsFor(scopes: readonly Scope[], own: readonly Flag[] = []): Flag[] {
  const settings = SETTING_KEYS.filter((key) => scopes.includes(settingOf(key).scope)).flatMap(
    (key) => flagOf(key) ?? [],
  );
  return [...own, ...settings, HELP];
}
