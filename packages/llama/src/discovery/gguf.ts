import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { GgufError, type GgufHeader, parseGguf } from "./parse-gguf.ts";

/** Most heads are under 8 MB (a vocabulary of 150,000 with its merges); more than this is no head. */
const MAX_HEAD_BYTES = 128 * 1024 * 1024;
const FIRST_BYTES = 2 * 1024 * 1024;

export interface GgufFile extends GgufHeader {
  /** Size of the file. */
  bytes: number;
}

/** Reads the head of a GGUF file and no weights. Raises `GgufError`, or the error of the file system. */
export async function readGgufHeader(file: string): Promise<GgufFile> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    for (let want = FIRST_BYTES; ; want *= 4) {
      const buffer = Buffer.alloc(Math.min(want, size));
      let got = 0;
      while (got < buffer.length) {
        const { bytesRead } = await handle.read(buffer, got, buffer.length - got, got);
        if (bytesRead === 0) break;
        got += bytesRead;
      }
      const header = parseGguf(buffer.subarray(0, got));
      if (header !== undefined) return { ...header, bytes: size };
      if (got >= size || want >= MAX_HEAD_BYTES) throw new GgufError("it ends within its head");
    }
  } finally {
    await handle.close();
  }
}

/** The same, in one go; for the child process, which has nothing else to do. */
export function readGgufHeaderSync(file: string): GgufHeader {
  const descriptor = openSync(file, "r");
  try {
    for (let want = FIRST_BYTES; want <= MAX_HEAD_BYTES; want *= 4) {
      const buffer = Buffer.alloc(want);
      const got = readSync(descriptor, buffer, 0, want, 0);
      const header = parseGguf(buffer.subarray(0, got));
      if (header !== undefined) return header;
      if (got < want) break;
    }
  } finally {
    closeSync(descriptor);
  }
  throw new GgufError("it ends within its head");
}
