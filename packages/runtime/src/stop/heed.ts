import { type FSWatcher, mkdirSync, watch } from "node:fs";
import { emergencyStop, liftStop, STOP_GRACE_MS } from "@hearth/tools";
import type { Paths } from "../config/index.ts";
import { list, startOf, unlist } from "./processes.ts";
import { readStop, stopFolder, stopWords } from "./pulled.ts";

/** Where the folder can't be watched it is looked at this often, and where it can, for what the system may forget to tell. */
const POLL_MS = 200;
const REMIND_MS = 2000;

/** Who pulls it here. */
const BY = "the user";

/** How often each folder is heeded in this process; the process is listed once. */
const heeded = new Map<string, { times: number; end: () => void }>();

/**
 * From now on this process does what the user's stop says: ends its tools and runs when it is pulled, starts none while it holds, and
 * goes on when it is lifted. One that holds already counts at once. Where the state directory can't be written the process runs
 * without, and `notice` says so. The answer ends it.
 */
export function heedStop(
  paths: Pick<Paths, "state">,
  command: string,
  notice: (text: string) => void,
): () => void {
  const folder = stopFolder(paths);
  const known = heeded.get(folder) ?? { times: 0, end: begin(paths, command, notice) };
  known.times++;
  heeded.set(folder, known);
  let over = false;
  return () => {
    if (over) return;
    over = true;
    if (--known.times > 0) return;
    heeded.delete(folder);
    known.end();
  };
}

function begin(paths: Pick<Paths, "state">, command: string, notice: (text: string) => void): () => void {
  const own = { pid: process.pid, start: startOf(process.pid), command };
  let pulled: string | undefined;
  const look = (): void => {
    const stop = readStop(paths);
    if (stop === undefined) {
      if (pulled !== undefined) liftStop(BY);
      pulled = undefined;
      return;
    }
    if (pulled === stop.since) return;
    pulled = stop.since;
    emergencyStop(stopWords(stop), BY);
    const done = (): void => {
      try {
        list(paths, { ...own, done: stop.since });
      } catch {
        // Then whoever stopped takes it for one that did not answer.
      }
    };
    setTimeout(done, STOP_GRACE_MS + 50).unref();
  };
  try {
    mkdirSync(stopFolder(paths), { recursive: true, mode: 0o700 });
    list(paths, own);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    notice(`\`hearth stop\` will not reach this process: ${why}.`);
    return () => undefined;
  }
  const end = watched(stopFolder(paths), look);
  const gone = (): void => unlist(paths, own.pid);
  process.on("exit", gone);
  look();
  return () => {
    end();
    process.off("exit", gone);
    gone();
  };
}

/** Calls back at each change in the folder, at once where the system tells of it. */
function watched(folder: string, look: () => void): () => void {
  let timer = setInterval(look, REMIND_MS).unref();
  let watcher: FSWatcher | undefined;
  const unwatched = (): void => {
    watcher?.close();
    clearInterval(timer);
    timer = setInterval(look, POLL_MS).unref();
  };
  try {
    watcher = watch(folder, { persistent: false }, look);
    watcher.on("error", unwatched);
  } catch {
    // No watches left.
    unwatched();
  }
  return () => {
    clearInterval(timer);
    watcher?.close();
  };
}
