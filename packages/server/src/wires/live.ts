import type { Run, RunEvent } from "hearth";
import { FollowedLog } from "./followed.ts";

/** Whose a run is; stands so in the settings of its beginning. */
export interface Owner {
  tenant: string;
  /** Of the key that began it here. */
  keyId?: string;
}

export function ownerOf({ tenant, keyId }: Owner): Owner {
  return { tenant, ...(keyId === undefined ? {} : { keyId }) };
}

/** A run that goes on, here or at another worker: followed by any number. */
export interface LiveRun {
  readonly run: Pick<Run, "id" | "outcome" | "cancel" | "then">;
  readonly owner: Owner;
  /** Resolves when the run is in the journal, so that whoever is told of it finds it. Rejects where it never got there. */
  readonly begun: Promise<void>;
  /** Resolves when the run has ended and all its events are here. */
  readonly done: Promise<void>;
  /** Events after `afterSeq`: those that are there, then new ones until the run ends or the signal fires. */
  follow(afterSeq: number, signal: AbortSignal): AsyncGenerator<RunEvent>;
}

/** One that this process drives: read once. */
class OwnRun implements LiveRun {
  readonly run: Run;
  readonly owner: Owner;
  readonly begun: Promise<void>;
  readonly done: Promise<void>;
  /** Since the run was started or resumed here. */
  readonly #log = new FollowedLog<RunEvent>();

  constructor(run: Run, owner: Owner) {
    this.run = run;
    this.owner = owner;
    let begin = (): void => undefined;
    const first = new Promise<void>((resolve) => {
      begin = resolve;
    });
    this.done = Promise.allSettled([this.#drain(begin), run.outcome]).then(() => undefined);
    this.begun = Promise.race([first, run.outcome.then(() => undefined)]);
    this.begun.catch(() => undefined);
  }

  async #drain(begin: () => void): Promise<void> {
    try {
      for await (const event of this.run.events) {
        this.#log.push(event);
        begin();
      }
    } finally {
      this.#log.end();
    }
  }

  async *follow(afterSeq: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
    for await (const event of this.#log.follow(signal)) if (event.seq > afterSeq) yield event;
  }
}

/** The runs that this process drives now. */
export class LiveRuns {
  readonly #runs = new Map<string, LiveRun>();

  /** `over` is called once when the run has ended. */
  add(run: Run, owner: Owner, over: () => void): LiveRun {
    const live = new OwnRun(run, owner);
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

  all(): LiveRun[] {
    return [...this.#runs.values()];
  }
}
