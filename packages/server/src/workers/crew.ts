import { randomBytes, randomUUID } from "node:crypto";
import { JournalError, LOCAL_TENANT, letGo, newOwner, newRunId, type RunEvent } from "hearth";
import { isLoopback } from "../access/index.ts";
import { ownPlace, type PostgresJournal, SILENT_MS, storable } from "../postgres/index.ts";
import type { Crew, RunRequest } from "../wires/crew.ts";
import type { LiveRun, LiveRuns, Owner } from "../wires/live.ts";
import { Flow } from "./flow.ts";
import { fromNeighbour, type NeighbourServer, tellNeighbours } from "./neighbour.ts";
import { poolOf } from "./pool.ts";
import { RemoteRun } from "./remote.ts";
import * as rows from "./rows.ts";
import { Supervisor } from "./supervisor.ts";

export interface CrewOptions {
  journal: PostgresJournal;
  live: LiveRuns;
  /** Goes on with a run, or begins it where its log is empty. */
  adopt(runId: string, request: RunRequest | undefined): Promise<LiveRun>;
  /** Whether a run may go on without anybody asking for it. */
  mayGoOn(events: readonly RunEvent[]): boolean;
  workspace: string;
  /** Where other workers reach this one. */
  host: string;
  /** Runs at once. */
  parallel: number;
  /** Runs that this worker may put in line for all. */
  maxQueue: number;
  warn(text: string): void;
}

/** A run that this process is about to drive: who waits for leave to begin, and when it is over. */
interface Own {
  leave: () => void;
  over: Promise<unknown>;
}

/** A drive that DBOS has begun here is called at once; one that is not by then has begun elsewhere. */
const LEAVE_MS = 1000;

/** One worker of several that share a journal: what it drives, what it puts in line, what it takes over. */
export class Worker implements Crew {
  readonly #options: CrewOptions;
  readonly #id = `worker_${randomUUID()}`;
  readonly #owner = newOwner();
  readonly #pool: string;
  readonly #own = new Map<string, Own>();
  readonly #leaves = new Map<string, Promise<void>>();
  #secret = "";
  #queued = 0;
  #leaving = false;
  #flow: Flow | undefined;
  #neighbours: NeighbourServer | undefined;
  #supervisor: Supervisor | undefined;
  #stop: (() => void) | undefined;

  private constructor(options: CrewOptions) {
    this.#options = options;
    this.#pool = poolOf(options.workspace);
  }

  /** Joins the others: from now on runs of workers that are gone may come here. */
  static async join(options: CrewOptions): Promise<Worker> {
    const worker = new Worker(options);
    try {
      await worker.#begin();
      return worker;
    } catch (error) {
      await worker.close();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { journal, live, host, parallel, warn } = this.#options;
    const made = randomBytes(32).toString("base64url");
    const secret = await journal.query("join", rows.SECRET, [made]);
    this.#secret = String(secret.rows[0]?.["value"]);
    this.#neighbours = await tellNeighbours({ host, secret: this.#secret, journal, live });
    journal.worker = this.#id;
    journal.gate = (runId) => this.#leaves.get(runId);
    journal.near = (runId, afterSeq, signal) => this.#near(runId, afterSeq, signal);
    this.#stop = journal.listener.on(journal.channel("signals"), (said) => this.#heard(said));
    // Entered first: a run that comes from the line at once must not look like one of a worker that is gone.
    await this.#enter();
    this.#flow = await Flow.launch({
      url: journal.database.url,
      executorId: this.#id,
      pool: this.#pool,
      parallel,
      drive: (runId) => this.#drive(runId),
      warn,
    });
    this.#supervisor = new Supervisor({
      journal,
      flow: this.#flow,
      id: this.#id,
      pool: this.#pool,
      join: () => this.#enter(),
      warn,
    });
    await this.#supervisor.begin();
  }

  async #enter(): Promise<void> {
    const { journal } = this.#options;
    const url = this.#neighbours?.url ?? null;
    await journal.query("join", rows.JOIN, [this.#id, url, ownPlace(), this.#owner, this.#pool]);
  }

  /** Room for so many runs at once; a line of its own for all others only where somebody else may take from it. */
  get full(): boolean {
    const { live, parallel, maxQueue } = this.#options;
    return live.all().length >= parallel && (this.#supervisor?.others ?? 0) > 0 && this.#queued < maxQueue;
  }

  place(request: RunRequest): LiveRun {
    const runId = newRunId(Date.now());
    this.#queued++;
    const remote = this.#remote(runId, request.owner, 0, this.#enlist(runId, request));
    const begun = async (): Promise<void> => {
      for await (const _ of remote.follow(0, new AbortController().signal)) return;
    };
    void begun()
      .catch(() => undefined)
      .then(() => this.#queued--);
    return remote;
  }

  async #enlist(runId: string, request: RunRequest): Promise<void> {
    await this.#write(runId, runId, request);
    await this.#flow?.enqueue(runId, runId);
  }

  /** From here on the run is looked after, whatever becomes of this process. */
  async #write(runId: string, flowId: string, request: RunRequest | undefined): Promise<void> {
    const { task = "", model = "", owner = { tenant: LOCAL_TENANT } } = request ?? {};
    const asked = request === undefined ? null : JSON.stringify(request);
    const tenant = owner.tenant === LOCAL_TENANT ? "" : owner.tenant;
    const shown = [storable(task), model, new Date().toISOString(), tenant];
    const values = [runId, asked, flowId, this.#pool, ...shown, this.#id];
    await this.#options.journal.query("write", rows.ENLIST, values);
  }

  begin(live: LiveRun, afterSeq: number, request?: RunRequest): void {
    const runId = live.run.id;
    const leave = this.#arrange(live, afterSeq, request);
    leave.catch(() => undefined);
    this.#leaves.set(runId, leave);
    void live.done.then(() => {
      if (this.#leaves.get(runId) === leave) this.#leaves.delete(runId);
    });
  }

  /** One workflow a drive: the first bears the run's name, each further one also where the log ended, so that two that resume it are one. */
  async #arrange({ run, done }: LiveRun, afterSeq: number, request?: RunRequest): Promise<void> {
    const runId = run.id;
    const flowId = afterSeq === 0 ? runId : `${runId}/${afterSeq}`;
    await this.#write(runId, flowId, request);
    const given = new Promise<void>((resolve) => {
      this.#own.set(runId, { leave: resolve, over: done });
    });
    void done.then(() => this.#own.delete(runId));
    await this.#flow?.begin(runId, flowId);
    let timer: NodeJS.Timeout | undefined;
    const other = new Promise<never>((_, reject) => {
      const error = new JournalError(`Run ${runId} is driven by another worker.`, {
        remedy: "Follow its events here: every worker has them.",
      });
      timer = setTimeout(() => reject(error), LEAVE_MS);
    });
    await Promise.race([given, other]).finally(() => clearTimeout(timer));
  }

  /** What DBOS calls: a run that waits here for leave to begin, or one that comes from another worker or the line. */
  async #drive(runId: string): Promise<string> {
    const own = this.#own.get(runId);
    if (own !== undefined) {
      this.#own.delete(runId);
      own.leave();
      await own.over;
      return "driven";
    }
    const { journal, adopt, mayGoOn, warn } = this.#options;
    try {
      if (this.#leaving) {
        await journal.query("write", rows.NOBODYS, [runId]);
        return "left to others";
      }
      await journal.query("write", rows.MINE, [runId, this.#id]);
      const events = await journal.read(runId);
      if (events.at(-1)?.type === "run.finished") return "over";
      if (!mayGoOn(events)) {
        await journal.query("write", rows.GIVE_UP, [runId]);
        warn(`Run ${runId} is left as it is: it got nowhere each time it was gone on with.`);
        return "given up";
      }
      const asked = events.length > 0 ? undefined : await this.#requestOf(runId);
      const live = await adopt(runId, asked);
      await live.done;
      return "taken over";
    } catch (error) {
      warn(`Run ${runId} could not be gone on with here: ${error instanceof Error ? error.message : error}`);
      return "failed";
    }
  }

  async #requestOf(runId: string): Promise<RunRequest | undefined> {
    const { rows: found } = await this.#options.journal.query("read", rows.REQUEST, [runId]);
    const text = found[0]?.["request"];
    return typeof text === "string" ? (JSON.parse(text) as RunRequest) : undefined;
  }

  async elsewhere(runId: string, owner: Owner): Promise<LiveRun | undefined> {
    const { journal } = this.#options;
    const { rows: found } = await journal.query("read", rows.WHERE, [runId, SILENT_MS]);
    const [place] = found;
    if (place === undefined || place["id"] === this.#id) return undefined;
    return this.#remote(runId, owner, Number(place["last_seq"]), Promise.resolve());
  }

  async takenCareOf(runIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows: found } = await this.#options.journal.query("read", rows.TAKEN_CARE_OF, [runIds]);
    return new Set(found.map((row) => String(row["run_id"])));
  }

  async stopElsewhere(tenant: string | undefined): Promise<number> {
    const { journal } = this.#options;
    const whose = tenant === LOCAL_TENANT ? "" : (tenant ?? null);
    const { rows: found } = await journal.query("read", rows.ELSEWHERE, [this.#id, whose]);
    const runIds = found.map((row) => String(row["run_id"]));
    await Promise.all(
      runIds.map((runId) => journal.send(runId, { kind: "cancel", by: "the emergency stop" })),
    );
    return runIds.length;
  }

  #remote(runId: string, owner: Owner, afterSeq: number, placed: Promise<void>): LiveRun {
    const { journal, warn } = this.#options;
    return new RemoteRun({
      runId,
      owner,
      afterSeq,
      placed,
      follow: (after, signal) => journal.follow(runId, after, signal),
      read: () => journal.read(runId),
      cancel: (by) =>
        void journal
          .send(runId, { kind: "cancel", by })
          .catch((error) => warn(`Run ${runId} could not be told to stop: ${error.message}`)),
    });
  }

  async *#near(runId: string, afterSeq: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
    const { rows: found } = await this.#options.journal.query("read", rows.WHERE, [runId, SILENT_MS]);
    const [place] = found;
    if (place === undefined || place["id"] === this.#id) return;
    // Another machine's loopback is not ours: its worker was not told where it can be reached.
    const url = String(place["url"]);
    if (isLoopback(new URL(url).hostname) && place["place"] !== ownPlace()) return;
    yield* fromNeighbour(url, this.#secret, runId, afterSeq, signal);
  }

  /** A cancel must not wait until the run looks for signals. */
  #heard(said: string | undefined): void {
    const [kind, runId = ""] = said?.split(" ") ?? [];
    if (kind === "cancel") this.#options.live.get(runId)?.run.cancel("cancelled from another worker");
  }

  leave(): void {
    this.#leaving = true;
    this.#supervisor?.leave();
  }

  /** Leaves: what still goes on here is let go, and taken over by the others. */
  async close(): Promise<void> {
    const { journal } = this.#options;
    this.#stop?.();
    await this.#supervisor?.close();
    await this.#neighbours?.close();
    letGo(this.#owner);
    // Where that can't be written, silence says it a little later.
    const patience = { patienceMs: 1000 };
    await journal.query("leave", rows.LEAVE, [this.#id], patience).catch(() => undefined);
    await this.#flow?.close();
  }
}
