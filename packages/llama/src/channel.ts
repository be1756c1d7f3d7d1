/** Replies on their way from callbacks to an async iteration. Bounded by the window of the model: an answer is at most that long. */
export class Channel<T> {
  #items: T[] = [];
  #wake: (() => void) | undefined;

  push(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** The next item; waits for it. */
  async next(): Promise<T> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) return item;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}

/** One at a time, in order of coming. */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** How many are ahead. */
  get ahead(): number {
    return this.#waiting;
  }

  /** Resolves when it is one's turn, with what ends it. A signal leaves the queue. */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    this.#waiting++;
    const release = () => {
      this.#waiting--;
      resolve();
    };
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = () => reject(signal?.reason);
    signal?.addEventListener("abort", leave, { once: true });
    try {
      await Promise.race([before, left]);
      return once(release);
    } catch (error) {
      void before.then(release);
      throw error;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
