import { randomUUID } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  DEFAULT_RETENTION,
  type HearthError,
  isGone,
  type Journal,
  JournalError,
  type Lease,
  LOCAL_TENANT,
  packEvents,
  type Retention,
  type RunEvent,
  type RunFilter,
  type RunSummary,
  type Signal,
  staleWriter,
  summaryOf,
  tenantOf,
  wholeLog,
} from "hearth";
import {
  type Answer,
  Database,
  type DatabaseOptions,
  type QueryOptions,
  type Row,
  type Value,
} from "./database.ts";
import { type Followed, follow } from "./follow.ts";
import { Listener } from "./listen.ts";
import { ownPlace } from "./place.ts";
import { prune } from "./retain.ts";
import * as sql from "./statements.ts";

export interface PostgresOptions extends DatabaseOptions {
  /** Milliseconds since 1970, for leases and retention. Default: the database's clock, the same for all machines. */
  now?: () => number;
  /** What is kept of runs that are over; applied when runs let go. */
  retention?: Partial<Retention>;
}

/** A worker that has given no sign of life for so long drives no more: its runs may be taken over. */
export const SILENT_MS = 8000;
/** Runs that end between two looks at what may be removed. */
const RETAIN_EVERY = 20;

/**
 * A journal in a PostgreSQL database, shared by processes of several machines. A row holds a batch as it was appended, in one transaction
 * with the check of the lease. A restart of the database is waited for, 60 s by default. Raises `DatabaseRefusedError` and
 * `DatabaseUnreachableError` where it can't be opened, `JournalError` where it was written by a newer Hearth.
 */
export async function postgresJournal(url: string, options: PostgresOptions = {}): Promise<PostgresJournal> {
  return new PostgresJournal(await Database.open(url, options), options);
}

export class PostgresJournal implements Journal, Followed {
  readonly durable = true;
  readonly database: Database;
  readonly listener: Listener;
  /** Of the worker that this process is, where it is one: runs that it takes are taken over when it falls silent. */
  worker: string | undefined;
  /** Waited for before a run is taken: whether it is this process that drives it. Raises where it is not. */
  gate: ((runId: string) => Promise<void> | undefined) | undefined;
  /** A nearer source of a run's events than the tables; may end early, or give nothing. */
  near: Journal["follow"] | undefined;
  readonly #now: string;
  readonly #clock: (() => number) | undefined;
  readonly #kept: Retention;
  /** Signals that were given out, by run: their rows may still be there if the connection was lost just then. */
  readonly #given = new Map<string, Set<string>>();
  #released = 0;

  constructor(database: Database, { now, retention }: PostgresOptions) {
    this.database = database;
    this.listener = new Listener(database.url);
    this.#clock = now;
    this.#now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    this.#kept = { ...DEFAULT_RETENTION, ...retention };
  }

  /** The name of a channel that processes with this schema share. */
  channel(name: string): string {
    return `${this.database.schema}_${name}`;
  }

  /** One statement of this journal's: with its schema, and the time where it says `$now`. */
  query(
    what: string,
    text: string,
    values: readonly Value[] = [],
    options: QueryOptions = {},
  ): Promise<Answer> {
    const now = this.#clock === undefined ? this.#now : `${Math.trunc(this.#clock())}::bigint`;
    const { schema } = this.database;
    const own = text.replaceAll("hearth.", `${schema}.`).replaceAll("$now", now);
    // A statement with a time written into it is another one each time.
    const { name: _, ...rest } = options;
    return this.database.query(what, own, values, this.#clock === undefined ? options : rest);
  }

  async append(lease: Lease, expectedSeq: number, events: readonly RunEvent[]): Promise<void> {
    const first = events[0];
    const last = events.at(-1);
    if (first === undefined || last === undefined) return;
    if (first.seq !== expectedSeq + 1) throw await this.#stale(lease);
    const text = packEvents(events);
    const { runId, epoch } = lease;
    const values = [runId, last.seq, epoch, expectedSeq, text, crc32(text), this.channel("events")];
    const edge = last.type === "run.finished" || first.type === "run.started" || first.type === "run.resumed";
    const atMs = performance.now();
    const { count, again } = edge
      ? await this.query("write", sql.APPEND_EDGE, [...values, ...edgeOf(first, last)], { name: "edge" })
      : await this.query("write", sql.APPEND, values, { name: "append" });
    const written =
      count === 1 ||
      (again && (await this.query("write", sql.APPENDED, [runId, epoch, last.seq, crc32(text)])).count === 1);
    if (!written) throw await this.#stale(lease);
    await this.#confirm(lease, atMs);
  }

  /**
   * A process that was frozen while the answer was on its way hears a yes of long ago: what it is about to do on the strength of it, a
   * call or a question, may be somebody else's by now.
   */
  async #confirm(lease: Lease, sinceMs: number): Promise<void> {
    while (performance.now() - sinceMs > SILENT_MS) {
      sinceMs = performance.now();
      const text = "SELECT 1 FROM hearth.runs WHERE run_id = $1 AND epoch = $2";
      if ((await this.query("read", text, [lease.runId, lease.epoch])).count === 0)
        throw await this.#stale(lease);
    }
  }

  async read(runId: string, afterSeq = 0): Promise<RunEvent[]> {
    const { rows } = await this.query("read", sql.READ, [storable(runId), afterSeq], { name: "read" });
    if (rows.length === 0) throw this.#unknown(runId);
    const batches = rows
      .values()
      .filter((row) => row["events"] !== null)
      .map(checkedText);
    const lastSeq = Number(rows[0]?.["ends"]);
    return wholeLog(batches, { runId, where: this.database.shown, afterSeq, lastSeq });
  }

  async *follow(runId: string, afterSeq: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
    let seq = afterSeq;
    for await (const event of this.near?.(runId, afterSeq, signal) ?? []) {
      seq = event.seq;
      yield event;
    }
    yield* follow(this, runId, seq, signal);
  }

  async list({ runId, tenant, limit }: RunFilter = {}): Promise<RunSummary[]> {
    // Nobody is named by an empty text, which stands for the local tenant in the table.
    if (tenant === "") return [];
    const whose = tenant === LOCAL_TENANT ? "" : (tenant ?? null);
    const values = [runId ?? null, whose, limit ?? null].map((one) =>
      typeof one === "string" ? storable(one) : one,
    );
    return (await this.query("read", sql.LIST, values)).rows.map((row) =>
      summaryOf(row, Number(row["last_seq"])),
    );
  }

  async acquire(runId: string, owner: string, ttlMs: number): Promise<Lease> {
    const take = async (): Promise<Lease | undefined> => {
      const values = [storable(runId), owner, ownPlace(), this.worker ?? null, ttlMs];
      const { rows } = await this.query("write", sql.ACQUIRE, values);
      return rows[0] === undefined ? undefined : { runId, owner, epoch: Number(rows[0]["epoch"]) };
    };
    await this.gate?.(runId);
    const first = await take();
    if (first !== undefined) return first;
    const { rows } = await this.query("read", sql.HOLDER, [runId, SILENT_MS]);
    const holder = rows[0];
    if (holder !== undefined && hasGone(holder)) {
      await this.query("write", sql.FREE, [runId, Number(holder["epoch"]), String(holder["owner"])]);
      const second = await take();
      if (second !== undefined) return second;
    }
    throw new JournalError(`Run ${runId} is driven by ${holder?.["owner"] ?? "another process"}.`, {
      remedy: "Cancel it there, or wait until its lease is over.",
    });
  }

  async renew(lease: Lease, ttlMs: number): Promise<void> {
    const { count } = await this.query("write", sql.RENEW, [lease.runId, lease.epoch, ttlMs]);
    if (count !== 1) throw await this.#stale(lease);
  }

  async release(lease: Lease): Promise<void> {
    this.#given.delete(lease.runId);
    const { count } = await this.query("write", sql.RELEASE, [lease.runId, lease.epoch]);
    if (count !== 1) throw await this.#stale(lease);
    // The run has ended, whatever becomes of this: what can't be removed now is looked at again with a later run.
    if (this.#released++ % RETAIN_EVERY === 0) void this.prune().catch(() => undefined);
  }

  async send(runId: string, signal: Signal): Promise<void> {
    const told = `${signal.kind} ${runId}`;
    const values = [storable(runId), randomUUID(), JSON.stringify(signal), this.channel("signals"), told];
    const { count } = await this.query("write", sql.SEND, values);
    if (count === 0) throw this.#unknown(runId);
  }

  /** At least once: a driver that dies between hearing a signal and writing down what it means leaves it to the next one. */
  async receive(lease: Lease): Promise<Signal[]> {
    const { runId } = lease;
    const atMs = performance.now();
    const { rows } = await this.query("read", sql.RECEIVE, [runId], { name: "receive" });
    if (rows.length === 0) throw this.#unknown(runId);
    if (Number(rows[0]?.["epoch"]) !== lease.epoch) throw staleWriter(runId, rows[0]?.["owner"]);
    await this.#confirm(lease, atMs);
    const there = rows.filter((row) => row["id"] !== null);
    if (there.length === 0) return [];
    const given = this.#given.get(runId) ?? new Set<string>();
    this.#given.set(runId, given);
    const fresh = there.filter((row) => !given.has(String(row["id"])));
    for (const row of fresh) given.add(String(row["id"]));
    await this.query("write", sql.TAKEN, [there.map((row) => String(row["id"]))]);
    return fresh.map((row) => JSON.parse(String(row["body"])) as Signal);
  }

  async putArtifact(runId: string, id: string, content: string): Promise<void> {
    const bytes = Buffer.from(content);
    await this.query("write", sql.PUT_ARTIFACT, [runId, id, bytes, crc32(bytes)]);
  }

  async getArtifact(runId: string, id: string): Promise<string | undefined> {
    const text = "SELECT content, crc FROM hearth.artifacts WHERE run_id = $1 AND id = $2";
    const { rows } = await this.query("read", text, [storable(runId), storable(id)]);
    const row = rows[0];
    if (row === undefined) return undefined;
    const content = row["content"] as Buffer;
    if (crc32(content) === Number(row["crc"])) return content.toString();
    throw new JournalError(
      `The kept result ${id} of run ${runId} in ${this.database.shown} is damaged: its checksum does not fit.`,
    );
  }

  async listArtifacts(runId: string): Promise<string[]> {
    const text = "SELECT id FROM hearth.artifacts WHERE run_id = $1 ORDER BY id";
    return (await this.query("read", text, [storable(runId)])).rows.map((row) => String(row["id"]));
  }

  prune(retention: Partial<Retention> = {}): Promise<number> {
    return prune(this, { ...this.#kept, ...retention });
  }

  async remove(runIds: readonly string[]): Promise<number> {
    return (await this.query("write", sql.REMOVE, [runIds])).count;
  }

  async probe(): Promise<void> {
    await this.query("write", sql.PROBE, [new Date().toISOString()], { patienceMs: 0 });
  }

  async close(): Promise<void> {
    await this.listener.close();
    await this.database.close();
  }

  #unknown(runId: string): HearthError {
    return new JournalError(`There is no run ${runId} in ${this.database.shown}.`);
  }

  async #stale({ runId }: Lease): Promise<HearthError> {
    const { rows } = await this.query("read", "SELECT owner FROM hearth.runs WHERE run_id = $1", [runId]);
    return staleWriter(runId, rows[0]?.["owner"]);
  }
}

/** What the row of a run says of its beginning or end: reason, task, model, start, tenant. NULL leaves the others as they are. */
function edgeOf(first: RunEvent, last: RunEvent): (string | null)[] {
  const reason = last.type === "run.finished" ? last.stopReason : null;
  if (first.type !== "run.started") return [reason, null, null, null, null];
  return [reason, storable(first.task), storable(first.model), first.time, storable(tenantOf(first) ?? "")];
}

/** PostgreSQL's texts hold no NUL; events do, written as JSON. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

function checkedText(row: Row): string {
  const text = String(row["events"]);
  if (crc32(text) !== Number(row["crc"])) throw new Error("its checksum does not fit");
  return text;
}

/** A worker that is silent; or a process that is certainly dead, which can only be told where its number means the same. */
function hasGone(holder: Row): boolean {
  if (holder["silent"] === true) return true;
  const { owner, place } = holder;
  return typeof owner === "string" && place === ownPlace() && isGone(owner);
}
