/** Tokens at once that can make up one character: UTF-8 has at most four bytes. */
const MAX_SPLIT = 4;

/** A piece of text and the tokens it came from. */
export interface Piece {
  text: string;
  tokens: number[];
}

/**
 * Tokens to text, one at a time. A character whose bytes lie in several tokens comes out whole, with the last of them. Each
 * piece is read after the tokens before it, as tokenizers of the SentencePiece kind drop a space at the head of a text.
 */
export class TokenText {
  #before: number[];
  #pending: number[] = [];
  readonly #detokenize: (tokens: number[]) => string;

  constructor(detokenize: (tokens: number[]) => string, prompt: readonly number[] = []) {
    this.#detokenize = detokenize;
    this.#before = prompt.slice(-MAX_SPLIT);
  }

  /** The text that this token completes; undefined while a character is open. */
  push(token: number): Piece | undefined {
    this.#pending.push(token);
    const text = this.#read();
    if (text.endsWith("\uFFFD") && this.#pending.length < MAX_SPLIT) return undefined;
    return this.#take(text);
  }

  /** What is left when no more tokens follow; an unfinished character shows as U+FFFD. */
  end(): Piece | undefined {
    return this.#pending.length === 0 ? undefined : this.#take(this.#read());
  }

  #read(): string {
    const head = this.#detokenize(this.#before);
    const whole = this.#detokenize([...this.#before, ...this.#pending]);
    return whole.startsWith(head) ? whole.slice(head.length) : this.#detokenize(this.#pending);
  }

  #take(text: string): Piece {
    const tokens = this.#pending;
    this.#before = [...this.#before, ...tokens].slice(-MAX_SPLIT);
    this.#pending = [];
    return { text, tokens };
  }
}

/** Finds the texts that end an answer, held back while they may still come. The stop text itself never comes out. */
export class StopTexts {
  #held = "";
  readonly #stops: readonly string[];

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
  }

  push(text: string): { text: string; stopped: boolean } {
    if (this.#stops.length === 0) return { text, stopped: false };
    const all = this.#held + text;
    // The one that is whole first, so that how the text is cut makes no difference.
    let first: { start: number; end: number } | undefined;
    for (const stop of this.#stops) {
      const start = all.indexOf(stop);
      const end = start + stop.length;
      if (
        start < 0 ||
        (first !== undefined && (end > first.end || (end === first.end && start > first.start)))
      )
        continue;
      first = { start, end };
    }
    if (first !== undefined) {
      this.#held = "";
      return { text: all.slice(0, first.start), stopped: true };
    }
    const keep = this.#open(all);
    this.#held = all.slice(all.length - keep);
    return { text: all.slice(0, all.length - keep), stopped: false };
  }

  /** What was held back, when the answer ends otherwise. */
  end(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  /** Characters at the end of `text` that may be the head of a stop text. */
  #open(text: string): number {
    const longest = Math.max(...this.#stops.map((stop) => stop.length)) - 1;
    for (let size = Math.min(longest, text.length); size > 0; size--) {
      const tail = text.slice(-size);
      if (this.#stops.some((stop) => stop.startsWith(tail))) return size;
    }
    return 0;
  }
}

/** Waits for a trigger text. */
export class Trigger {
  #seen = "";
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** What of this piece follows the trigger's end; undefined while it has not come. */
  push(text: string): string | undefined {
    const all = this.#seen + text;
    const at = all.indexOf(this.#text);
    if (at >= 0) return all.slice(at + this.#text.length);
    this.#seen = this.#text.length > 1 ? all.slice(-(this.#text.length - 1)) : "";
    return undefined;
  }
}
