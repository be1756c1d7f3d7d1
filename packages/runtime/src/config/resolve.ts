import { ConfigError, type JsonValue } from "hearth";
import type { Entry, Layer, Source } from "./layers.ts";
import { maskValue } from "./mask.ts";
import { environmentName, flagName, PREFIX } from "./names.ts";
import { nearest } from "./nearest.ts";
import { SETTING_KEYS, type SettingKey, type Settings, settingOf } from "./table.ts";

/** Where a value came from. */
export interface Origin {
  source: Source;
  /** The file, where there is one. */
  where: string;
  /** The name under which it was found. */
  name: string;
  /** False for what an untrusted file of the workspace said (and was allowed to say). */
  trusted: boolean;
}

/** Something in a file of the workspace that does not count. */
export interface Ignored {
  name: string;
  where: string;
  why: string;
}

export interface Resolved {
  settings: Settings;
  origins: Readonly<Record<SettingKey, Origin>>;
  ignored: readonly Ignored[];
}

const place = ({ where }: Layer, name: string): string => (where === "" ? name : `${name} in ${where}`);

/**
 * A name of ours that stands for nothing. From a trusted source it is an error; in a file of the workspace too where it is
 * nearly a known one (somebody mistyped), else it is named and passed over: it may be meant for another version.
 */
function unknown(layer: Layer, entry: Entry): Ignored {
  const known = entry.name.startsWith(PREFIX) ? SETTING_KEYS.map(environmentName) : SETTING_KEYS;
  const near = nearest(entry.name, known);
  if (layer.trusted || near?.likely) {
    throw new ConfigError(`${place(layer, entry.name)} is no setting; the nearest is ${near?.name}.`, {
      remedy: `Write ${near?.name}, or leave it out; \`hearth config\` lists every setting.`,
    });
  }
  return { name: entry.name, where: layer.where, why: "there is no such setting" };
}

/** The value of one entry, or `undefined` where a common name says nothing that is meant for us. */
function readEntry(layer: Layer, entry: Entry, key: SettingKey): { value: unknown } | undefined {
  const setting = settingOf(key);
  const alias = setting.aliases?.find((one) => one.name === entry.alias);
  const reading = alias?.read === undefined ? setting.read(entry.raw) : alias.read(entry.raw);
  if (reading === undefined) return undefined;
  if (!reading.ok) {
    throw new ConfigError(
      `${place(layer, entry.name)} must be ${reading.expected}, not ${shown(entry.raw, setting.secret)}.`,
      { remedy: `Set it to ${reading.expected}, or leave it out (default: ${defaultText(key)}).` },
    );
  }
  return { value: setting.at === undefined ? reading.value : setting.at(reading.value, layer.base) };
}

function shown(raw: JsonValue, secret = false): string {
  const written = JSON.stringify(secret ? maskValue(String(raw)) : raw);
  return written.length > 80 ? `${written.slice(0, 77)}…` : written;
}

/** The default as help shows it. */
export function defaultText(key: SettingKey): string {
  const { default: value, defaultText: words } = settingOf(key);
  if (words !== undefined) return words;
  if (value === undefined) return "none";
  return Array.isArray(value) ? value.join(",") || "none" : String(value);
}

/**
 * One value for every setting, from layers in the order of their strength, weakest first. A pure function.
 * @throws ConfigError for a wrong type, or an unknown name: in a file of the workspace only where it is nearly a known one
 */
export function resolve(layers: readonly Layer[]): Resolved {
  const values: Partial<Record<SettingKey, unknown>> = {};
  const trusted: Partial<Record<SettingKey, unknown>> = {};
  const origins: Partial<Record<SettingKey, Origin>> = {};
  const ignored: Ignored[] = [];
  for (const key of SETTING_KEYS) {
    values[key] = trusted[key] = settingOf(key).default;
    origins[key] = { source: "default", where: "", name: flagName(key) ?? key, trusted: true };
  }
  for (const layer of layers) {
    for (const entry of layer.entries) {
      const { key, name } = entry;
      if (key === undefined) {
        ignored.push(unknown(layer, entry));
        continue;
      }
      const setting = settingOf(key);
      if (!layer.trusted && setting.workspace === undefined) {
        ignored.push({ name, where: layer.where, why: "a file of the workspace may not set it" });
        continue;
      }
      const found = readEntry(layer, entry, key);
      if (found === undefined) continue;
      const refused = layer.trusted ? undefined : setting.workspace?.(found.value, trusted[key]);
      if (refused !== undefined) {
        ignored.push({ name, where: layer.where, why: refused });
        continue;
      }
      values[key] = found.value;
      if (layer.trusted) trusted[key] = found.value;
      origins[key] = { source: layer.source, where: layer.where, name, trusted: layer.trusted };
    }
  }
  return { settings: values as Settings, origins: origins as Record<SettingKey, Origin>, ignored };
}
