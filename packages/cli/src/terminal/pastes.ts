/** Longest text that is put into the line as it is: readline redraws the whole line at each key. */
const MAX_INLINE = 500;

/**
 * Texts that a line of readline can't hold (several lines, tabs, or very long ones), each under a short word that can:
 * `[paste 1: 12 lines]`. The word is exchanged for its text when the line is taken.
 */
export class Pastes {
  readonly #held = new Map<string, string>();

  /** What to put into the line for this text. */
  inline(pasted: string): string {
    const text = pasted.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
    if (text.length <= MAX_INLINE && !/[\x00-\x1f\x7f]/.test(text)) return text;
    for (const [word, held] of this.#held) if (held === text) return word;
    const lines = text.split("\n").length;
    const size = lines > 1 ? `${lines} lines` : `${text.length} characters`;
    const word = `[paste ${this.#held.size + 1}: ${size}]`;
    this.#held.set(word, text);
    return word;
  }

  /** The line with the texts in the place of their words. */
  expand(line: string): string {
    let whole = "";
    let rest = line;
    for (;;) {
      const hit = /\[paste \d+: \d+ (?:lines|characters)\]/.exec(rest);
      if (hit === null) return whole + rest;
      whole += rest.slice(0, hit.index) + (this.#held.get(hit[0]) ?? hit[0]);
      rest = rest.slice(hit.index + hit[0].length);
    }
  }
}
