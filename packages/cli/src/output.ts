import type { Writable } from "node:stream";

/**
 * stdout and stderr of the command. stdout is for results: writes wait for a slow reader, and when the reader has gone
 * (EPIPE) the rest is dropped and `gone` is called once, so that the work behind it can stop.
 */
export class Output {
  readonly #stdout: Writable & { isTTY?: boolean };
  readonly #stderr: Writable & { isTTY?: boolean; columns?: number };
  #closed = false;
  #gone: (() => void) | undefined;

  constructor(stdout: Writable, stderr: Writable) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    stdout.on("error", () => {
      this.#closed = true;
      this.#gone?.();
      this.#gone = undefined;
    });
    // Nobody can be told that nobody listens.
    stderr.on("error", () => undefined);
  }

  /** Called once when nobody reads stdout any more. */
  onGone(callback: () => void): void {
    if (this.#closed) callback();
    else this.#gone = callback;
  }

  get stdoutIsTerminal(): boolean {
    return this.#stdout.isTTY === true;
  }

  get stderrIsTerminal(): boolean {
    return this.#stderr.isTTY === true;
  }

  /** stderr itself, for what draws on the terminal. */
  get terminal(): Writable {
    return this.#stderr;
  }

  /** Width of the terminal behind stderr; 80 where there is none. */
  get columns(): number {
    return this.#stderr.columns || 80;
  }

  /** Resolves when the text was taken, or there is nobody to take it. */
  write(text: string): Promise<void> {
    if (this.#closed || text === "") return Promise.resolve();
    return new Promise((resolve) => {
      this.#stdout.write(text, () => resolve());
    });
  }

  line(text: string): Promise<void> {
    return this.write(`${text}\n`);
  }

  json(value: unknown): Promise<void> {
    return this.line(JSON.stringify(value));
  }

  /** Progress, warnings, logs. */
  note(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  /** Text for stderr as it stands, for status lines that are overwritten. */
  raw(text: string): void {
    this.#stderr.write(text);
  }

  /** Resolves when all was taken; stderr, which may have nobody to read it, is waited for one second. */
  async flush(): Promise<void> {
    const taken = (stream: Writable): Promise<void> =>
      new Promise((resolve) => {
        stream.write("", () => resolve());
      });
    const tired = new Promise<void>((resolve) => setTimeout(resolve, 1000));
    await Promise.all([
      this.#closed ? undefined : taken(this.#stdout),
      Promise.race([taken(this.#stderr), tired]),
    ]);
  }
}
