import type { Message, Taint } from "hearth";
import type { LiveRun, Owner } from "./live.ts";

/** What was asked for when a run was begun, as it is kept until its log says it. */
export interface RunRequest {
  task: string;
  owner: Owner;
  model?: string;
  tools?: readonly string[];
  history?: readonly Message[];
  /** What the history holds that counts for what may be done. */
  taint?: Taint;
  instructions?: string;
  session?: string;
}

/** Several services that share a journal, as one of them sees the others. */
export interface Crew {
  /** No room here, but others are there that may have some. */
  readonly full: boolean;
  /** Puts a run in line for all. */
  place(request: RunRequest): LiveRun;
  /** A run is about to be driven here; it takes its lease once it is decided that nobody else drives it. */
  begin(live: LiveRun, afterSeq: number, request?: RunRequest): void;
  /** A run that another one drives now, to be followed from where it stands. */
  elsewhere(runId: string, owner: Owner): Promise<LiveRun | undefined>;
  /** Those of these runs without an end that somebody drives or will drive. */
  takenCareOf(runIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Cancels what others drive, or will: of one tenant, or of all. Says how many. */
  stopElsewhere(tenant: string | undefined): Promise<number>;
  /** From now on nothing new comes here; what goes on here is still looked after. */
  leave(): void;
  close(): Promise<void>;
}
