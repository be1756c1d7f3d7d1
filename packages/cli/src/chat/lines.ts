import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** Lines of a stream as they come, until it ends or the signal fires. */
export async function* plainLines(stream: Readable, signal: AbortSignal): AsyncGenerator<string> {
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  const close = (): void => lines.close();
  signal.addEventListener("abort", close, { once: true });
  stream.once("error", close);
  try {
    yield* lines;
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

/** Joins lines that end with a backslash to the next. `more` tells the source that a message goes on. */
export async function readMessage(
  next: (more: boolean) => Promise<string | undefined>,
): Promise<string | undefined> {
  let said = "";
  for (let more = false; ; more = true) {
    const line = await next(more);
    if (line === undefined) return more ? said : undefined;
    if (!line.endsWith("\\")) return said + line;
    said += `${line.slice(0, -1)}\n`;
  }
}
