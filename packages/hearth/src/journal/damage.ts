import { JournalError, type RunEvent } from "../protocol/index.ts";

/** A part of a run's log can't be read. What stands before it can: a fork goes on from there. */
export class JournalDamagedError extends JournalError {
  /** The events before the damage, from the first one asked for. */
  readonly intact: readonly RunEvent[];

  constructor(runId: string, where: string, intact: readonly RunEvent[], cause: unknown) {
    const last = intact.at(-1)?.seq;
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `The log of run ${runId} in ${where} is damaged${last === undefined ? "" : ` after event ${last}`}: ${why}.`,
      {
        cause,
        remedy:
          last === undefined
            ? "Keep it for repair (a file of SQLite: sqlite3 FILE .recover) and choose another with --journal."
            : `Go on from before the damage: hearth runs fork ${runId} --at ${last}`,
      },
    );
    this.intact = intact;
  }
}
