import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { ConfigError, isObject, type JsonObject } from "hearth";

/** Settings are small; what is larger is no file of settings. */
export const MAX_SETTINGS_BYTES = 1_048_576;

const code = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);

/**
 * The text of a file of settings; `undefined` where there is none. Opened without blocking, and only a plain file is
 * read: a workspace may hold a pipe or a link to a device under this name.
 */
export function readSettingsText(file: string): string | undefined {
  return readPlainFile(file)?.toString("utf8");
}

/** The bytes of a plain file of at most `MAX_SETTINGS_BYTES`; `undefined` where there is none. */
export function readPlainFile(file: string): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (code(error) === "ENOENT" || code(error) === "ENOTDIR") return undefined;
    throw new ConfigError(`${file} can't be read (${code(error)}).`, {
      remedy: "Make it readable, or remove it.",
      cause: error,
    });
  }
  try {
    const stat = fstatSync(descriptor);
    // Virtual environments of Python are often folders named .env.
    if (stat.isDirectory()) return undefined;
    if (!stat.isFile()) {
      throw new ConfigError(`${file} is no plain file.`, { remedy: "Remove it, or put a text file there." });
    }
    if (stat.size > MAX_SETTINGS_BYTES) {
      throw new ConfigError(`${file} has ${stat.size} bytes; settings take at most ${MAX_SETTINGS_BYTES}.`, {
        remedy: "Is this the right file?",
      });
    }
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function readJsonObject(content: string, file: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(content.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new ConfigError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}.`, {
      remedy: "Mend it; JSON takes no comments and no comma after the last item.",
      cause: error,
    });
  }
  if (!isObject(value))
    throw new ConfigError(`${file} holds no JSON object.`, { remedy: 'Write {"model": "…"}.' });
  return value;
}
