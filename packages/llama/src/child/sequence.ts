import { BATCH_TOKENS, type Opened } from "./model.ts";
import type { NativeSampler } from "./native.ts";
import { Pace } from "./pace.ts";
import type { Work } from "./threads.ts";
import { commonPrefix } from "./tokens.ts";

/** Stops work that nobody waits for any more. */
export interface Stop {
  aborted: boolean;
}

/**
 * The one sequence of the context: which tokens its KV cache holds, and how more get in. Nothing is shifted or dropped
 * silently; whoever asks for more than the window holds is told.
 */
export class Sequence {
  /** What the cache holds. */
  #held: number[] = [];
  #threads = 0;
  readonly #opened: Opened;
  readonly #pace = new Pace(BATCH_TOKENS);

  constructor(opened: Opened) {
    this.#opened = opened;
  }

  get length(): number {
    return this.#held.length;
  }

  /** Tokens at the head of `tokens` that are in the cache. */
  shared(tokens: ArrayLike<number>): number {
    return commonPrefix(this.#held, tokens);
  }

  /** Forgets all after the first `count` tokens. Models that can't forget a part forget everything. */
  keep(count: number): void {
    if (count >= this.#held.length) return;
    const { context } = this.#opened;
    if (count > 0 && context.removeTokenCellsFromSequence(0, count, this.#held.length)) {
      this.#held.length = count;
      return;
    }
    this.clear();
  }

  clear(): void {
    this.#opened.context.disposeSequence(0);
    this.#held = [];
  }

  /** Puts tokens into the cache, piece by piece, until `end` or a stop. Returns the place of the last one's logits. */
  async read(tokens: Uint32Array, end: number, stop: Stop, logits: boolean): Promise<number> {
    let place = -1;
    while (this.#held.length < end && !stop.aborted) {
      const from = this.#held.length;
      const piece = tokens.subarray(from, Math.min(end, from + this.#pace.next()));
      const last = from + piece.length === end;
      const start = performance.now();
      const before = process.cpuUsage();
      place = (await this.decode(piece, last && logits ? [piece.length - 1] : [], "prefill"))[0] ?? -1;
      this.#pace.took(piece.length, this.#workMs(performance.now() - start, process.cpuUsage(before)));
    }
    return place;
  }

  /** How long this machine works on what took so long: without a GPU the CPU time tells, whatever else runs here. */
  #workMs(wallMs: number, { user, system }: NodeJS.CpuUsage): number {
    if (!this.#opened.cpuOnly) return wallMs;
    return Math.min(wallMs, (user + system) / 1000 / Math.max(1, this.#threads));
  }

  /** Puts one batch into the cache. Returns the places of the wanted logits. */
  async decode(tokens: Uint32Array, logitsAt: number[], kind: Work["kind"]): Promise<Uint32Array> {
    const { context, threads } = this.#opened;
    const wanted = threads.for(kind);
    if (wanted !== this.#threads) context.setThreads((this.#threads = wanted));
    const before = process.cpuUsage();
    try {
      context.initBatch(tokens.length);
      const places = context.addToBatch(0, this.#held.length, tokens, Uint32Array.from(logitsAt));
      await context.decodeBatch();
      this.#held.push(...tokens);
      const used = process.cpuUsage(before);
      threads.did({ kind, tokens: tokens.length, cpuMs: (used.user + used.system) / 1000 });
      return places;
    } catch (error) {
      // What of the batch got in is unknown.
      this.clear();
      throw error;
    }
  }

  sample(place: number, sampler: NativeSampler): Promise<number> {
    return this.#opened.context.sampleToken(place, sampler);
  }

  async save(file: string): Promise<void> {
    await this.#opened.context.saveSequenceStateToFile(file, 0, Uint32Array.from(this.#held));
  }

  /** Takes up a saved state in place of what is held. Raises an error where the file does not hold exactly these tokens. */
  async load(file: string, tokens: Uint32Array): Promise<void> {
    this.clear();
    const held = await this.#opened.context.loadSequenceStateFromFile(file, 0, this.#opened.window);
    if (held.length !== tokens.length || commonPrefix(held, tokens) !== tokens.length) {
      this.clear();
      throw new Error("the saved state holds other tokens");
    }
    this.#held = Array.from(held);
  }
}
