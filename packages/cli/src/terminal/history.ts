import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Lines kept; the file is cut to them once it holds twice as many. */
const MAX_LINES = 1000;

/**
 * What was typed before, in a file that only the user can read: one JSON text a line, oldest first. Lines that begin with a
 * space are not kept. A file that can't be read or written costs the history, never the session.
 */
export class History {
  readonly #file: string | undefined;
  readonly #lines: string[];
  #broken = false;

  /** Without a file it lasts as long as the process. */
  constructor(file?: string) {
    this.#file = file;
    const all = file === undefined ? [] : read(file);
    this.#lines = all.slice(-MAX_LINES);
    if (file !== undefined && all.length > 2 * MAX_LINES) this.#write(() => cut(file, this.#lines));
  }

  /** Newest first, as readline wants them. */
  get newestFirst(): string[] {
    return this.#lines.toReversed();
  }

  add(line: string): void {
    if (line.trim() === "" || line.startsWith(" ") || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    const file = this.#file;
    if (file !== undefined) this.#write(() => append(file, line));
  }

  #write(put: () => void): void {
    if (this.#broken) return;
    try {
      put();
    } catch {
      this.#broken = true;
    }
  }
}

function read(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").flatMap(lineOf);
  } catch {
    return [];
  }
}

function lineOf(raw: string): string[] {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === "string" ? [value] : [];
  } catch {
    return [];
  }
}

function append(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  // A file that was there before keeps its mode otherwise.
  chmodSync(file, 0o600);
}

function cut(file: string, lines: readonly string[]): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, lines.map((line) => `${JSON.stringify(line)}\n`).join(""), { mode: 0o600 });
  renameSync(fresh, file);
}
