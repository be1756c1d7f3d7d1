import { closeSync, fstatSync, readSync } from "node:fs";
import { type Tool, ToolError } from "hearth";
import { openIn, plural, showBytes, showName, type Workspace } from "../confine/index.ts";
import { decode, type Encoding, HEAD_BYTES, kindOf } from "../files/text.ts";
import { showDiff } from "./diff.ts";
import { changing, given, type Place, placeFor, replaceFile } from "./place.ts";

export function writeFile(workspace: Workspace, maxBytes: number): Tool {
  return {
    name: "write_file",
    description: "Write a text file, whole. Makes missing folders. What was in the file is replaced.",
    parameters: {
      type: "object",
      properties: {
        path: { type: "string", description: "The file." },
        content: { type: "string", description: "The whole new content." },
      },
      required: ["path", "content"],
      additionalProperties: false,
    },
    effect: "idempotent",
    reads: "private",
    source: "untrusted",
    egress: false,
    run: (args) =>
      changing(workspace, () => {
        const content = given(args, "content");
        const bytes = Buffer.from(content);
        if (bytes.length > maxBytes)
          throw new ToolError(`The content is larger than ${showBytes(maxBytes)}.`);
        using place = placeFor(workspace, given(args, "path"), { makeFolders: true });
        if (place.now?.isDirectory()) throw new ToolError(`"${showName(place.path)}" is a folder.`);
        const before = place.now === undefined ? undefined : readText(place);
        replaceFile(place, bytes);
        const lines = content === "" ? 0 : content.split("\n").length - (content.endsWith("\n") ? 1 : 0);
        const what = place.now === undefined ? "Made" : "Replaced";
        const diff = before === undefined ? "" : showDiff(before.text, content);
        const same = before?.text === content;
        const head = same
          ? `${showName(place.path)} was so already.`
          : `${what} ${showName(place.path)}: ${plural(lines, "line")}, ${showBytes(bytes.length)}.`;
        const details = { path: place.path, bytes: bytes.length, lines, created: place.now === undefined };
        return {
          content: diff === "" ? head : `${head}\n${diff}`,
          details: diff === "" ? details : { ...details, diff },
        };
      }),
  };
}

export interface WholeText {
  text: string;
  encoding: Encoding;
  /** The mark at its beginning, kept on writing. */
  bom: Buffer;
}

const MAX_READ = 20 * 1024 * 1024;

/** The text of a file that stands at a place; undefined where it is none. */
export function readText(place: Place): WholeText | undefined {
  const { fd } = openIn(place.folder, place.name);
  try {
    const { size } = fstatSync(fd);
    if (size > MAX_READ) return undefined;
    const bytes = Buffer.alloc(size);
    let length = 0;
    for (let read = 1; read > 0 && length < size; length += read)
      read = readSync(fd, bytes, length, size - length, length);
    const whole = bytes.subarray(0, length);
    const kind = kindOf(whole.subarray(0, HEAD_BYTES));
    if (kind.kind !== "text") return undefined;
    return {
      ...decode(whole.subarray(kind.bomBytes), kind.encoding),
      bom: Buffer.from(whole.subarray(0, kind.bomBytes)),
    };
  } finally {
    closeSync(fd);
  }
}

/** Text as bytes in an encoding of a file, or undefined where that encoding can't hold it. */
export function encode(text: string, encoding: Encoding): Buffer | undefined {
  if (encoding === "utf-8") return Buffer.from(text);
  if (encoding === "utf-16le") return Buffer.from(text, "utf16le");
  if (encoding === "utf-16be") return Buffer.from(text, "utf16le").swap16();
  const bytes = Buffer.from(text, "latin1");
  return new TextDecoder("windows-1252").decode(bytes) === text ? bytes : undefined;
}
