import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** How long another writer is waited for. */
const LOCK_MS = 3000;
/** Age at which a lock was left behind: of an owner that is not there, of one that can't be told, of a number that lives (again). */
const DEAD_STALE_MS = 1000;
const STALE_MS = 10_000;
const LIVE_STALE_MS = 60_000;

/** Does this while no other process does the same. The lock is a file: it holds for all processes that see the same folder. */
export async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + LOCK_MS;
  for (let waitMs = 1; !taken(file); waitMs = Math.min(waitMs * 2, 20)) {
    if (abandoned(file)) clear(file);
    else if (performance.now() > until) throw new Error(`${file} is held by another process`);
    else await sleep(waitMs);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function taken(file: string): boolean {
  try {
    const fd = openSync(file, "wx", 0o600);
    try {
      writeSync(fd, `${process.pid}\n`);
    } finally {
      closeSync(fd);
    }
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Whether its owner is gone. An owner in another pid namespace can't be seen, so a young lock is never taken for abandoned. */
function abandoned(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  const ageMs = Date.now() - stat.mtimeMs;
  const pid = Number(read(file));
  if (!Number.isSafeInteger(pid) || pid <= 0) return ageMs > STALE_MS;
  return ageMs > (isAlive(pid) ? LIVE_STALE_MS : DEAD_STALE_MS);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** Takes an abandoned lock away; of several who try, one moves it. What turns out to be a new owner's goes back. */
function clear(file: string): void {
  const before = statSync(file, { throwIfNoEntry: false })?.ino;
  const grave = `${file}.${process.pid}.${performance.now()}`;
  try {
    renameSync(file, grave);
    if (statSync(grave).ino !== before) linkSync(grave, file);
  } catch {
    // Somebody else was quicker.
  } finally {
    rmSync(grave, { force: true });
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
