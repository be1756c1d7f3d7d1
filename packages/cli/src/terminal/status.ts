import type { Output } from "../output.ts";

/** A line at the bottom of the terminal that is overwritten; without a terminal, a line for each new text. */
export class StatusLine {
  readonly #out: Output;
  #shown = "";

  constructor(out: Output) {
    this.#out = out;
  }

  show(text: string): void {
    if (text === this.#shown) return;
    this.#shown = text;
    if (this.#out.stderrIsTerminal)
      this.#out.raw(`\r\x1b[K${text.slice(0, Math.max(1, this.#out.columns - 1))}`);
    else this.#out.note(text);
  }

  clear(): void {
    if (this.#shown !== "" && this.#out.stderrIsTerminal) this.#out.raw("\r\x1b[K");
    this.#shown = "";
  }
}

const BAR = 24;

/** `[#####.....] 45 of 98 MB`. */
export function progressBar(doneBytes: number, totalBytes: number): string {
  const share = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 0;
  const filled = Math.round(share * BAR);
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(0);
  return `[${"#".repeat(filled)}${".".repeat(BAR - filled)}] ${mb(doneBytes)} of ${mb(totalBytes)} MB`;
}
