import type { Journal, RunEvent } from "hearth";
import type { PostgresJournal } from "../postgres/index.ts";
import type { Crew, Driver } from "../wires/index.ts";

export interface JoinOptions {
  driver: Driver;
  /** The folder its tools work in. */
  workspace: string;
  /** Where other services reach this one. Default 127.0.0.1. */
  host?: string | undefined;
  parallel: number;
  maxQueue: number;
  mayGoOn(events: readonly RunEvent[]): boolean;
  warn(text: string): void;
}

/** Joins the other services of this journal. `undefined` where it is one of a single process or machine. */
export async function joinCrew(
  journal: Journal | undefined,
  options: JoinOptions,
): Promise<Crew | undefined> {
  if (journal === undefined || !isDatabase(journal)) return undefined;
  const { Worker } = await import("./crew.ts");
  const { driver, host = "127.0.0.1", ...rest } = options;
  const crew = await Worker.join({
    ...rest,
    journal,
    host,
    live: driver.live,
    adopt: (runId, request) => driver.adopt(runId, request),
  });
  driver.crew = crew;
  return crew;
}

/** Told by its parts: its class would bring the database's driver with it. */
function isDatabase(journal: Journal): journal is PostgresJournal {
  return "database" in journal && "listener" in journal;
}
