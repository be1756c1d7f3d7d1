/** One request that was refused, or what a key did: what may be logged of it. Never the key. */
export interface AccessNote {
  what: "refused" | "key-used" | "key-ended";
  status?: number;
  code?: string;
  method?: string;
  path?: string;
  /** The one that was refused or used, where the whole key was right. */
  keyId?: string;
  tenant?: string;
  /** Of who asked. */
  address?: string;
  /** Refusals before this one that were not told, for there were too many. */
  untold?: number;
}

/** Refusals told at once, and then one a second: a flood must not fill the disk. */
const BURST = 20;
/** A path is told up to here. */
const MAX_PATH = 200;

/** Tells of refused requests, of some where there are many. */
export class Refusals {
  readonly #tell: (note: AccessNote) => void;
  readonly #now: () => number;
  #left = BURST;
  #at: number;
  #untold = 0;

  constructor(tell: (note: AccessNote) => void, now: () => number) {
    this.#tell = tell;
    this.#now = now;
    this.#at = now();
  }

  add(note: Omit<AccessNote, "what" | "untold">): void {
    const now = this.#now();
    this.#left = Math.min(BURST, this.#left + Math.max(0, now - this.#at) / 1000);
    this.#at = now;
    if (this.#left < 1) {
      this.#untold++;
      return;
    }
    this.#left--;
    const path = note.path === undefined ? {} : { path: printable(note.path) };
    this.#tell({
      what: "refused",
      ...note,
      ...path,
      ...(this.#untold > 0 ? { untold: this.#untold } : {}),
    });
    this.#untold = 0;
  }
}

/** A path as it can stand in a log and on a terminal: no control characters, and not without end. */
function printable(path: string): string {
  return path.slice(0, MAX_PATH).replace(/[^\x20-\x7e]/g, "?");
}

/** Takes a line of a log; the log's own type belongs to a room above. */
interface Lines {
  write(level: "warn" | "info", message: string, fields: Record<string, string | number | undefined>): void;
}

const SAID: Record<AccessNote["what"], string> = {
  refused: "request refused",
  "key-used": "key used",
  "key-ended": "key ended",
};

/** Notes as lines of the service's log. */
export function tellRefusals(log: Lines): (note: AccessNote) => void {
  return ({ what, ...fields }) => log.write(what === "refused" ? "warn" : "info", SAID[what], { ...fields });
}
