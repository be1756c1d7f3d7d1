/** How long one piece of prefill should run before a cancel is looked for; a cancel may take 200 ms. */
const PIECE_MS = 100;
/** Pieces of 16 cost 5 % more per token than whole batches (measured: 149 against 157 tok/cpu-s on one thread). */
const USUAL = 16;
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
