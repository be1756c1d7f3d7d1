import { apply, emptyState, isClean, JournalError, joinTaint, type Outcome, type RunEvent } from "hearth";
import type { LiveRun, Owner } from "../wires/live.ts";

export interface RemoteOptions {
  runId: string;
  owner: Owner;
  /** From here on its events count for who waits for its end. */
  afterSeq: number;
  /** Events wherever they come from, until the run ends. */
  follow(afterSeq: number, signal: AbortSignal): AsyncIterable<RunEvent>;
  read(): Promise<RunEvent[]>;
  cancel(reason: string): void;
  /** Raises what kept it from being put in line. */
  placed: Promise<void>;
}

/** A run that another worker drives, or will: followed as if it were driven here. */
export class RemoteRun implements LiveRun {
  readonly run: LiveRun["run"];
  readonly owner: Owner;
  readonly begun: Promise<void>;
  readonly done: Promise<void>;
  readonly #options: RemoteOptions;
  readonly #over = new AbortController();

  constructor(options: RemoteOptions) {
    this.#options = options;
    this.owner = options.owner;
    this.begun = options.placed;
    this.begun.catch(() => undefined);
    const outcome = this.#outcome();
    this.done = outcome.then(
      () => undefined,
      () => undefined,
    );
    this.run = {
      id: options.runId,
      outcome,
      cancel: (reason = "the run was cancelled") => options.cancel(reason),
      then: (onFulfilled, onRejected) => outcome.then(onFulfilled, onRejected),
    };
  }

  async *follow(afterSeq: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
    await this.#options.placed;
    yield* this.#options.follow(Math.max(afterSeq, this.#options.afterSeq), signal);
  }

  async #outcome(): Promise<Outcome> {
    const { placed, follow, afterSeq, read, runId } = this.#options;
    await placed;
    for await (const { type } of follow(afterSeq, this.#over.signal)) if (type === "run.finished") break;
    return outcomeOf(runId, await read());
  }
}

/** What a run came to, from its log. */
export function outcomeOf(runId: string, events: readonly RunEvent[]): Outcome {
  const state = emptyState();
  for (const event of events) apply(state, event);
  const last = events.at(-1);
  if (last?.type !== "run.finished") throw new JournalError(`The log of run ${runId} has no end yet.`);
  const { text, stopReason, steps, usage, error, pending } = last;
  const taint = joinTaint(state.taint, state.coming);
  return {
    ...{ runId, text, stopReason, steps, usage, messages: state.messages },
    ...(error === undefined ? {} : { error }),
    ...(pending === undefined ? {} : { pending }),
    ...(isClean(taint) ? {} : { taint }),
  };
}
