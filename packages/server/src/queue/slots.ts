import { HearthError } from "hearth";

/** The queue is full: come back in a while. */
export class QueueFullError extends HearthError {
  /** Seconds for `Retry-After`. */
  readonly retryAfterS: number;

  constructor(waiting: number, retryAfterS: number) {
    super(`The queue is full: ${waiting} runs wait already.`, {
      remedy: "Try again later, or start the server with a larger --max-queue.",
    });
    this.retryAfterS = retryAfterS;
  }
}

/** A place in line; `granted` resolves when it is this one's turn. */
export interface Ticket {
  /** Runs in front of it when it was drawn; 0 means it runs at once. */
  position: number;
  granted: Promise<void>;
  /** Gives the slot back, or leaves the line. Calling it again does nothing. */
  release(): void;
}

/** Who may run now: `parallel` at once, up to `maxQueue` in line, first come first served. */
export class RunQueue {
  readonly #parallel: number;
  readonly #maxQueue: number;
  #running = 0;
  readonly #line: (() => void)[] = [];

  constructor(parallel: number, maxQueue: number) {
    this.#parallel = parallel;
    this.#maxQueue = maxQueue;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** Raises `QueueFullError`. */
  draw(): Ticket {
    if (this.#running < this.#parallel) {
      this.#running++;
      return this.#ticket(0, Promise.resolve(), () => this.#next());
    }
    if (this.#line.length >= this.#maxQueue)
      throw new QueueFullError(this.#line.length, 1 + this.#line.length);
    let start = (): void => undefined;
    const granted = new Promise<void>((resolve) => {
      start = resolve;
    });
    this.#line.push(start);
    return this.#ticket(this.#line.length, granted, () => {
      const at = this.#line.indexOf(start);
      if (at >= 0) this.#line.splice(at, 1);
      else this.#next();
    });
  }

  #ticket(position: number, granted: Promise<void>, give: () => void): Ticket {
    let held = true;
    return {
      position,
      granted,
      release: () => {
        if (held) give();
        held = false;
      },
    };
  }

  #next(): void {
    const start = this.#line.shift();
    if (start === undefined) this.#running--;
    else start();
  }
}
