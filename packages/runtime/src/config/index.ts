/**
 * Settings: one table, from which names, flags, parsing, help, templates and trust follow; each value knows its source.
 * Owns where settings come from, what a workspace's own files may say, and how secrets are masked.
 * Does not own what settings are used for: it starts nothing and asks no engine.
 */
export * from "./address.ts";
export { envTemplate, settingsTable } from "./document.ts";
export { explain, runSettings, type ShownSetting } from "./explain.ts";
export { MAX_SETTINGS_BYTES, readJsonObject, readSettingsText } from "./files.ts";
export { type Entry, SOURCES, type Source } from "./layers.ts";
export { type Config, type LoadInput, loadConfig, type SettingsFile } from "./load.ts";
export { isSecretName, maskText, maskValue, secretsOf } from "./mask.ts";
export { environmentName, flagName } from "./names.ts";
export { type Near, nearest } from "./nearest.ts";
export { type Environment, type Paths, sandboxFolder, startFolder, userPaths } from "./paths.ts";
export { defaultText, type Ignored, type Origin, type Resolved } from "./resolve.ts";
export { isCloudModel } from "./rules.ts";
export { placed, type Scope, type Setting } from "./setting.ts";
export { isDatabase, SETTING_KEYS, SETTINGS, type SettingKey, type Settings, settingOf } from "./table.ts";
export {
  type Fingerprint,
  isTrusted,
  readTrust,
  trustFolder,
  WORKSPACE_ENV,
  WORKSPACE_FILE,
} from "./trust.ts";
