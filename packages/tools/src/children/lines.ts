const NEWLINE = 10;

/** Cuts bytes into lines, in linear time for any split of them. A line longer than `maxBytes` is reported, not kept. */
export class LineReader {
  readonly #maxBytes: number;
  readonly #onLine: (line: string) => void;
  readonly #onLong: (bytes: number) => void;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number, onLine: (line: string) => void, onLong: (bytes: number) => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
    this.#onLong = onLong;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at));
      this.#end();
      from = at + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  #keep(part: Buffer): void {
    const before = this.#bytes;
    this.#bytes += part.length;
    if (this.#bytes <= this.#maxBytes) this.#parts.push(part);
    else if (before <= this.#maxBytes) {
      this.#parts = [];
      this.#onLong(this.#bytes);
    }
  }

  #end(): void {
    const whole = this.#bytes <= this.#maxBytes;
    const line = whole ? Buffer.concat(this.#parts).toString("utf8") : "";
    this.#parts = [];
    this.#bytes = 0;
    if (whole) this.#onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  }
}
