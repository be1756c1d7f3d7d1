/** The last characters of a text that never ends. */
export class Tail {
  readonly #most: number;
  #text = "";
  #left = 0;

  constructor(most: number) {
    this.#most = most;
  }

  push(text: string): void {
    this.#text += text;
    const over = this.#text.length - this.#most;
    if (over <= 0) return;
    this.#left += over;
    this.#text = this.#text.slice(over);
  }

  /** The last lines that say something, for a message; where a stack was printed, what stands above it. */
  lines(most = 3): string {
    // Escapes for terminals have no place in a message.
    const plain = this.#text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "");
    const lines = plain
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !/^(?:at .*[:)]|Node\.js v[\d.]+$|[~^]+$|node:\S+:\d+$)/.test(line));
    return lines.slice(-most).join(" / ").slice(-600);
  }

  get truncated(): boolean {
    return this.#left > 0;
  }
}
