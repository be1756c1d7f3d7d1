import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigError } from "hearth";
import { type Config, maskText } from "../config/index.ts";

/** Writes one entry: what it is about, and the whole of it. */
export type DebugLog = (title: string, content: unknown) => void;

/**
 * The debug log of `DEBUG=1` and `--debug`: whole prompts and results, secrets masked. Goes to `HEARTH_LOG_FILE` (readable by
 * the user only), else to `write`. `undefined` where nobody debugs.
 */
export function debugLog(
  config: Config,
  write: (text: string) => void,
  now = () => new Date(),
): DebugLog | undefined {
  const { debug, logFile } = config.settings;
  if (!debug) return undefined;
  const put = logFile === undefined ? write : appender(logFile);
  return (title, content) => {
    const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
    put(`${now().toISOString()} ${title}\n${maskText(text ?? "", config.secrets)}\n`);
  };
}

function appender(file: string): (text: string) => void {
  const append = (text: string): void => appendFileSync(file, text, { mode: 0o600 });
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    append("");
  } catch (error) {
    throw new ConfigError(`The log file ${file} can't be written.`, {
      remedy: "Name another one in HEARTH_LOG_FILE, or leave it out.",
      cause: error,
    });
  }
  return append;
}
