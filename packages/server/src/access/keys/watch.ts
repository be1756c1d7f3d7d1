import { statSync } from "node:fs";
import { readKeys } from "./file.ts";
import { KeyRing } from "./ring.ts";

/** How often the file is looked at: a key that is revoked works this much longer at most, and as long as reading takes. */
const LOOK_MS = 500;

export interface WatchedKeys {
  ring: KeyRing;
  close(): void;
}

export interface WatchOptions {
  /** Told once for each thing that goes wrong. */
  note?: (text: string) => void;
  now?: () => number;
}

/**
 * The keys in a file, read again when it changes. A file that can't be read any more lets nobody in, and so does one that is gone:
 * only a start without keys is a service without keys.
 * Raises `UsageError` where the file can't be read at the start.
 */
export function watchKeys(
  file: string,
  { note = () => undefined, now = Date.now }: WatchOptions = {},
): WatchedKeys {
  let seen = stampOf(file);
  const ring = new KeyRing(readKeys(file), now);
  const look = (): void => {
    const stamp = stampOf(file);
    try {
      if (stamp === seen) ring.look();
      else ring.set(readKeys(file));
      seen = stamp;
    } catch (error) {
      seen = stamp;
      ring.require();
      ring.set([]);
      note(error instanceof Error ? error.message : String(error));
    }
  };
  const timer = setInterval(look, LOOK_MS).unref();
  return { ring, close: () => clearInterval(timer) };
}

/** Differs when the file does. A new file is written beside and renamed, so that its inode differs even within one tick of the clock. */
function stampOf(file: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "unreadable";
  }
}
