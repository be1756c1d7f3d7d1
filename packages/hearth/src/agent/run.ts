import { CancelledError, type Outcome, type RunEvent } from "../protocol/index.ts";
import type { Recorder } from "./recorder.ts";

/**
 * A run that goes on by itself: await it for its outcome, iterate it for its events.
 * Iterating late replays from the first event; leaving the iteration does not cancel.
 */
export class Run implements PromiseLike<Outcome>, AsyncIterable<RunEvent> {
  readonly id: string;
  /** Rejects only when the journal fails or Hearth has a fault: all else is an outcome with its `stopReason`. */
  readonly outcome: Promise<Outcome>;
  readonly #recorder: Recorder;
  readonly #controller: AbortController;
  readonly #words: string[];

  constructor(recorder: Recorder, outcome: Promise<Outcome>, controller: AbortController, words: string[]) {
    this.id = recorder.runId;
    this.outcome = outcome;
    this.#recorder = recorder;
    this.#controller = controller;
    this.#words = words;
    // A run whose outcome nobody awaits must not end the process; its events still show the failure.
    outcome.catch(() => undefined);
  }

  /** The events, to be passed on. Each call is a reader of its own. */
  get events(): AsyncIterable<RunEvent> {
    return { [Symbol.asyncIterator]: () => this.#recorder.read() };
  }

  [Symbol.asyncIterator](): AsyncIterator<RunEvent> {
    return this.#recorder.read();
  }

  /** Stops the engine and the tools at once; the run ends as `cancelled`. */
  cancel(reason = "the run was cancelled"): void {
    this.#controller.abort(new CancelledError(reason));
  }

  /**
   * Says something to the model in the middle of the run: it stands as the user's words before the next step. A run that just
   * gives its answer takes a step more for it; one that has ended does not hear it.
   */
  steer(text: string): void {
    this.#words.push(text);
  }

  then<A = Outcome, B = never>(
    onFulfilled?: ((value: Outcome) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.outcome.then(onFulfilled, onRejected);
  }
}
