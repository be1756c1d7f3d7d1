import { StringDecoder } from "node:string_decoder";

/**
 * Keeps the beginning and the end of a stream in bounded memory; what is left out of the middle is counted. Half of the
 * limit is kept from the head, half from the tail: errors come last, what was asked for often first.
 */
export class Output {
  readonly #half: number;
  readonly #decoder = new StringDecoder("utf8");
  #head = "";
  #tail = "";
  #left = 0;
  #chars = 0;

  constructor(maxChars: number) {
    this.#half = Math.max(1, Math.floor(maxChars / 2));
  }

  /** Characters seen in all. */
  get chars(): number {
    return this.#chars;
  }

  get truncated(): boolean {
    return this.#left > 0;
  }

  push(bytes: Buffer): string {
    const text = this.#decoder.write(bytes);
    this.#take(text);
    return text;
  }

  #take(text: string): void {
    this.#chars += text.length;
    const room = this.#half - this.#head.length;
    if (room > 0) this.#head += text.slice(0, room);
    const rest = room > 0 ? text.slice(room) : text;
    if (rest === "") return;
    this.#tail += rest;
    if (this.#tail.length > this.#half * 2) this.#cut();
  }

  #cut(): void {
    const over = this.#tail.length - this.#half;
    if (over <= 0) return;
    this.#left += over;
    this.#tail = this.#tail.slice(over);
  }

  /** All of it, or head and tail with a line that says what is missing. */
  text(): string {
    this.#take(this.#decoder.end());
    this.#cut();
    if (this.#left === 0) return this.#head + this.#tail;
    const left = this.#left.toLocaleString("en-US");
    return `${this.#head}\n[… ${left} characters left out …]\n${this.#tail}`;
  }
}
