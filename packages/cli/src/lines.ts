import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { UsageError } from "hearth";

/** The file that an action was given; `-` is stdin. */
export function fileOf(rest: readonly string[], action: string): string {
  const [file, ...more] = rest;
  if (file !== undefined && more.length === 0) return file;
  throw new UsageError(`hearth ${action} takes one file.`, {
    remedy: `Write \`hearth ${action} FILE\`, or - for stdin.`,
  });
}

/**
 * Lines of a file as they come, blank ones left out. Raises `UsageError` where there is none. A line ends with "\n" only: JSON may hold
 * U+2028 as it is, which node:readline takes for a line's end.
 */
export async function* linesOf(file: string, folder: string): AsyncGenerator<string> {
  const stream = file === "-" ? process.stdin : createReadStream(resolve(folder, file));
  const decoder = new StringDecoder("utf8");
  const pieces: string[] = [];
  const whole = (last: string) => {
    const line = pieces.splice(0).join("") + last;
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  };
  try {
    for await (const chunk of stream) {
      const parts = decoder.write(Buffer.from(chunk)).split("\n");
      const rest = parts.pop() ?? "";
      for (const part of parts) {
        const line = whole(part);
        if (line.trim() !== "") yield line;
      }
      pieces.push(rest);
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  const line = whole(decoder.end());
  if (line.trim() !== "") yield line;
}

/** The whole of a file. */
export async function textOfFile(file: string, folder: string): Promise<string> {
  const stream = file === "-" ? process.stdin : createReadStream(resolve(folder, file));
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  } catch (error) {
    throw unreadable(file, error);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function unreadable(file: string, error: unknown): UsageError {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return new UsageError(`${file} can't be read (${code}).`, {
    remedy: "Name a file that can, or - for stdin.",
    cause: error,
  });
}
