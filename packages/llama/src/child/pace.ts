/** How long one piece of prefill should run before a cancel is looked for. Who asked is let go at once; this is for who comes next. */
const PIECE_MS = 250;
/**
 * From 64 tokens on llama.cpp computes attention in tiles. Measured with pocket on one thread, tokens read a CPU second: pieces of
 * 16 151, of 32 160, of 48 164, of 64 180, all at once 177 (bench/cyllama.ts).
 */
const USUAL = 64;
/** How far from the wish a size may be before it is changed. */
const SLACK = 3;

/**
 * Chooses how many tokens of the prompt are read at once, from how fast the last ones were. The size of pieces shows in the last
 * digits of the logits, so it is a power of two and changes only when it is far off: runs with one seed stay the same.
 */
export class Pace {
  readonly #largest: number;
  #size: number;

  /** `largest`: tokens that fit one batch. */
  constructor(largest: number) {
    this.#largest = largest;
    this.#size = Math.min(USUAL, largest);
  }

  /** Tokens for the next piece. */
  next(): number {
    return this.#size;
  }

  took(tokens: number, ms: number): void {
    // The last piece of a prompt is short, and tells little.
    if (tokens < this.#size) return;
    const fitting = PIECE_MS / (Math.max(ms, 0.01) / tokens);
    if (fitting >= this.#size * SLACK) this.#size = Math.min(this.#largest, this.#size * 2);
    else if (fitting <= this.#size / SLACK) this.#size = Math.max(1, this.#size / 2);
  }
}
