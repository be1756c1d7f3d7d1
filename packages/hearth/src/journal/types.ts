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
  | { kind: "approval"; callId: string; decision: "approve" | "refuse"; by: string; arguments?: string };

export interface RunSummary {
  runId: string;
  task: string;
  model: string;
  startedAt: string;
  lastSeq: number;
  /** Absent while the run goes on. */
  stopReason?: StopReason;
}

/**
 * The log of runs: append-only, one `seq` a run from 1 without gaps.
 * A call may answer at once or with a promise; the loop waits only for a promise.
 */
export interface Journal {
  /**
   * Appends events whose first has `seq === expectedSeq + 1`. Raises `StaleWriterError` when the lease is older than the newest
   * one or the sequence does not fit, `JournalError` when it can't be written.
   */
  append(lease: Lease, expectedSeq: number, events: readonly RunEvent[]): void | Promise<void>;
  /** Events after `afterSeq` (0: all), in order. Raises `JournalError` for an unknown run. */
  read(runId: string, afterSeq?: number): RunEvent[] | Promise<RunEvent[]>;
  /** Newest first. */
  list(): RunSummary[] | Promise<RunSummary[]>;
  /** Takes the run, from another owner only when that one's time is over. */
  acquire(runId: string, owner: string, ttlMs: number): Lease | Promise<Lease>;
  renew(lease: Lease, ttlMs: number): void | Promise<void>;
  release(lease: Lease): void | Promise<void>;
  send(runId: string, signal: Signal): void | Promise<void>;
  /** Signals since the last call, oldest first. */
  receive(lease: Lease): Signal[] | Promise<Signal[]>;
  /** Keeps a large text outside the prompt. */
  putArtifact(runId: string, id: string, content: string): void | Promise<void>;
  getArtifact(runId: string, id: string): string | undefined | Promise<string | undefined>;
  close(): void | Promise<void>;
}
