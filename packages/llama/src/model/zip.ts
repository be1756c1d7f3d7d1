import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { PassThrough, type Readable } from "node:stream";
import { createInflateRaw } from "node:zlib";

/** The file is no zip, or lacks the entry. */
export class ZipError extends Error {
  override readonly name = "ZipError";
}

/** End of central directory; central entry; local entry (PKWARE APPNOTE 4.3). */
const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
/** The end record and the longest comment. */
const TAIL_BYTES = 22 + 65_535;
const MAX_DIRECTORY_BYTES = 16 * 1024 * 1024;

/** Opens one entry of a zip as a stream of its content. No encryption, no zip64: wheels are neither. Raises `ZipError`. */
export async function openZipEntry(file: string, name: string): Promise<Readable> {
  const handle = await open(file, "r");
  try {
    const entry = await findEntry(handle, name);
    const local = await read(handle, entry.at, 30);
    if (local.readUInt32LE(0) !== LOCAL) throw new ZipError(`${name} does not begin where it should`);
    const start = entry.at + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    const raw = createReadStream(file, { start, end: start + entry.compressed - 1 });
    const out = entry.method === STORED ? new PassThrough() : createInflateRaw();
    raw.on("error", (error) => out.destroy(error));
    return raw.pipe(out);
  } finally {
    await handle.close();
  }
}

async function findEntry(handle: FileHandle, name: string) {
  const { size } = await handle.stat();
  const tailAt = Math.max(0, size - TAIL_BYTES);
  const tail = await read(handle, tailAt, size - tailAt);
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end--;
  if (end < 0) throw new ZipError("it is no zip file, or cut off");
  const bytes = tail.readUInt32LE(end + 12);
  const at = tail.readUInt32LE(end + 16);
  if (bytes > MAX_DIRECTORY_BYTES || at + bytes > size) throw new ZipError("its directory is damaged");
  const directory = await read(handle, at, bytes);
  for (let i = 0; i + 46 <= directory.length; ) {
    if (directory.readUInt32LE(i) !== CENTRAL) break;
    const nameLength = directory.readUInt16LE(i + 28);
    const found = directory.toString("utf8", i + 46, i + 46 + nameLength);
    const method = directory.readUInt16LE(i + 10);
    if (found === name) {
      if (method !== STORED && method !== DEFLATED)
        throw new ZipError(`${name} is packed by method ${method}`);
      return { method, compressed: directory.readUInt32LE(i + 20), at: directory.readUInt32LE(i + 42) };
    }
    i += 46 + nameLength + directory.readUInt16LE(i + 30) + directory.readUInt16LE(i + 32);
  }
  throw new ZipError(`it holds no ${name}`);
}

async function read(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await handle.read(buffer, 0, bytes, at);
  if (bytesRead < bytes) throw new ZipError("it is cut off");
  return buffer;
}
