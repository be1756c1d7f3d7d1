import { JournalError } from "hearth";

/** The database can't be reached, or went away and did not come back in time. */
export class DatabaseUnreachableError extends JournalError {}

/** The database is there and refuses: wrong password, no such database, no right. */
export class DatabaseRefusedError extends JournalError {
  override readonly exitCode: number = 2;
}

/**
 * What passes by itself: no connection (class 08, ECONN…), a server that ends, crashes or begins (57P01 to 57P03), too many connections,
 * a standby that is just becoming the primary (25006), and transactions that met another one (40…).
 * Codes: PostgreSQL 15, appendix A.
 */
const PASSING =
  /^(08...|57P0[123]|53300|25006|40001|40P01|ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOENT)$/;
/** What `pg` says without a code. */
const PASSING_WORDS =
  /connection (terminated|ended)|client has encountered a connection error|timeout exceeded when trying to connect|server closed the connection/i;

export function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

export function isPassing(error: unknown): boolean {
  return (
    PASSING.test(codeOf(error)) || (error instanceof Error && PASSING_WORDS.test(`${error.message} ${error}`))
  );
}

const REFUSED: Readonly<Record<string, string>> = {
  "28P01": "Set the right password: in the URL, in PGPASSWORD, or in the file that PGPASSFILE names.",
  "28000": "Let this user in (pg_hba.conf), or name another one in the URL.",
  "3D000": "Make the database (createdb NAME), or name another one in the URL.",
  "42501":
    "Give this user the right to make a schema (GRANT CREATE ON DATABASE NAME TO USER), or name another one.",
};

/** Anything `pg` throws, in words with a remedy. */
export function databaseError(shown: string, what: string, cause: unknown): JournalError {
  const code = codeOf(cause);
  const why = reasonOf(cause);
  const refused = REFUSED[code] ?? (/password|SASL|SCRAM/i.test(why) ? REFUSED["28P01"] : undefined);
  if (refused !== undefined)
    return new DatabaseRefusedError(`Can't ${what} the journal in ${shown}: ${why}.`, {
      cause,
      remedy: refused,
    });
  if (isPassing(cause))
    return new DatabaseUnreachableError(`Can't ${what} the journal in ${shown}: ${why}.`, {
      cause,
      remedy: "See whether PostgreSQL runs and listens there, then go on: all that was shown before is kept.",
    });
  const full = code === "53100";
  return new JournalError(`Can't ${what} the journal in ${shown}: ${why}.`, {
    cause,
    remedy: full
      ? "Free some space on the database's disk and resume the run: everything before this point is kept."
      : "See the database's own log; everything before this point is kept.",
  });
}

function reasonOf(cause: unknown): string {
  // A name with several addresses gives one failure for each.
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/\.$/, "") || codeOf(cause) || "no reason given";
}
