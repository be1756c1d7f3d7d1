import { EngineError } from "../../protocol/index.ts";

/** A line of an answer may be this long: 32 MiB, far more than any model writes at once. */
export const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** The engine sent a line without end. Not worth repeating. */
export class LineTooLongError extends EngineError {}

const LF = 10;
const CR = 13;

/**
 * Cuts bytes into lines, in time linear in their number however they are chunked. Lines end with LF, CRLF or, as in
 * event streams, a lone CR. Works on bytes, so a character split between two chunks is whole again when its line is.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #held: Buffer = Buffer.alloc(0);
  #length = 0;
  #afterCr = false;
  #first = true;

  constructor(maxBytes: number = MAX_LINE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    let lf = chunk.indexOf(LF);
    let cr = chunk.indexOf(CR);
    if (this.#afterCr && chunk.length > 0) {
      // The other half of a CRLF that was split.
      if (lf === 0) {
        start = 1;
        lf = chunk.indexOf(LF, 1);
      }
      this.#afterCr = false;
    }
    while (lf !== -1 || cr !== -1) {
      const end = cr !== -1 && (lf === -1 || cr < lf) ? cr : lf;
      lines.push(this.#line(chunk, start, end));
      start = end + 1;
      if (end === cr) {
        if (lf === start) start++;
        else if (start === chunk.length) this.#afterCr = true;
        cr = chunk.indexOf(CR, start);
      }
      if (lf !== -1 && lf < start) lf = chunk.indexOf(LF, start);
    }
    if (start < chunk.length) this.#hold(chunk, start);
    return lines;
  }

  /** What stands after the last line end; empty where nothing does. */
  end(): string {
    const rest = this.#held.toString("utf8", 0, this.#length);
    this.#length = 0;
    return this.#text(rest);
  }

  #line(chunk: Buffer, start: number, end: number): string {
    if (this.#length === 0) {
      if (end - start > this.#maxBytes) throw this.#tooLong();
      return this.#text(chunk.toString("utf8", start, end));
    }
    this.#hold(chunk, start, end);
    return this.end();
  }

  #hold(chunk: Buffer, start: number, end: number = chunk.length): void {
    const length = this.#length + end - start;
    if (length > this.#maxBytes) throw this.#tooLong();
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(256, length, this.#held.length * 2));
      this.#held.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#length, start, end);
    this.#length = length;
  }

  /** A byte order mark may stand at the head of a stream. */
  #text(line: string): string {
    if (!this.#first) return line;
    this.#first = false;
    return line.startsWith("\uFEFF") ? line.slice(1) : line;
  }

  #tooLong(): LineTooLongError {
    return new LineTooLongError(`The engine sent a line of more than ${this.#maxBytes} bytes.`, {
      remedy: "Check that the address is that of an engine, and not of a file or a proxy.",
    });
  }
}
