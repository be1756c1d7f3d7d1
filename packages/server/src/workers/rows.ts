/** Statements of workers. `hearth.` stands for the schema, `$now` for the time in milliseconds, as in the journal's own. */

export const JOIN = `
INSERT INTO hearth.workers (id, url, place, owner, pool, seen_at, started_at) VALUES ($1, $2, $3, $4, $5, $now, $now)
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, url = excluded.url`;

/** A sign of life. No row: somebody took this worker for gone while it was frozen. */
export const BEAT = "UPDATE hearth.workers SET seen_at = $now WHERE id = $1";

export const LEAVE = "DELETE FROM hearth.workers WHERE id = $1";

/** Workers of this place: whether their process is there can be asked of the system. */
export const NEIGHBOURS = "SELECT id, owner FROM hearth.workers WHERE place = $1 AND id <> $2";

export const OTHERS =
  "SELECT count(*) AS alive FROM hearth.workers WHERE id <> $1 AND pool = $3 AND seen_at >= $now - $2::bigint";

/** Rows of workers that have been gone for a day tell nobody anything. */
export const FORGET = "DELETE FROM hearth.workers WHERE seen_at < $now - 86400000";

/** A run is to be driven. A new one brings what was asked; of an older one that is known. */
export const ENLIST = `
INSERT INTO hearth.runs (run_id, supervised, request, workflow_id, pool, task, model, started_at, tenant, claimed_by, claimed_at)
VALUES ($1, true, $2, $3, $4, $5, $6, $7, $8, $9, $now)
ON CONFLICT (run_id) DO UPDATE SET supervised = true, workflow_id = excluded.workflow_id, pool = excluded.pool,
  claimed_at = excluded.claimed_at, claimed_by = excluded.claimed_by, claims = 0`;

/** From here on it is this worker that has to begin it. */
export const MINE = "UPDATE hearth.runs SET claimed_by = $2, claimed_at = $now WHERE run_id = $1";

/** It came to a worker that is about to end: whoever looks next takes it. */
export const NOBODYS = "UPDATE hearth.runs SET claimed_by = NULL WHERE run_id = $1 AND owner IS NULL";

export const REQUEST = "SELECT request FROM hearth.runs WHERE run_id = $1";

/**
 * Runs that nobody drives any more: their worker is silent or gone, their lease is over, or they were let go without an end. The newer
 * epoch shuts out whoever drove them before anybody else begins. `$2`: whether silence counts, or only what is certain.
 */
export const CLAIM = `
UPDATE hearth.runs r SET owner = NULL, worker = NULL, epoch = epoch + 1, claimed_at = $now, claimed_by = $5,
  claims = claims + 1
WHERE r.run_id IN (
  SELECT c.run_id FROM hearth.runs c LEFT JOIN hearth.workers w ON w.id = c.worker
  WHERE c.supervised AND c.stop_reason IS NULL AND c.pool = $4 AND CASE
    WHEN c.owner IS NULL THEN c.claimed_at < $now - $3::bigint
      OR NOT EXISTS (SELECT FROM hearth.workers k WHERE k.id = c.claimed_by)
    WHEN c.worker IS NOT NULL AND w.id IS NULL THEN true
    WHEN NOT $2::boolean THEN false
    ELSE c.expires_at <= $now OR w.seen_at < $now - $1::bigint
  END
  ORDER BY c.run_id LIMIT 200 FOR UPDATE OF c SKIP LOCKED
)
RETURNING run_id, workflow_id, last_seq, claims`;

/** It is in line or in good hands: no need to look again at once. */
export const LEFT_ALONE =
  "UPDATE hearth.runs SET claimed_at = $now, claims = GREATEST(claims - 1, 0) WHERE run_id = ANY($1::text[])";

export const RENAME_FLOW = "UPDATE hearth.runs SET workflow_id = $2 WHERE run_id = $1";

/** From now on only a person goes on with it. */
export const GIVE_UP = "UPDATE hearth.runs SET supervised = false WHERE run_id = $1";

/** Those of these runs that are driven, or will be. */
export const TAKEN_CARE_OF =
  "SELECT run_id FROM hearth.runs WHERE run_id = ANY($1::text[]) AND supervised AND stop_reason IS NULL";

export const ELSEWHERE = `
SELECT run_id FROM hearth.runs WHERE supervised AND stop_reason IS NULL AND worker IS DISTINCT FROM $1
AND ($2::text IS NULL OR tenant = $2)`;

/** Where the worker that drives a run can be reached. */
export const WHERE = `
SELECT w.id, w.url, w.place, r.last_seq FROM hearth.runs r JOIN hearth.workers w ON w.id = r.worker
WHERE r.run_id = $1 AND r.owner IS NOT NULL AND w.url IS NOT NULL AND w.seen_at >= $now - $2::bigint`;

/** The secret of all workers of one database: whoever may read it may read every run anyway. */
export const SECRET = `
INSERT INTO hearth.secrets (name, value) VALUES ('workers', $1)
ON CONFLICT (name) DO UPDATE SET value = hearth.secrets.value RETURNING value`;
