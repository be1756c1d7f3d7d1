import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isObject, type JsonValue, UsageError } from "hearth";
import { type KeyRecord, readRecord } from "./record.ts";

/** How long a writer waits for another that is just writing. */
const LOCK_MS = 5000;
const VERSION = 1;

/**
 * The keys in a file; none where there is no file.
 * Raises `UsageError` where it can't be read, is not what it should be, or others may write to it.
 */
export function readKeys(file: string): KeyRecord[] {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (cause) {
    if (isAbsent(cause)) return [];
    throw new UsageError(`Can't read the keys in ${file}.`, {
      remedy: "Mend its permissions; until then no key works.",
      cause,
    });
  }
  refuseForeign(file);
  try {
    const value: JsonValue = JSON.parse(content);
    if (!isObject(value) || value["version"] !== VERSION || !Array.isArray(value["keys"]))
      throw new Error(`it is no list of keys of version ${VERSION}`);
    const keys = value["keys"].map(readRecord);
    if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error("an id stands there twice");
    return keys;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`The keys in ${file} can't be read: ${why}.`, {
      remedy: "Restore the file, or remove it and make new keys; until then no key works.",
      cause,
    });
  }
}

/** Whoever may write to the file may let anybody in. Reading tells nothing: hashes of 256 random bits are no secret. */
function refuseForeign(file: string): void {
  if (process.platform === "win32") return;
  const { mode, uid } = statSync(file);
  const mine = uid === process.getuid?.() || uid === 0;
  if (mine && (mode & 0o022) === 0) return;
  throw new UsageError(`Others may write to the keys in ${file}.`, {
    remedy: `Write \`chmod 600 ${file}\`, and look at \`hearth keys list\` for keys you did not make.`,
  });
}

/**
 * Changes the keys in a file, as one step: other writers wait, readers see the old file or the new one. What `change` gives is written;
 * what it raises leaves the file as it was.
 */
export function changeKeys(file: string, change: (keys: readonly KeyRecord[]) => readonly KeyRecord[]): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  locked(`${file}.lock`, () => {
    const target = resolved(file);
    const keys = change(readKeys(target));
    const beside = `${target}.${process.pid}.new`;
    try {
      const fd = openSync(beside, "wx", 0o600);
      try {
        writeFileSync(fd, `${JSON.stringify({ version: VERSION, keys }, null, 2)}\n`);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(beside, target);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
  });
}

/** SQLite's lock on a file ends with the process that holds it, however that ends: nothing is ever left locked. */
function locked(file: string, body: () => void): void {
  const db = new DatabaseSync(file, { timeout: LOCK_MS });
  try {
    try {
      db.exec("BEGIN EXCLUSIVE");
    } catch (cause) {
      throw new UsageError(`Another command is changing the keys beside ${file}.`, {
        remedy: "Try again.",
        cause,
      });
    }
    body();
    db.exec("ROLLBACK");
  } finally {
    db.close();
  }
}

/** The file itself where its name is a link: the link stays. */
function resolved(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if (isAbsent(error)) return file;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
