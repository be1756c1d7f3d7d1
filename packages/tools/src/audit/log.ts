import {
  closeSync,
  fstatSync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { HearthError, isObject, type JsonObject } from "hearth";
import { type End, FIRST, hashOf, headOf } from "./chain.ts";
import { locked } from "./lock.ts";

/** The audit could not be written: then what has an effect must not run. */
export class AuditError extends HearthError {}

interface Waiting {
  entry: JsonObject;
  written(): void;
  failed(error: unknown): void;
}

/**
 * Appends to an audit file. Several logs, in several processes too, may write to one file. What comes while a write is under way goes
 * to the disk with the next one, together: a busy service waits for the disk once, not once for each call.
 */
export class AuditLog {
  readonly file: string;
  readonly #waiting: Waiting[] = [];
  #writing = false;

  constructor(file: string) {
    this.file = file;
  }

  /** Writes one entry and waits until it is on the disk. Raises `AuditError`. */
  append(entry: JsonObject): Promise<void> {
    return new Promise((written, failed) => {
      this.#waiting.push({ entry, written, failed });
      if (!this.#writing) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#write(batch.map(({ entry }) => entry));
        for (const { written } of batch) written();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing = false;
  }

  async #write(entries: readonly JsonObject[]): Promise<void> {
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      await locked(`${this.file}.lock`, () => this.#add(entries));
    } catch (cause) {
      const why = cause instanceof Error ? ` (${cause.message})` : "";
      throw new AuditError(`The audit ${this.file} can't be written${why}.`, {
        cause,
        remedy: "Free space on the disk, mend its permissions, or name another file with --audit.",
      });
    }
  }

  async #add(entries: readonly JsonObject[]): Promise<void> {
    const fd = openSync(this.file, "a+", 0o600);
    try {
      const { size, end, torn } = lastOf(fd);
      const head = headOf(`${this.file}.head`);
      // Where the file ends before what was written last, the gap stays to be seen: numbers go on from there.
      let last = head !== undefined && head.seq > end.seq ? head : end;
      const lines: string[] = [];
      const add = (body: JsonObject): void => {
        const full: JsonObject = { seq: last.seq + 1, ...body };
        const hash = hashOf(last.hash, full);
        lines.push(`${JSON.stringify({ ...full, prev: last.hash, hash })}\n`);
        last = { seq: last.seq + 1, hash };
      };
      // Half a line is of a call that never began: it goes, and that it was there is said.
      if (torn > 0) add({ time: new Date().toISOString(), what: "recovered", droppedBytes: torn });
      for (const entry of entries) add(entry);
      if (torn > 0) ftruncateSync(fd, size - torn);
      await put(fd, size - torn, Buffer.from(lines.join("")));
      mark(`${this.file}.head`, last);
    } finally {
      closeSync(fd);
    }
  }
}

const flushed = promisify(fsync);

/** All or nothing: on a full disk no half line stays. The disk is waited for without holding up the process. */
async function put(fd: number, size: number, bytes: Buffer): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    await flushed(fd);
  } catch (error) {
    try {
      ftruncateSync(fd, size);
    } catch {
      // Then the next writer finds half a line, and drops it.
    }
    throw error;
  }
}

/** Where the file ends: its last whole line, and the bytes of a half one behind it. Read from the end. */
function lastOf(fd: number): { size: number; end: End; torn: number } {
  const { size } = fstatSync(fd);
  for (let span = 65_536; size > 0; span *= 4) {
    const from = Math.max(0, size - span);
    const bytes = Buffer.alloc(size - from);
    readSync(fd, bytes, 0, bytes.length, from);
    const whole = bytes.lastIndexOf(10);
    const before = whole < 1 ? -1 : bytes.lastIndexOf(10, whole - 1);
    if (before < 0 && from > 0) continue;
    const torn = bytes.length - whole - 1;
    if (whole < 0) return { size, end: { seq: 0, hash: FIRST }, torn };
    const record: unknown = JSON.parse(bytes.subarray(before + 1, whole).toString());
    if (!isObject(record) || typeof record["seq"] !== "number" || typeof record["hash"] !== "string")
      throw new Error("its last line is no entry");
    return { size, end: { seq: record["seq"], hash: record["hash"] }, torn };
  }
  return { size, end: { seq: 0, hash: FIRST }, torn: 0 };
}

/** Notes where the chain ends, beside the file: without it a file cut at its end would look whole. Changed at once or not at all. */
function mark(file: string, end: End): void {
  const next = `${file}.next`;
  writeFileSync(next, `${JSON.stringify(end)}\n`, { mode: 0o600 });
  renameSync(next, file);
}
