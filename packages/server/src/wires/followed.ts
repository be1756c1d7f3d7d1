/** A log that grows while others read it: each reads at its own pace from any place, and a slow one holds up nobody. */
export class FollowedLog<T> {
  readonly #items: T[] = [];
  readonly #waiting = new Set<() => void>();
  #ended = false;

  push(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  /** Nothing more comes; those who follow end when they have read the rest. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** All that is there, then what comes, until the log ends or the signal fires. */
  async *follow(signal: AbortSignal): AsyncGenerator<T> {
    for (let next = 0; !signal.aborted; ) {
      const item = this.#items[next];
      if (item !== undefined) {
        next++;
        yield item;
      } else if (this.#ended) return;
      else await this.#more(signal);
    }
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
