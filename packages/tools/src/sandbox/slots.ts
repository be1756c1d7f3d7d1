import { ToolError } from "hearth";

/** A bounded number at once, and a bounded queue behind it. */
export class Slots {
  readonly #most: number;
  readonly #queue: number;
  #used = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number, queue: number) {
    this.#most = most;
    this.#queue = queue;
  }

  get used(): number {
    return this.#used;
  }

  /** Runs when a slot is free; a full queue is a `ToolError`, a fired signal its reason. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#used--;
      else next();
    }
  }

  #enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#used < this.#most) {
      this.#used++;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#queue) {
      throw new ToolError(`${this.#most} programs run already and ${this.#queue} wait.`, {
        remedy: "Try again when one has ended.",
      });
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        const at = this.#waiting.indexOf(enter);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal?.reason);
      };
      this.#waiting.push(enter);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }
}
