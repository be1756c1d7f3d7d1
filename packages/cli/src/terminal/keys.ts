import { StringDecoder } from "node:string_decoder";

/** Bracketed paste (xterm, mode 2004): the terminal puts these around what is pasted. */
export const PASTE_ON = "\x1b[?2004h";
export const PASTE_OFF = "\x1b[?2004l";
const START = "\x1b[200~";
const END = "\x1b[201~";

/** A piece of what came from the keyboard: keys up to the end of a line at most, or one paste. */
export type Keys = { kind: "keys"; text: string; endsLine: boolean } | { kind: "paste"; text: string };

/** Cuts the bytes of a terminal into keys and pastes, whatever chunks they come in. Pure but for what is not whole yet. */
export class KeyCutter {
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";
  #pasting = false;
  #afterReturn = false;

  push(chunk: Uint8Array | string): Keys[] {
    this.#rest += typeof chunk === "string" ? chunk : this.#decoder.write(Buffer.from(chunk));
    const out: Keys[] = [];
    for (;;) {
      const mark = this.#pasting ? END : START;
      const at = this.#rest.indexOf(mark);
      if (at === -1) break;
      const before = this.#rest.slice(0, at);
      this.#rest = this.#rest.slice(at + mark.length);
      if (this.#pasting) out.push({ kind: "paste", text: before });
      else out.push(...this.#lines(before));
      this.#pasting = !this.#pasting;
    }
    if (this.#pasting) return out;
    const held = heldBack(this.#rest);
    const ready = this.#rest.slice(0, this.#rest.length - held);
    this.#rest = this.#rest.slice(ready.length);
    out.push(...this.#lines(ready));
    return out;
  }

  /** One piece a line. A line feed after a carriage return belongs to it. */
  #lines(text: string): Keys[] {
    if (text === "") return [];
    const own = this.#afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    this.#afterReturn = text.endsWith("\r");
    return (own.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+/g) ?? []).map((line) => {
      const keys = line.replace(/[\r\n]+$/, "");
      return { kind: "keys", text: keys, endsLine: keys !== line };
    });
  }
}

/** Characters at the end that may be the beginning of a paste's mark. A lone escape is a key, and not held back. */
function heldBack(text: string): number {
  for (let length = Math.min(START.length - 1, text.length); length >= 3; length--) {
    if (START.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
