import { read as readCallback, type Stats } from "node:fs";
import { promisify } from "node:util";
import { type JsonObject, type Tool, ToolError, type ToolResult } from "hearth";
import { plural, showBytes, showCount, showName, type Workspace } from "../confine/index.ts";
import { answering, countOf, LOOKS, pathOf } from "./shared.ts";
import { decode, type Encoding, HEAD_BYTES, kindOf } from "./text.ts";

const STANDARD = 200;
const MOST = 2000;
/** Characters of one answer: about 4,000 tokens, a third of a common local window. */
const MAX_CHARS = 16_000;
/** Characters of one line; minified files have lines of megabytes. */
const MAX_LINE = 2000;
/** Bytes scanned for line ends; lines of larger files are counted up to here. */
const MAX_SCAN = 512 * 1024 * 1024;
const MAX_UTF16 = 32 * 1024 * 1024;

const read = promisify(readCallback);

export function readFile(workspace: Workspace, options: { hardLinks: boolean }): Tool {
  return {
    name: "read_file",
    description: "Read a text file, or some of its lines.",
    parameters: {
      type: "object",
      properties: {
        path: { type: "string", description: "The file." },
        offset: { type: "integer", description: "First line to read, from 1.", minimum: 1, default: 1 },
        limit: {
          type: "integer",
          description: "How many lines at most.",
          minimum: 1,
          maximum: MOST,
          default: STANDARD,
        },
      },
      required: ["path"],
      additionalProperties: false,
    },
    ...LOOKS,
    run: (args, context) =>
      answering(workspace, "file", async () => {
        const offset = countOf(args, "offset", 1, Number.MAX_SAFE_INTEGER);
        const limit = countOf(args, "limit", STANDARD, MOST);
        using file = workspace.openFile(pathOf(args), options);
        const head = Buffer.alloc(Math.min(HEAD_BYTES, Math.max(1, file.stat.size)));
        const { bytesRead } = await read(file.fd, head, 0, head.length, 0);
        const kind = kindOf(head.subarray(0, bytesRead));
        if (kind.kind !== "text") return notText(file.path, file.stat, kind);
        const utf16 = kind.encoding.startsWith("utf-16");
        if (utf16 && file.stat.size > MAX_UTF16) {
          throw new ToolError(`${showName(file.path)} is UTF-16 and larger than 32 MB.`, {
            remedy: "Convert it to UTF-8 first.",
          });
        }
        const range = utf16
          ? await utf16Range(file.fd, file.stat.size, kind.bomBytes, kind.encoding, offset, limit)
          : await byteRange(file.fd, kind.bomBytes, kind.encoding, offset, limit, context.signal);
        return answer(file.path, file.stat.size, range, offset);
      }),
  };
}

interface Range {
  lines: string[];
  /** Lines of the file; `whole` says whether they were counted to the end. */
  total: number;
  whole: boolean;
  encoding: Encoding;
  crlf: boolean;
  cutLines: number;
}

/** Lines of a file in an encoding whose line end is one byte: found as bytes, decoded only where asked for. */
async function byteRange(
  fd: number,
  start: number,
  encoding: Encoding,
  offset: number,
  limit: number,
  signal: AbortSignal,
): Promise<Range> {
  const chunk = Buffer.allocUnsafe(1 << 20);
  const pieces: Buffer[][] = [];
  let current: Buffer[] = [];
  let currentBytes = 0;
  let line = 1;
  let position = start;
  let chars = 0;
  let atLineStart = true;
  let whole = true;
  const wanted = () => line >= offset && pieces.length < limit && chars <= MAX_CHARS * 4;
  const keep = (bytes: Buffer) => {
    // Four bytes a character at most, and the line's end for its "\r".
    const room = MAX_LINE * 4 + 8 - currentBytes;
    if (room > 0) current.push(Buffer.from(bytes.subarray(0, room)));
    currentBytes += bytes.length;
  };
  const endLine = () => {
    if (wanted()) {
      pieces.push(current);
      chars += Math.min(currentBytes, MAX_LINE * 4);
    }
    current = [];
    currentBytes = 0;
    line++;
  };
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await read(fd, chunk, 0, chunk.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    let at = 0;
    while (at < bytesRead) {
      const end = chunk.subarray(0, bytesRead).indexOf(10, at);
      const stop = end < 0 ? bytesRead : end;
      if (wanted()) keep(chunk.subarray(at, stop));
      atLineStart = end >= 0;
      if (end >= 0) endLine();
      at = stop + 1;
    }
    if (position > MAX_SCAN) {
      whole = false;
      break;
    }
  }
  if (!atLineStart) endLine();
  const bytes = pieces.map((list) => Buffer.concat(list));
  const decoded = decode(Buffer.concat(bytes.flatMap((one) => [trimCut(one), NEWLINE])), encoding);
  const lines = decoded.text.split("\n").slice(0, bytes.length);
  return shorten(lines, { total: line - 1, whole, encoding: decoded.encoding });
}

const NEWLINE = Buffer.from("\n");

/** A kept line may end within a character where it was cut by bytes; that character is dropped. */
function trimCut(bytes: Buffer): Buffer {
  if (bytes.length < MAX_LINE * 4) return bytes;
  let end = bytes.length;
  while (end > bytes.length - 4 && (bytes[end - 1]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, bytes[end - 1]! >= 0xc0 ? end - 1 : bytes.length);
}

async function utf16Range(
  fd: number,
  size: number,
  bom: number,
  encoding: Encoding,
  offset: number,
  limit: number,
): Promise<Range> {
  const bytes = Buffer.alloc(size - bom);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await read(fd, bytes, length, bytes.length - length, bom + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  const lines = decode(bytes.subarray(0, length), encoding).text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return shorten(lines.slice(offset - 1, offset - 1 + limit), { total: lines.length, whole: true, encoding });
}

function shorten(lines: string[], rest: { total: number; whole: boolean; encoding: Encoding }): Range {
  const crlf =
    lines.length > 0 &&
    lines.every((line, index) => line.endsWith("\r") || index === lines.length - 1) &&
    lines[0]!.endsWith("\r");
  let chars = 0;
  let cutLines = 0;
  const out: string[] = [];
  for (const line of lines) {
    let text = crlf ? line.replace(/\r$/, "") : line;
    if (text.length > MAX_LINE) {
      cutLines++;
      text = `${text.slice(0, MAX_LINE)} […line cut here]`;
    }
    chars += text.length + 1;
    if (chars > MAX_CHARS && out.length > 0) break;
    out.push(text);
  }
  return { lines: out, crlf, cutLines, ...rest };
}

function answer(path: string, bytes: number, range: Range, offset: number): ToolResult {
  const name = showName(path);
  const from = range.lines.length === 0 ? 0 : offset;
  const to = range.lines.length === 0 ? 0 : offset + range.lines.length - 1;
  const details: JsonObject = { path, lines: range.total, bytes, from, to, encoding: range.encoding };
  if (range.crlf) details["lineEnd"] = "crlf";
  if (!range.whole) details["partial"] = `Lines counted in the first ${showBytes(MAX_SCAN)} only.`;
  const total = `${showCount(range.total)}${range.whole ? "" : " or more"}`;
  if (bytes === 0) return { content: `${name} is empty.`, details };
  if (range.lines.length === 0) {
    return {
      ok: false,
      content: `${name} has ${plural(range.total, "line")}; there is no line ${showCount(offset)}.`,
      details,
    };
  }
  const notes: string[] = [];
  if (range.encoding !== "utf-8")
    notes.push(
      range.encoding === "windows-1252" ? "not UTF-8, read as windows-1252" : `encoding ${range.encoding}`,
    );
  if (range.cutLines > 0)
    notes.push(`${plural(range.cutLines, "line")} cut after ${showCount(MAX_LINE)} characters`);
  const all = from === 1 && to === range.total && range.whole;
  const shown = all
    ? plural(range.total, "line")
    : `lines ${showCount(from)} to ${showCount(to)} of ${total}`;
  const head = `${name} (${[shown, showBytes(bytes), ...notes].join(", ")}):`;
  const tail =
    to < range.total ? `\n[${showCount(range.total - to)} more lines; continue with offset ${to + 1}]` : "";
  return { content: `${head}\n${range.lines.join("\n")}${tail}`, details };
}

function notText(
  path: string,
  stat: Stats,
  kind: Exclude<ReturnType<typeof kindOf>, { kind: "text" }>,
): ToolResult {
  const format = kind.format ?? "unknown format";
  const size =
    kind.kind === "image" && kind.width !== undefined ? `, ${kind.width} × ${kind.height} pixels` : "";
  const what = kind.kind === "image" ? `an image (${format}${size})` : `a binary file (${format})`;
  const details: JsonObject = { path, bytes: stat.size, kind: kind.kind, format };
  if (kind.kind === "image" && kind.width !== undefined && kind.height !== undefined) {
    details["width"] = kind.width;
    details["height"] = kind.height;
  }
  return {
    ok: false,
    content: `${showName(path)} is ${what}, ${showBytes(stat.size)}; it can't be read as text.`,
    details,
  };
}
