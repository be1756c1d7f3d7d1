import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { isObject, type JsonObject } from "hearth";

/** Where a chain ends. */
export interface End {
  seq: number;
  hash: string;
}

/** What the first entry follows. */
export const FIRST = "0".repeat(64);

/** SHA-256 of the entry's own text after that of the one before it. */
export function hashOf(prev: string, body: JsonObject): string {
  return createHash("sha256").update(prev).update("\n").update(JSON.stringify(body)).digest("hex");
}

/** It is changed at once or not at all, so one that can't be read was changed by somebody else: no entry has this end. */
const FOREIGN: End = { seq: -1, hash: "" };

/** The end that was noted beside the file; `undefined` where there is none. */
export function headOf(file: string): End | undefined {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  try {
    const head: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isObject(head) && typeof head["seq"] === "number" && typeof head["hash"] === "string"
      ? { seq: head["seq"], hash: head["hash"] }
      : FOREIGN;
  } catch {
    return FOREIGN;
  }
}

/** `noted`: the end could be compared with the one noted beside the file. */
export type AuditCheck =
  | { ok: true; entries: number; noted: boolean }
  | { ok: false; entries: number; line: number; why: string };

const PIECE = 1024 * 1024;

/** The lines of a file, one piece of it in memory at a time. The last one may lack its end. */
function* linesOf(file: string): Generator<{ line: string; whole: boolean }> {
  const fd = openSync(file, "r");
  try {
    const piece = Buffer.alloc(PIECE);
    let rest = Buffer.alloc(0);
    for (
      let read = readSync(fd, piece, 0, PIECE, null);
      read > 0;
      read = readSync(fd, piece, 0, PIECE, null)
    ) {
      const bytes = Buffer.concat([rest, piece.subarray(0, read)]);
      let from = 0;
      for (let at = bytes.indexOf(10, from); at >= 0; at = bytes.indexOf(10, from)) {
        yield { line: bytes.subarray(from, at).toString(), whole: true };
        from = at + 1;
      }
      rest = Buffer.from(bytes.subarray(from));
    }
    if (rest.length > 0) yield { line: rest.toString(), whole: false };
  } finally {
    closeSync(fd);
  }
}

/**
 * Checks the whole chain: `hearth audit verify`. A missing file is an empty chain, unless something was written to it. Whoever may
 * write the file may also forge a whole new one: keep a copy of `FILE.head` elsewhere where that matters.
 */
export function verifyAudit(file: string): AuditCheck {
  const head = headOf(`${file}.head`);
  if (statSync(file, { throwIfNoEntry: false }) === undefined) {
    return head === undefined
      ? { ok: true, entries: 0, noted: false }
      : { ok: false, entries: 0, line: 1, why: "the file is gone" };
  }
  let end: End = { seq: 0, hash: FIRST };
  let noted = false;
  let number = 0;
  for (const { line, whole } of linesOf(file)) {
    number++;
    const fail = (why: string): AuditCheck => ({ ok: false, entries: end.seq, line: number, why });
    if (!whole) return fail("the last line is cut off");
    const next = entryOf(line, end);
    if (typeof next === "string") return fail(next);
    end = next;
    if (head !== undefined && head.seq === end.seq && head.hash === end.hash) noted = true;
  }
  if (noted || head === undefined) return { ok: true, entries: end.seq, noted };
  const why =
    head.seq > end.seq
      ? `${head.seq} entries were written, ${end.seq} are there`
      : "the entry that was noted beside the file is not in it";
  return { ok: false, entries: end.seq, line: number + 1, why };
}

/** Where the chain ends after this line, or what is wrong with it. */
function entryOf(line: string, before: End): End | string {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return "the line is no JSON";
  }
  if (!isObject(record)) return "the line is no entry";
  const { prev, hash, ...body } = record;
  if (body["seq"] !== before.seq + 1) return `entry ${before.seq + 1} is missing or out of place`;
  if (prev !== before.hash) return "it does not follow the entry before it";
  if (hash !== hashOf(before.hash, body)) return "its content was changed";
  return { seq: before.seq + 1, hash };
}
