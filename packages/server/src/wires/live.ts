import type { Run, RunEvent } from "hearth";

/** A run that this process drives. It is read once; those who follow it do so at their own pace, and a slow one holds up nobody. */
export class LiveRun {
  readonly run: Run;
  /** Resolves when the run has ended and all its events are here. */
  readonly done: Promise<void>;
  /** Since the run was started or resumed here, in order. */
  readonly #events: RunEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #ended = false;

  constructor(run: Run) {
    this.run = run;
    this.done = Promise.allSettled([this.#drain(), run.outcome]).then(() => undefined);
  }

  async #drain(): Promise<void> {
    try {
      for await (const event of this.run.events) {
        this.#events.push(event);
        this.#wake();
      }
    } finally {
      this.#ended = true;
      this.#wake();
    }
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves when there is more, the run is over, or the signal fires. */
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

  /** Events after `afterSeq`: those that are there, then new ones until the run ends or the signal fires. */
  async *follow(afterSeq: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
    for (let next = 0; !signal.aborted; ) {
      const event = this.#events[next];
      if (event === undefined) {
        if (this.#ended) return;
        await this.#more(signal);
        continue;
      }
      next++;
      if (event.seq > afterSeq) yield event;
    }
  }
}

/** The runs that this process drives now. */
export class LiveRuns {
  readonly #runs = new Map<string, LiveRun>();

  /** `over` is called once when the run has ended. */
  add(run: Run, over: () => void): LiveRun {
    const live = new LiveRun(run);
    this.#runs.set(run.id, live);
    void live.done.then(() => {
      if (this.#runs.get(run.id) === live) this.#runs.delete(run.id);
      over();
    });
    return live;
  }

  get(runId: string): LiveRun | undefined {
    return this.#runs.get(runId);
  }

  all(): Run[] {
    return [...this.#runs.values()].map((live) => live.run);
  }
}
