/** What a file is, told by its first bytes; and text in the encodings that occur. Pure. */

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

export type Kind =
  | { kind: "text"; encoding: Encoding; bomBytes: number }
  | { kind: "image"; format: string; width?: number; height?: number }
  | { kind: "binary"; format?: string };

/** Bytes needed of the head of a file. */
export const HEAD_BYTES = 8192;

const MAGIC: [string, number, number[] | string][] = [
  ["PDF document", 0, "%PDF-"],
  ["ZIP archive (or an Office or Java file)", 0, [0x50, 0x4b, 0x03, 0x04]],
  ["gzip archive", 0, [0x1f, 0x8b]],
  ["bzip2 archive", 0, "BZh"],
  ["xz archive", 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["Zstandard archive", 0, [0x28, 0xb5, 0x2f, 0xfd]],
  ["7-Zip archive", 0, [0x37, 0x7a, 0xbc, 0xaf]],
  ["tar archive", 257, "ustar"],
  ["ELF program", 0, [0x7f, 0x45, 0x4c, 0x46]],
  ["Windows program", 0, "MZ"],
  ["WebAssembly module", 0, [0, 0x61, 0x73, 0x6d]],
  ["SQLite database", 0, "SQLite format 3\0"],
  ["GGUF model", 0, "GGUF"],
  ["Ogg audio", 0, "OggS"],
  ["MP3 audio", 0, "ID3"],
  ["FLAC audio", 0, "fLaC"],
  ["MP4 video", 4, "ftyp"],
  ["Matroska video", 0, [0x1a, 0x45, 0xdf, 0xa3]],
];

export function kindOf(head: Buffer): Kind {
  const image = imageOf(head);
  if (image !== undefined) return image;
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf)
    return { kind: "text", encoding: "utf-8", bomBytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { kind: "text", encoding: "utf-16le", bomBytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { kind: "text", encoding: "utf-16be", bomBytes: 2 };
  const binary = head.includes(0) || controls(head) > head.length * 0.1;
  for (const [format, at, magic] of MAGIC) {
    const bytes = Buffer.from(magic as string);
    if (head.subarray(at, at + bytes.length).equals(bytes) && (binary || format === "PDF document"))
      return { kind: "binary", format };
  }
  if (!binary) return { kind: "text", encoding: isUtf8(head) ? "utf-8" : "windows-1252", bomBytes: 0 };
  const bare = bareUtf16(head);
  return bare === undefined ? { kind: "binary" } : { kind: "text", encoding: bare, bomBytes: 0 };
}

/** Control characters that no text has. */
function controls(head: Buffer): number {
  let count = 0;
  for (const byte of head)
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) count++;
  return count;
}

/** UTF-8, where the last character may be cut by the end of the head. */
export function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** UTF-16 without its mark: western text has its zero bytes on one side. */
function bareUtf16(head: Buffer): Encoding | undefined {
  if (head.length < 8) return undefined;
  let even = 0;
  let odd = 0;
  for (let at = 0; at + 1 < head.length; at += 2) {
    if (head[at] === 0) even++;
    if (head[at + 1] === 0) odd++;
  }
  const pairs = head.length >> 1;
  if (odd > pairs * 0.7 && even < pairs * 0.05) return "utf-16le";
  return even > pairs * 0.7 && odd < pairs * 0.05 ? "utf-16be" : undefined;
}

function imageOf(head: Buffer): Kind | undefined {
  const ascii = (from: number, to: number) => head.toString("latin1", from, to);
  const image = (format: string, width?: number, height?: number): Kind =>
    width === undefined || height === undefined
      ? { kind: "image", format }
      : { kind: "image", format, width, height };
  if (ascii(0, 8) === "\x89PNG\r\n\x1a\n" && head.length >= 24)
    return image("PNG", head.readUInt32BE(16), head.readUInt32BE(20));
  if (/^GIF8[79]a/.test(ascii(0, 6)) && head.length >= 10)
    return image("GIF", head.readUInt16LE(6), head.readUInt16LE(8));
  if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WEBP") return image("WebP");
  if (ascii(0, 2) === "BM" && head.length >= 26 && head.readUInt32LE(6) === 0)
    return image("BMP", head.readUInt32LE(18), Math.abs(head.readInt32LE(22)));
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return image("JPEG", ...jpegSize(head));
  return undefined;
}

/** Size from the frame header of a JPEG, if it stands in the head. */
function jpegSize(head: Buffer): [number, number] | [] {
  let at = 2;
  while (at + 9 < head.length && head[at] === 0xff) {
    const marker = head[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return [head.readUInt16BE(at + 7), head.readUInt16BE(at + 5)];
    }
    at += 2 + head.readUInt16BE(at + 2);
  }
  return [];
}

/** Decodes what was read of a file; UTF-8 that turns out to be none is read as windows-1252. */
export function decode(bytes: Buffer, encoding: Encoding): { text: string; encoding: Encoding } {
  if (encoding === "utf-8") {
    try {
      return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), encoding };
    } catch {
      return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "windows-1252" };
    }
  }
  return { text: new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes), encoding };
}
