import { isDeepStrictEqual } from "node:util";
import {
  ADJUSTABLE,
  adjustable,
  type Config,
  maskText,
  SETTING_KEYS,
  type SettingKey,
} from "@hearth/runtime";
import { createLog, type Log, type LogLevel } from "./log.ts";
import type { Operations } from "./operations.ts";

/** Of the service itself; the others that can change are those of the runs to come. */
const OWN: ReadonlySet<SettingKey> = new Set(["logLevel", "slowStep", "drain"]);

/** What a second reading of the settings changed. */
export interface Reloaded {
  /** In force now. */
  applied: SettingKey[];
  /** In force after a restart. */
  restart: SettingKey[];
}

/** Which settings differ, and which of them can change in a running service. */
export function changes(now: Config, next: Config): Reloaded {
  const differ = SETTING_KEYS.filter((key) => !isDeepStrictEqual(now.settings[key], next.settings[key]));
  const live = (key: SettingKey): boolean => ADJUSTABLE.has(key) || OWN.has(key);
  return { applied: differ.filter(live), restart: differ.filter((key) => !live(key)) };
}

/** The log as the settings want it. */
export function logOf(config: Config, write: (text: string) => void): Log {
  return createLog({
    form: config.settings.log,
    level: levelOf(config),
    write,
    mask: (text) => maskText(text, config.secrets),
  });
}

function levelOf({ settings: { log, logLevel } }: Config): LogLevel {
  if (logLevel !== "auto") return logLevel;
  return log === "json" ? "info" : "warn";
}

/**
 * The settings read again, as far as they can change in a running service: for runs that begin from now on. Says so in the log, and names
 * what needs a restart.
 */
export function reload(operations: Operations, now: Config, next: Config): Reloaded {
  const { applied, restart } = changes(now, next);
  const { approve } = next.settings;
  operations.adjust({ ...adjustable(next), ...(applied.includes("approve") ? { approve } : {}) });
  operations.slowMs = next.settings.slowStep * 1000;
  operations.log.level = levelOf(next);
  operations.log.write("info", "settings read again", { applied: applied.join(" ") });
  if (restart.length > 0)
    operations.log.write("warn", "these settings need a restart", { settings: restart.join(" ") });
  return { applied, restart };
}
