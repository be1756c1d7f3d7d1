import type { RunEvent, StopReason } from "../protocol/index.ts";

/** Who may write to a run. A journal refuses the writes of an older epoch (`StaleWriterError`). */
export interface Lease {
  runId: string;
  owner: string;
  /** Grows with each owner. */
  epoch: number;
}

/** What another process asks of a run. */
export type Signal =
  | { kind: "cancel"; by: string }
  | {
      kind: "approval";
      callId: string;
      decision: "approve" | "refuse";
      by: string;
      /** What to run instead, as JSON text. */
      arguments?: string;
      /** `approvalHash` of what was shown to the person; where given, an approval of anything else does not count. */
      hash?: string;
    }
  /** Words of the user for the next step. */
  | { kind: "steer"; text: string; by: string };

/** What a journal keeps of runs that are over. Runs that go on or wait for somebody are never removed by it. */
export interface Retention {
  /** Runs that ended longer ago are removed. Default 90 days. */
  maxAgeMs: number;
  /** Beyond this size the oldest are removed until 80 % of it are left. Default 1 GiB. */
  maxBytes: number;
}

export const DEFAULT_RETENTION: Retention = { maxAgeMs: 90 * 86_400_000, maxBytes: 2 ** 30 };

export interface RunSummary {
  runId: string;
  task: string;
  model: string;
  startedAt: string;
  lastSeq: number;
  /** Absent while the run goes on. */
  stopReason?: StopReason;
  /** Whose run it is: `settings.tenant` of its beginning; absent for runs of the person at this machine. */
  tenant?: string;
}

/** Whose runs are those that name no tenant: of the person at this machine. */
export const LOCAL_TENANT = "local";

/** Which runs a list holds; all of these at once. */
export interface RunFilter {
  runId?: string;
  /** `LOCAL_TENANT` also takes runs that name none. */
  tenant?: string;
  /** The newest of them. Default: all. */
  limit?: number;
}

/**
 * The log of runs: append-only, one `seq` a run from 1 without gaps.
 * A call may answer at once or with a promise; the loop waits only for a promise.
 */
export interface Journal {
  /** Whether it outlives the process: only then can a run be resumed by name. Left out: it does not. */
  readonly durable?: boolean;
  /**
   * Appends events whose first has `seq === expectedSeq + 1`. Raises `StaleWriterError` when the lease is older than the newest
   * one or the sequence does not fit, `JournalError` when it can't be written.
   */
  append(lease: Lease, expectedSeq: number, events: readonly RunEvent[]): void | Promise<void>;
  /** Events after `afterSeq` (0: all), in order. Raises `JournalError` for an unknown run. */
  read(runId: string, afterSeq?: number): RunEvent[] | Promise<RunEvent[]>;
  /**
   * Events after `afterSeq` as whoever drives the run appends them, until it ends or the signal fires. Left out: who follows a run that
   * another process drives reads it again now and then.
   */
  follow?(runId: string, afterSeq: number, signal: AbortSignal): AsyncIterable<RunEvent>;
  /** Newest first. */
  list(which?: RunFilter): RunSummary[] | Promise<RunSummary[]>;
  /** Takes the run, from another owner only when that one's time is over or its process is gone. */
  acquire(runId: string, owner: string, ttlMs: number): Lease | Promise<Lease>;
  renew(lease: Lease, ttlMs: number): void | Promise<void>;
  release(lease: Lease): void | Promise<void>;
  send(runId: string, signal: Signal): void | Promise<void>;
  /** Signals since the last call, oldest first. */
  receive(lease: Lease): Signal[] | Promise<Signal[]>;
  /** Keeps a large text outside the prompt. */
  putArtifact(runId: string, id: string, content: string): void | Promise<void>;
  getArtifact(runId: string, id: string): string | undefined | Promise<string | undefined>;
  /** Ids of a run's artifacts. */
  listArtifacts(runId: string): string[] | Promise<string[]>;
  /** Removes what the retention no longer keeps; says how many runs went. */
  prune(retention?: Partial<Retention>): number | Promise<number>;
  /** Removes these runs with all that belongs to them, but for those that are driven now; says how many went. */
  remove(runIds: readonly string[]): number | Promise<number>;
  /** Writes something of no account: raises `JournalError` where runs could not be written now. Left out: it always can. */
  probe?(): void | Promise<void>;
  close(): void | Promise<void>;
}
