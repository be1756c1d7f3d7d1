import { setTimeout as sleep } from "node:timers/promises";
import { HearthError } from "hearth";
import pg from "pg";
import { databaseError, isPassing } from "./failures.ts";
import { migrate } from "./schema.ts";
import { shownUrl } from "./url.ts";

/** How long a connection may take. */
const CONNECT_MS = 5000;
/** The longest any statement of ours may take; none scans more than one run's events. */
const STATEMENT_MS = 30_000;
/** A process that is frozen inside a transaction must not keep its row locks. */
const IDLE_IN_TRANSACTION_MS = 5000;
const FIRST_WAIT_MS = 50;
const MAX_WAIT_MS = 1000;

export type Value = string | number | boolean | null | Buffer | readonly string[];
export type Row = Record<string, unknown>;

export interface Answer {
  rows: Row[];
  count: number;
  /** An earlier try may have come through although its answer was lost. */
  again: boolean;
}

/** What runs statements: with retries, the schema, and the time. */
export interface Statements {
  query(what: string, text: string, values?: readonly Value[], options?: QueryOptions): Promise<Answer>;
}

export interface QueryOptions {
  /** It is prepared under this name, once a connection. */
  name?: string;
  /** In place of the database's own. */
  patienceMs?: number;
}

export interface DatabaseOptions {
  /** Where the tables are. Default `hearth`. */
  schema?: string;
  /** How long what passes by itself (a restart, a lost connection) is tried again, in milliseconds. Default 60,000. */
  patienceMs?: number;
  /** The same for the first connection. Default 0: a wrong address is told at once. */
  startMs?: number;
  /** Connections at most. Default 10. */
  connections?: number;
}

export const connectionConfig = (url: string): pg.ClientConfig => ({
  connectionString: url,
  application_name: "hearth",
  connectionTimeoutMillis: CONNECT_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
});

/** Connections to one database, with patience: a restart of it is a pause, not a failure. */
export class Database implements Statements {
  /** As it may be shown. */
  readonly shown: string;
  readonly url: string;
  readonly schema: string;
  readonly #pool: pg.Pool;
  readonly #patienceMs: number;
  readonly #closing = new AbortController();

  private constructor(url: string, pool: pg.Pool, schema: string, patienceMs: number) {
    this.url = url;
    this.shown = shownUrl(url);
    this.schema = schema;
    this.#pool = pool;
    this.#patienceMs = patienceMs;
  }

  /** Connects and brings the tables up to date. */
  static async open(url: string, options: DatabaseOptions = {}): Promise<Database> {
    const { schema = "hearth", patienceMs = 60_000, startMs = 0, connections = 10 } = options;
    const pool = new pg.Pool({
      ...connectionConfig(url),
      max: connections,
      statement_timeout: STATEMENT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    });
    // A connection that is lost while nobody uses it: the next statement makes another.
    pool.on("error", () => undefined);
    const database = new Database(url, pool, quoted(schema), patienceMs);
    try {
      await database.patiently("open", () => migrate(pool, schema, database.shown), startMs);
      return database;
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  /** One statement, as it stands. */
  async query(
    what: string,
    text: string,
    values: readonly Value[] = [],
    { name, patienceMs }: QueryOptions = {},
  ): Promise<Answer> {
    let tries = 0;
    const once = async (): Promise<Answer> => {
      const again = tries++ > 0;
      const config = { text, values: [...values], ...(name === undefined ? {} : { name }) };
      const { rows, rowCount } = await this.#pool.query<Row>(config);
      return { rows, count: rowCount ?? 0, again };
    };
    return this.patiently(what, once, patienceMs);
  }

  /** Tries again, with growing pauses, what fails for a reason that passes. Raises named errors with a remedy. */
  async patiently<T>(what: string, body: () => Promise<T>, patienceMs = this.#patienceMs): Promise<T> {
    const until = performance.now() + patienceMs;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, MAX_WAIT_MS)) {
      try {
        return await body();
      } catch (error) {
        if (error instanceof HearthError) throw error;
        const late = performance.now() + waitMs > until;
        if (!isPassing(error) || late || this.#closing.signal.aborted)
          throw databaseError(this.shown, what, error);
        await sleep(waitMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#pool.end();
  }
}

/** The schema's name is put into statements: only plain names, and no quoting to get wrong. */
function quoted(schema: string): string {
  if (/^[a-z_][a-z0-9_]{0,40}$/.test(schema)) return schema;
  throw new TypeError(`A schema is named with small letters, digits and _, not ${JSON.stringify(schema)}.`);
}
