import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { connectionConfig } from "./database.ts";

const MAX_WAIT_MS = 1000;

/**
 * What others tell through the database (LISTEN), on one connection for the whole process. A connection that is lost is made again;
 * whoever listens is then woken once, for something may have been missed.
 */
export class Listener {
  readonly #url: string;
  readonly #channels = new Map<string, Set<(payload: string | undefined) => void>>();
  #client: pg.Client | undefined;
  #connecting: Promise<void> | undefined;
  #closed = false;

  constructor(url: string) {
    this.#url = url;
  }

  /** Calls `heard` for each message; with `undefined` as soon as it listens, and after a gap. Gives the way to stop. */
  on(channel: string, heard: (payload: string | undefined) => void): () => void {
    const known = this.#channels.get(channel);
    const all = known ?? new Set();
    all.add(heard);
    this.#channels.set(channel, all);
    const client = this.#client;
    if (client === undefined) void this.#connected();
    else if (known !== undefined) queueMicrotask(() => heard(undefined));
    else
      this.#listen(client, channel).then(
        () => this.#tell(channel, undefined),
        () => this.#lost(client),
      );
    return () => all.delete(heard);
  }

  /** Best effort: where the database is away, listeners are woken when it is back. */
  #connected(): Promise<void> {
    if (this.#client !== undefined || this.#closed) return Promise.resolve();
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<void> {
    for (let waitMs = 50; !this.#closed; waitMs = Math.min(2 * waitMs, MAX_WAIT_MS)) {
      const client = new pg.Client({ ...connectionConfig(this.#url), application_name: "hearth-listen" });
      client.on("error", () => this.#lost(client));
      client.on("end", () => this.#lost(client));
      client.on("notification", ({ channel, payload }) => this.#tell(channel, payload ?? ""));
      try {
        await client.connect();
        for (const channel of this.#channels.keys()) await this.#listen(client, channel);
        this.#client = client;
        for (const channel of this.#channels.keys()) this.#tell(channel, undefined);
        return;
      } catch {
        // Whoever waits here also reads the tables, and is told there what is wrong.
        await client.end().catch(() => undefined);
        await sleep(waitMs);
      }
    }
  }

  async #listen(client: pg.Client, channel: string): Promise<void> {
    await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    if (this.#closed) return;
    void client.end().catch(() => undefined);
    void this.#connected();
  }

  #tell(channel: string, payload: string | undefined): void {
    for (const heard of this.#channels.get(channel) ?? []) heard(payload);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }
}
