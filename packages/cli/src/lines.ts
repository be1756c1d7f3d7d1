import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { UsageError } from "hearth";

/** The file that an action was given; `-` is stdin. */
export function fileOf(rest: readonly string[], action: string): string {
  const [file, ...more] = rest;
  if (file !== undefined && more.length === 0) return file;
  throw new UsageError(`hearth ${action} takes one file.`, {
    remedy: `Write \`hearth ${action} FILE\`, or - for stdin.`,
  });
}

/** Lines of a file as they come, blank ones left out. Raises `UsageError` where there is none. */
export async function* linesOf(file: string, folder: string): AsyncGenerator<string> {
  const stream = file === "-" ? process.stdin : createReadStream(resolve(folder, file));
  const failed = new Promise<never>((_, reject) => stream.once("error", reject));
  failed.catch(() => undefined);
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })[
    Symbol.asyncIterator
  ]();
  try {
    for (;;) {
      const { done, value } = await Promise.race([lines.next(), failed]);
      if (done === true) return;
      if (value.trim() !== "") yield value;
    }
  } catch (error) {
    throw unreadable(file, error);
  }
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
