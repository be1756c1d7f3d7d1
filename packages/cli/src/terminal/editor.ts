import { createInterface, type Interface } from "node:readline";
import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import type { Output } from "../output.ts";
import { History } from "./history.ts";
import { KeyCutter, type Keys, PASTE_OFF, PASTE_ON } from "./keys.ts";
import { Pastes } from "./pastes.ts";
import { typedAhead } from "./typed.ts";

export interface EditorOptions {
  input: ReadStream;
  out: Output;
  history?: History;
  /** Words that complete the beginning of a line. */
  words?: readonly string[];
}

export interface ReadOptions {
  signal?: AbortSignal;
  /** Whether the line goes into the history. Default true. */
  remember?: boolean;
  /** Ctrl-C on an empty line. Default: what the listener does. */
  onInterrupt?: () => void;
}

/** What is done with keys while no line is read. */
export interface Listener {
  line(text: string): void;
  interrupt(): void;
}

/**
 * Lines from a terminal, by node:readline: editing, history, completion; what is pasted stays one line however many it has. The
 * terminal stays in raw mode until `close`, so that what is typed meanwhile neither shows up in an answer nor is lost, and
 * Ctrl-C is a key.
 */
export class LineEditor {
  readonly #input: ReadStream;
  readonly #out: Output;
  readonly #history: History;
  readonly #words: readonly string[];
  readonly #pastes = new Pastes();
  readonly #cutter = new KeyCutter();
  readonly #typed = typedAhead();
  /** What readline reads; it gets keys only while a line is read. */
  readonly #feed = new PassThrough();
  #waiting: Keys[] = [];
  #reading: Interface | undefined;
  #listener: Listener | undefined;
  #ended = false;

  constructor({ input, out, history = new History(), words = [] }: EditorOptions) {
    this.#input = input;
    this.#out = out;
    this.#history = history;
    this.#words = words;
    input.setRawMode(true);
    input.on("data", this.#onData).once("end", this.#onEnd).once("error", this.#onEnd);
    process.once("exit", this.#restore);
    out.raw(PASTE_ON);
  }

  /** One line; `undefined` when there will be no more (Ctrl-D on an empty line, or the terminal is gone). Rejects when aborted. */
  read(
    prompt: string,
    { signal, remember = true, onInterrupt }: ReadOptions = {},
  ): Promise<string | undefined> {
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const lines = createInterface({
        input: this.#feed,
        output: this.#out.terminal,
        terminal: true,
        prompt,
        historySize: remember ? 1000 : 0,
        history: remember ? this.#history.newestFirst.map((line) => this.#pastes.inline(line)) : [],
        completer: (line: string) => [
          this.#words.filter((word) => line !== "" && word.startsWith(line)),
          line,
        ],
      });
      let settled = false;
      const settle = (end: () => void): void => {
        if (settled) return;
        settled = true;
        signal?.removeEventListener("abort", abort);
        this.#reading = undefined;
        lines.close();
        end();
      };
      const abort = (): void =>
        settle(() => {
          this.#out.raw("\n");
          reject(signal?.reason);
        });
      signal?.addEventListener("abort", abort, { once: true });
      lines.once("line", (line) =>
        settle(() => {
          const text = this.#pastes.expand(line);
          if (remember) this.#history.add(text);
          resolve(text);
        }),
      );
      lines.once("close", () => settle(() => resolve(undefined)));
      lines.on("SIGINT", () => {
        if (lines.line === "") {
          if (onInterrupt === undefined) this.#listener?.interrupt();
          else {
            onInterrupt();
            if (!settled) lines.prompt();
          }
          return;
        }
        // As in a shell: the line is given up.
        lines.write(null, { ctrl: true, name: "e" });
        lines.write(null, { ctrl: true, name: "u" });
      });
      lines.on("SIGTSTP", () => this.#suspend(lines));
      this.#reading = lines;
      lines.prompt();
      this.#pump();
    });
  }

  /** Tells of lines and Ctrl-C until the function given back is called. */
  listen(listener: Listener): () => void {
    this.#listener = listener;
    this.#pump();
    return () => {
      this.#listener = undefined;
      // What was begun goes on in the next prompt.
      const begun = this.#typed.take();
      if (begun !== "") this.#waiting.unshift({ kind: "keys", text: begun, endsLine: false });
    };
  }

  close(): void {
    this.#input.off("data", this.#onData).off("end", this.#onEnd).off("error", this.#onEnd);
    process.off("exit", this.#restore);
    this.#restore();
    this.#input.pause();
  }

  /** Ctrl-Z: the shell gets its terminal back as it was, until it hands it on again. */
  #suspend(lines: Interface): void {
    this.#restore();
    process.once("SIGCONT", () => {
      this.#input.setRawMode(true);
      this.#out.raw(PASTE_ON);
      lines.prompt(true);
    });
    process.kill(0, "SIGTSTP");
  }

  readonly #restore = (): void => {
    this.#out.raw(PASTE_OFF);
    this.#input.setRawMode(false);
  };

  readonly #onData = (chunk: Buffer): void => {
    this.#waiting.push(...this.#cutter.push(chunk));
    this.#pump();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#reading?.close();
  };

  /** Hands keys to whoever wants them: the line that is read, else the listener; else they wait. */
  #pump(): void {
    while (this.#waiting.length > 0) {
      if (this.#reading !== undefined) {
        const piece = this.#waiting.shift();
        if (piece === undefined) return;
        const ends = piece.kind === "keys" && piece.endsLine;
        this.#feed.write(
          (piece.kind === "paste" ? this.#pastes.inline(piece.text) : piece.text) + (ends ? "\r" : ""),
        );
        // The rest is for who reads the next line.
        if (ends) this.#reading = undefined;
      } else if (this.#listener !== undefined) this.#listened(this.#listener);
      else return;
    }
  }

  #listened({ line, interrupt }: Listener): void {
    const piece = this.#waiting.shift();
    if (piece === undefined) return;
    const said =
      piece.kind === "paste"
        ? this.#typed.paste(this.#pastes.inline(piece.text))
        : this.#typed.keys(piece.text);
    if (said === "interrupt") interrupt();
    else if (piece.kind === "keys" && piece.endsLine) {
      const text = this.#pastes.expand(this.#typed.take());
      if (text.trim() !== "") line(text);
    }
  }
}
