/** Milliseconds between two notices: output may come line by line, a client need not hear each one. */
const PAUSE_MS = 100;
/** Characters of one notice; the last ones count. */
const MAX_CHARS = 2000;

/** Sends a tool's output as notices of progress, some at a time; what follows the last pause is sent at the end. */
export class ProgressSender {
  readonly #send: (text: string, count: number) => Promise<void>;
  #text = "";
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (text: string, count: number) => Promise<void>) {
    this.#send = send;
  }

  push(text: string): void {
    this.#text = (this.#text + text).slice(-MAX_CHARS);
    if (this.#timer !== undefined) return;
    this.#flush();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, PAUSE_MS);
    this.#timer.unref();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flush();
  }

  #flush(): void {
    const text = this.#text.trimEnd();
    this.#text = "";
    if (text === "") return;
    // A client that has gone ends the server by other ways.
    this.#send(text, ++this.#count).catch(() => undefined);
  }
}
