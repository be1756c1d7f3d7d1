import { createHash } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HearthError, isObject, type JsonObject } from "hearth";

/** The audit could not be written: then the tool must not run. */
export class AuditError extends HearthError {}

const FIRST = "0".repeat(64);
const LOCK_MS = 3000;
/** A lock older than this was left by a process that died. */
const STALE_MS = 10_000;

export type AuditRecord = { seq: number; prev: string; hash: string } & JsonObject;

function hashOf(prev: string, body: JsonObject): string {
  return createHash("sha256").update(prev).update("\n").update(JSON.stringify(body)).digest("hex");
}

/** Appends to an audit file. Several logs, in several processes too, may write to one file. */
export class AuditLog {
  readonly #file: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  /** Writes one entry and waits until it is on the disk. */
  append(entry: JsonObject): Promise<void> {
    const next = this.#last.then(() => this.#write(entry));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #write(entry: JsonObject): Promise<void> {
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      await locked(`${this.#file}.lock`, () => {
        const fd = openSync(this.#file, "a+", 0o600);
        try {
          const { seq, hash: prev } = lastOf(fd);
          const body: JsonObject = { seq: seq + 1, ...entry };
          const hash = hashOf(prev, body);
          writeSync(fd, `${JSON.stringify({ ...body, prev, hash })}\n`);
          fsyncSync(fd);
          mark(`${this.#file}.head`, { seq: seq + 1, hash });
        } finally {
          closeSync(fd);
        }
      });
    } catch (cause) {
      throw new AuditError(`The audit ${this.#file} can't be written.`, {
        cause,
        remedy: "Free space on the disk, or mend its permissions.",
      });
    }
  }
}

/** The last line's number and hash, read from the end of the file. */
function lastOf(fd: number): { seq: number; hash: string } {
  const { size } = fstatSync(fd);
  for (let span = 65_536; size > 0; span *= 4) {
    const from = Math.max(0, size - span);
    const bytes = Buffer.alloc(size - from);
    readSync(fd, bytes, 0, bytes.length, from);
    const lines = bytes.toString().trimEnd().split("\n");
    if (lines.length < 2 && from > 0) continue;
    const record: unknown = JSON.parse(lines.at(-1) ?? "");
    if (!isObject(record) || typeof record["seq"] !== "number" || typeof record["hash"] !== "string")
      throw new Error("its last line is no entry");
    return { seq: record["seq"], hash: record["hash"] };
  }
  return { seq: 0, hash: FIRST };
}

/** Where the chain ends, beside the file: without it a file cut at its end would look whole. */
function mark(file: string, head: { seq: number; hash: string }): void {
  const fd = openSync(file, "w", 0o600);
  try {
    writeSync(fd, `${JSON.stringify(head)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

async function locked(file: string, work: () => void): Promise<void> {
  const until = performance.now() + LOCK_MS;
  for (;;) {
    try {
      closeSync(openSync(file, "wx", 0o600));
      break;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const stat = statSync(file, { throwIfNoEntry: false });
      if (stat !== undefined && Date.now() - stat.mtimeMs > STALE_MS) rmSync(file, { force: true });
      else if (performance.now() > until) throw error;
      else await sleep(5);
    }
  }
  try {
    work();
  } finally {
    rmSync(file, { force: true });
  }
}

export type AuditCheck =
  | { ok: true; entries: number }
  | { ok: false; entries: number; line: number; why: string };

/** Checks the whole chain: `hearth audit verify`. A missing file is an empty chain. */
export function verifyAudit(file: string): AuditCheck {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) {
    const head = headOf(`${file}.head`);
    return head === undefined
      ? { ok: true, entries: 0 }
      : { ok: false, entries: 0, line: 1, why: "the file is gone" };
  }
  let prev = FIRST;
  let seq = 0;
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    if (line === "") continue;
    const fail = (why: string): AuditCheck => ({ ok: false, entries: seq, line: index + 1, why });
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch {
      return fail("the line is no JSON");
    }
    if (!isObject(record)) return fail("the line is no entry");
    const { prev: before, hash, ...body } = record;
    if (body["seq"] !== seq + 1) return fail(`entry ${seq + 1} is missing or out of place`);
    if (before !== prev) return fail("it does not follow the entry before it");
    if (hash !== hashOf(prev, body)) return fail("its content was changed");
    prev = hash;
    seq++;
  }
  const head = headOf(`${file}.head`);
  if (head !== undefined && (head.seq !== seq || head.hash !== prev)) {
    return {
      ok: false,
      entries: seq,
      line: seq + 1,
      why: `${head.seq} entries were written, ${seq} are there`,
    };
  }
  return { ok: true, entries: seq };
}

function headOf(file: string): { seq: number; hash: string } | undefined {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  try {
    const head: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isObject(head) && typeof head["seq"] === "number" && typeof head["hash"] === "string"
      ? { seq: head["seq"], hash: head["hash"] }
      : { seq: -1, hash: "" };
  } catch {
    // Cut off while it was written: no head to compare with is a finding, not a pass.
    return { seq: -1, hash: "" };
  }
}
