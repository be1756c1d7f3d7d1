import { type Config, isDatabase, openJournal } from "@hearth/runtime";
import type { Journal } from "hearth";

/** The journal of the settings. What a database needs is loaded only where one is named. */
export async function journalOf(config: Config): Promise<Journal> {
  const { journal } = config.settings;
  if (journal === undefined || !isDatabase(journal)) return openJournal(config);
  const { postgresJournal } = await import("@hearth/server/postgres");
  return postgresJournal(journal);
}
