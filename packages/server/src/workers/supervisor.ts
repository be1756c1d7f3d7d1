import { isGone } from "hearth";
import { ownPlace, SILENT_MS, type Statements } from "../postgres/index.ts";
import type { Flow } from "./flow.ts";
import * as rows from "./rows.ts";

/** How often a worker says that it lives and looks for runs that nobody drives. */
const BEAT_MS = 1500;
/** After a longer gap between two signs of life of its own, a worker knows nothing of the others' any more. */
const GAP_MS = SILENT_MS / 2;
/** A run that was put in line or taken over, and that nobody has begun since, is looked at again after this. */
const RECLAIM_MS = 10_000;
const SWEEP_EVERY_MS = 600_000;

export interface SupervisorOptions {
  journal: Statements;
  flow: Pick<Flow, "stateOf" | "takeOver" | "enqueue" | "sweep">;
  id: string;
  pool: string;
  /** Enters this worker in the list again: it was frozen, and taken for gone. */
  join(): Promise<void>;
  warn(text: string): void;
  /** Milliseconds that only grow. Default: of this process. */
  now?: () => number;
}

interface Claimed {
  runId: string;
  flowId: string;
  lastSeq: number;
  claims: number;
}

/**
 * Signs of life, and takeover: DBOS by itself leaves the runs of a dead worker where they are. What is to be driven follows from the
 * journal alone, so that no state of a workflow can strand a run; which worker drives it is then left to DBOS.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #going: Promise<void> = Promise.resolve();
  #closed = false;
  #leaving = false;
  #beatAt = Number.NEGATIVE_INFINITY;
  /** Since when the signs of life have come without a gap. */
  #steadySince = Number.POSITIVE_INFINITY;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #warned = false;
  /** A takeover broke off in the middle: what it had claimed is looked at again at once. */
  #broken = false;
  /** Workers beside this one that give signs of life. */
  others = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Looks once, then again and again. */
  async begin(): Promise<void> {
    await this.look();
    this.#again();
  }

  #again(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#going = this.look().then(() => this.#again());
    }, BEAT_MS).unref();
  }

  /** One look: a sign of life, then what nobody drives. Never throws. */
  async look(): Promise<void> {
    try {
      await this.#beat();
      if (!this.#leaving) await this.#takeOver();
      await this.#sweep();
      this.#warned = false;
    } catch (error) {
      // The database is away, or DBOS is just finding that out: the next look sees all that this one has not.
      if (!this.#warned) this.#options.warn(`Workers: ${error instanceof Error ? error.message : error}`);
      this.#warned = true;
    }
  }

  async #beat(): Promise<void> {
    const { journal, id, join, pool } = this.#options;
    if ((await journal.query("beat", rows.BEAT, [id])).count === 0) await join();
    const now = this.#now();
    if (now - this.#beatAt > GAP_MS) this.#steadySince = now;
    this.#beatAt = now;
    const { rows: found } = await journal.query("read", rows.OTHERS, [id, SILENT_MS, pool]);
    this.others = Number(found[0]?.["alive"] ?? 0);
  }

  async #takeOver(): Promise<void> {
    const { journal, id, pool, flow } = this.#options;
    const { rows: neighbours } = await journal.query("read", rows.NEIGHBOURS, [ownPlace(), id]);
    for (const one of neighbours)
      if (isGone(String(one["owner"]))) await journal.query("write", rows.LEAVE, [String(one["id"])]);
    // Whoever has not been here for a while can't tell who was silent from a database that was away.
    const silenceCounts = this.#now() - this.#steadySince >= SILENT_MS;
    const reclaimMs = this.#broken ? 0 : RECLAIM_MS;
    this.#broken = true;
    const claim = await journal.query("write", rows.CLAIM, [SILENT_MS, silenceCounts, reclaimMs, pool, id]);
    const claimed = claim.rows.map(
      (row): Claimed => ({
        runId: String(row["run_id"]),
        flowId: String(row["workflow_id"]),
        lastSeq: Number(row["last_seq"]),
        claims: Number(row["claims"]),
      }),
    );
    const away: string[] = [];
    const inLine: string[] = [];
    for (const run of claimed) {
      const state = await flow.stateOf(run.flowId);
      if (state === "given") away.push(run.flowId);
      else if (state === "queued") inLine.push(run.runId);
      else await this.#anew(run, state === "none");
    }
    if (inLine.length > 0) await journal.query("write", rows.LEFT_ALONE, [inLine]);
    if (away.length > 0) await flow.takeOver(away);
    this.#broken = false;
  }

  /** A drive that is over while the run is not: it gets another one. */
  async #anew({ runId, flowId, lastSeq, claims }: Claimed, lost: boolean): Promise<void> {
    const { journal, flow } = this.#options;
    const next = lost ? flowId : `${runId}/${lastSeq}.${claims}`;
    await journal.query("write", rows.RENAME_FLOW, [runId, next]);
    await flow.enqueue(runId, next);
  }

  async #sweep(): Promise<void> {
    const { journal, flow } = this.#options;
    const now = this.#now();
    if (now - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    await journal.query("write", rows.FORGET);
    await flow.sweep(Date.now());
  }

  /** Signs of life go on, but nothing is taken over any more. */
  leave(): void {
    this.#leaving = true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#going;
  }
}
