import { closeSync, openSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The holder touches its lock this often; one not touched for longer than `STALE_MS` belongs to a process that died. */
const TOUCH_MS = 3000;
const STALE_MS = 30_000;
const POLL_MS = 250;

/**
 * Runs `work` while no other process does, by a lock file. While another does, `done` is asked from time to time whether it is
 * still needed. Works across containers that share the folder, for it trusts times and not process ids.
 */
export async function withLock<T>(
  file: string,
  done: () => T | undefined,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    const already = done();
    if (already !== undefined) return already;
    if (take(file)) break;
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      throw signal?.reason ?? error;
    });
  }
  const beat = setInterval(() => touch(file), TOUCH_MS);
  beat.unref();
  try {
    return done() ?? (await work());
  } finally {
    clearInterval(beat);
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    closeSync(openSync(file, "wx"));
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  try {
    if (Date.now() - statSync(file).mtimeMs > STALE_MS) {
      // Renamed first: of several that see it stale, one alone succeeds.
      const mine = `${file}.${process.pid}`;
      renameSync(file, mine);
      rmSync(mine, { force: true });
    }
  } catch {
    // Released or taken over meanwhile.
  }
  return false;
}

function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // The folder was removed while we worked; the work itself will say so.
  }
}
