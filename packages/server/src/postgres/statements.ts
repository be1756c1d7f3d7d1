/** Statements of the journal. `hearth.` stands for the schema, `$now` for the time in milliseconds. */

/**
 * One statement, and so one transaction: the row of the run says who may write and where the log ends. Its lock makes a writer that lost
 * the run wait for whoever took it, and then find another epoch. Only who follows is told: a notification costs a lock of the whole server.
 */
export const APPEND = `
WITH own AS (
  UPDATE hearth.runs SET last_seq = $2 WHERE run_id = $1 AND epoch = $3 AND last_seq = $4
  RETURNING followed_until > $now AS followed
), put AS (
  INSERT INTO hearth.batches (run_id, last_seq, epoch, events, crc) SELECT $1, $2, $3, $5, $6 FROM own
)
SELECT CASE WHEN followed THEN pg_notify($7, $1)::text END FROM own`;

/** The same where a run begins, goes on or ends. */
export const APPEND_EDGE = `
WITH own AS (
  UPDATE hearth.runs SET last_seq = $2, stop_reason = $8::text, ended_at = CASE WHEN $8::text IS NULL THEN NULL ELSE $now END,
    task = COALESCE($9::text, task), model = COALESCE($10::text, model), started_at = COALESCE($11::text, started_at),
    tenant = COALESCE($12::text, tenant)
  WHERE run_id = $1 AND epoch = $3 AND last_seq = $4 RETURNING 1
), put AS (
  INSERT INTO hearth.batches (run_id, last_seq, epoch, events, crc) SELECT $1, $2, $3, $5, $6 FROM own
)
SELECT pg_notify($7, $1)::text FROM own`;

/** Whether an append whose answer was lost has come through. */
export const APPENDED = `
SELECT 1 FROM hearth.runs r JOIN hearth.batches b USING (run_id)
WHERE r.run_id = $1 AND r.epoch = $2 AND b.last_seq = $3 AND b.crc = $4`;

export const READ = `
SELECT r.last_seq AS ends, b.events, b.crc FROM hearth.runs r
LEFT JOIN hearth.batches b ON b.run_id = r.run_id AND b.last_seq > $2
WHERE r.run_id = $1 ORDER BY b.last_seq`;

export const LIST = `
SELECT run_id, task, model, started_at, last_seq, stop_reason, tenant FROM hearth.runs
WHERE started_at <> '' AND ($1::text IS NULL OR run_id = $1) AND ($2::text IS NULL OR tenant = $2)
ORDER BY started_at DESC, run_id DESC LIMIT $3::bigint`;

export const ACQUIRE = `
INSERT INTO hearth.runs AS r (run_id, epoch, owner, place, worker, expires_at)
VALUES ($1, 1, $2, $3, $4, $now + $5::bigint)
ON CONFLICT (run_id) DO UPDATE SET epoch = r.epoch + 1, owner = excluded.owner, place = excluded.place,
  worker = excluded.worker, expires_at = excluded.expires_at
WHERE r.owner IS NULL OR r.owner = excluded.owner OR r.expires_at <= $now
RETURNING epoch`;

/**
 * Who holds a run, and whether the worker it belongs to has fallen silent. While the database was away nobody could give a sign of life:
 * after its start all get the time to.
 */
export const HOLDER = `
SELECT r.owner, r.place, r.epoch, r.worker IS NOT NULL AND (
  w.id IS NULL OR w.seen_at < $now - $2::bigint AND extract(epoch FROM pg_postmaster_start_time()) * 1000 < $now - 2 * $2::bigint
) AS silent
FROM hearth.runs r LEFT JOIN hearth.workers w ON w.id = r.worker WHERE r.run_id = $1`;

export const FREE =
  "UPDATE hearth.runs SET owner = NULL, worker = NULL WHERE run_id = $1 AND epoch = $2 AND owner = $3";

export const RENEW = "UPDATE hearth.runs SET expires_at = $now + $3::bigint WHERE run_id = $1 AND epoch = $2";

/** `claimed_at`: a run without an end that is let go is free for anybody at once. */
export const RELEASE =
  "UPDATE hearth.runs SET owner = NULL, worker = NULL, claimed_at = 0 WHERE run_id = $1 AND epoch = $2";

export const SEND = `
WITH put AS (
  INSERT INTO hearth.signals (run_id, id, body) SELECT run_id, $2::uuid, $3 FROM hearth.runs WHERE run_id = $1
  ON CONFLICT (id) DO NOTHING RETURNING 1
)
SELECT pg_notify($4, $5)::text FROM hearth.runs WHERE run_id = $1`;

/** The epoch comes with the signals, so that one statement answers both: whose run is it, and what was said. */
export const RECEIVE = `
SELECT r.epoch, r.owner, s.id, s.body FROM hearth.runs r LEFT JOIN hearth.signals s ON s.run_id = r.run_id
WHERE r.run_id = $1 ORDER BY s.place`;

export const TAKEN = "DELETE FROM hearth.signals WHERE id = ANY($1::uuid[])";

export const PUT_ARTIFACT = `
INSERT INTO hearth.artifacts (run_id, id, content, crc) VALUES ($1, $2, $3, $4)
ON CONFLICT (run_id, id) DO UPDATE SET content = excluded.content, crc = excluded.crc`;

/** From now on appends tell who follows. */
export const FOLLOW = `
UPDATE hearth.runs SET followed_until = GREATEST(followed_until, $now + $2::bigint) WHERE run_id = $1
RETURNING stop_reason, last_seq`;

/** Only runs that are over: one that waits may be gone on with after days. */
const OVER = "stop_reason IS NOT NULL AND stop_reason <> 'waiting' AND owner IS NULL";

export const REMOVE_OLD = `DELETE FROM hearth.runs WHERE ${OVER} AND ended_at < $now - $1::bigint`;

/** What the events and artifacts take, holes and all: cheap to ask, and never less than what is in use. */
export const SIZE = `
SELECT pg_table_size('hearth.batches') + pg_table_size('hearth.artifacts') AS bytes`;

/** Runs that are over with what each takes, oldest first, and what all runs take. */
export const SIZES = `
SELECT run_id, ended_at, (${OVER}) AS over,
  COALESCE((SELECT sum(pg_column_size(events)) FROM hearth.batches b WHERE b.run_id = r.run_id), 0)
  + COALESCE((SELECT sum(pg_column_size(content)) FROM hearth.artifacts a WHERE a.run_id = r.run_id), 0) AS bytes
FROM hearth.runs r ORDER BY ended_at NULLS LAST`;

export const REMOVE = "DELETE FROM hearth.runs WHERE run_id = ANY($1::text[]) AND owner IS NULL";

export const PROBE = `
INSERT INTO hearth.secrets (name, value) VALUES ('probe', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
