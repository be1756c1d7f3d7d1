import { JournalError } from "hearth";
import type { Pool } from "pg";

/** Of no meaning but to be the same in every Hearth: two processes that open a new database must not both make its tables. */
const MIGRATION_LOCK = 4_827_301_965;

/** One entry a version of the tables. `hearth` stands for the schema; a database that is newer is refused. */
const MIGRATIONS: readonly string[] = [
  // `fillfactor`: an append changes its run's row, and a page with room keeps the old and the new one together (HOT).
  `CREATE TABLE hearth.runs (
     run_id text PRIMARY KEY, task text NOT NULL DEFAULT '', model text NOT NULL DEFAULT '',
     started_at text NOT NULL DEFAULT '', tenant text NOT NULL DEFAULT '',
     last_seq bigint NOT NULL DEFAULT 0, stop_reason text, ended_at bigint,
     epoch bigint NOT NULL DEFAULT 0, owner text, place text, worker text, expires_at bigint NOT NULL DEFAULT 0,
     followed_until bigint NOT NULL DEFAULT 0,
     supervised boolean NOT NULL DEFAULT false, request text, workflow_id text, pool text NOT NULL DEFAULT '', claimed_at bigint NOT NULL DEFAULT 0,
     claimed_by text, claims integer NOT NULL DEFAULT 0
   ) WITH (fillfactor = 70);
   CREATE INDEX runs_by_start ON hearth.runs (tenant, started_at DESC) WHERE started_at <> '';
   CREATE INDEX runs_to_drive ON hearth.runs (run_id) WHERE supervised AND stop_reason IS NULL;
   CREATE TABLE hearth.batches (
     run_id text NOT NULL REFERENCES hearth.runs ON DELETE CASCADE, last_seq bigint NOT NULL, epoch bigint NOT NULL,
     events text NOT NULL, crc bigint NOT NULL, PRIMARY KEY (run_id, last_seq)
   );
   CREATE TABLE hearth.signals (
     run_id text NOT NULL REFERENCES hearth.runs ON DELETE CASCADE, place bigint GENERATED ALWAYS AS IDENTITY, id uuid NOT NULL UNIQUE,
     body text NOT NULL, PRIMARY KEY (run_id, place)
   );
   CREATE TABLE hearth.artifacts (
     run_id text NOT NULL REFERENCES hearth.runs ON DELETE CASCADE, id text NOT NULL, content bytea NOT NULL, crc bigint NOT NULL,
     PRIMARY KEY (run_id, id)
   );
   CREATE TABLE hearth.workers (
     id text PRIMARY KEY, url text, place text NOT NULL, owner text NOT NULL, pool text NOT NULL,
     seen_at bigint NOT NULL, started_at bigint NOT NULL
   );
   CREATE TABLE hearth.secrets (name text PRIMARY KEY, value text NOT NULL);`,
];

/** Brings the tables up to date; one process at a time. */
export async function migrate(pool: Pool, schema: string, shown: string): Promise<void> {
  const client = await pool.connect();
  const named = (text: string): string => text.replaceAll("hearth.", `${schema}.`);
  try {
    const version = await versionOf(client, schema);
    if (version === MIGRATIONS.length) return;
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    const known = await versionOf(client, schema);
    if (known > MIGRATIONS.length) {
      throw new JournalError(`The journal in ${shown} was written by a newer Hearth (schema ${known}).`, {
        remedy: "Update Hearth here, or choose another database with --journal.",
      });
    }
    if (known === 0) await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    for (const step of MIGRATIONS.slice(known)) await client.query(named(step));
    await client.query(`COMMENT ON SCHEMA ${schema} IS '${versionText(MIGRATIONS.length)}'`);
    await client.query("COMMIT");
  } catch (error) {
    // A failed rollback must not hide why it was needed: the connection is closed below in any case.
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

const versionText = (version: number): string => `Hearth journal, schema ${version}`;

/** 0 where there is none. The version stands in the schema's comment: there is no table that might be missing. */
async function versionOf(client: { query: Pool["query"] }, schema: string): Promise<number> {
  const found = await client.query<{ said: string | null }>(
    "SELECT obj_description(oid, 'pg_namespace') AS said FROM pg_namespace WHERE nspname = $1",
    [schema],
  );
  return Number(/^Hearth journal, schema (\d+)$/.exec(found.rows[0]?.said ?? "")?.[1] ?? 0);
}
