import { DBOS } from "@dbos-inc/dbos-sdk";
import { HearthError, JournalError } from "hearth";

/** DBOS's own tables stand beside the journal's, in the same database. */
const FLOW_SCHEMA = "hearth_flow";
/** What is queued may be driven by any worker: a run's log is read by every version that can open the journal. */
const FLOW_VERSION = "1";
/** One line a workspace: a run belongs to the files it began with. */
const QUEUE = "hearth-runs";
/** How soon a worker with room notices a run in line. */
const QUEUE_POLL_MS = 250;
/** A worker that is frozen inside a transaction of DBOS must not hold up those that take its runs over. */
const IDLE_IN_TRANSACTION_MS = 5000;
/** Finished flows are of no use: what happened is in the journal. */
const KEEP_FINISHED_MS = 86_400_000;
const SWEEP = 500;
const SAY_AGAIN_MS = 30_000;

export interface FlowOptions {
  url: string;
  /** Of this process; another one after each start. */
  executorId: string;
  /** Only workers of one pool drive each other's runs. */
  pool: string;
  /** Runs of the line that one worker drives at once. */
  parallel: number;
  /** Drives a run to its end, whatever that is; must not throw. */
  drive(runId: string): Promise<string>;
  warn(text: string): void;
}

/** How the flow of a run stands: it waits for a worker, has been given to one, is over, or there is none. */
export type FlowState = "queued" | "given" | "over" | "none";

const STATES: Readonly<Record<string, FlowState>> = {
  ENQUEUED: "queued",
  DELAYED: "queued",
  PENDING: "given",
};

/**
 * Who drives a run: DBOS Transact, one workflow a drive, whose whole body is `drive(runId)`. It has no steps: what happened is the
 * journal's alone, and a workflow that is given to another worker begins by reading it.
 */
export class Flow {
  readonly #driveWorkflow: (runId: string) => Promise<string>;
  readonly #queue: string;

  private constructor(driveWorkflow: (runId: string) => Promise<string>, queue: string) {
    this.#driveWorkflow = driveWorkflow;
    this.#queue = queue;
  }

  static async launch(options: FlowOptions): Promise<Flow> {
    const { url, executorId, parallel, drive, warn } = options;
    const queue = `${QUEUE}-${options.pool}`;
    const quiet = (): void => undefined;
    const say = sparing(warn);
    const text = (entry: unknown): string => (entry instanceof Error ? entry.message : String(entry));
    DBOS.setConfig({
      name: "hearth",
      systemDatabaseUrl: url,
      systemDatabaseSchemaName: FLOW_SCHEMA,
      systemDatabasePoolSize: 6,
      systemDatabaseIdleTransactionTimeoutMs: IDLE_IN_TRANSACTION_MS,
      executorID: executorId,
      applicationVersion: FLOW_VERSION,
      listenQueues: [queue],
      logger: {
        info: quiet,
        debug: quiet,
        warn: (entry) => say(text(entry)),
        error: (entry) => say(text(entry)),
      },
    });
    const driveWorkflow = DBOS.registerWorkflow(drive, { name: "drive" });
    try {
      await DBOS.launch();
      await DBOS.registerQueue(queue, {
        workerConcurrency: parallel,
        minPollingIntervalMs: QUEUE_POLL_MS,
        onConflict: "always_update",
      });
    } catch (error) {
      if (error instanceof HearthError) throw error;
      throw new JournalError(`Workers can't share this database: ${text(error)}.`, {
        cause: error,
        remedy: "Give this user the right to make schemas in it (GRANT CREATE ON DATABASE NAME TO USER).",
      });
    }
    return new Flow(driveWorkflow, queue);
  }

  /** Begins a drive on this worker, unless another one has begun the same: then its `drive` is not called here. */
  async begin(runId: string, flowId: string): Promise<void> {
    await DBOS.startWorkflow(this.#driveWorkflow, { workflowID: flowId })(runId);
  }

  /** Puts a drive in line, for whichever worker has room first. */
  async enqueue(runId: string, flowId: string): Promise<void> {
    await DBOS.startWorkflow(this.#driveWorkflow, { workflowID: flowId, queueName: this.#queue })(runId);
  }

  /** Takes drives away from whoever has them, and puts them in line again. */
  async takeOver(flowIds: string[]): Promise<void> {
    await DBOS.resumeWorkflows(flowIds, { queueName: this.#queue });
  }

  async stateOf(flowId: string): Promise<FlowState> {
    const status = await DBOS.getWorkflowStatus(flowId);
    return status === null ? "none" : (STATES[status.status] ?? "over");
  }

  /** Removes what is long over; says how many. */
  async sweep(now: number): Promise<number> {
    const old = await DBOS.listWorkflows({
      status: ["SUCCESS", "ERROR", "CANCELLED"],
      endTime: new Date(now - KEEP_FINISHED_MS).toISOString(),
      limit: SWEEP,
      loadInput: false,
      loadOutput: false,
    });
    if (old.length > 0) await DBOS.deleteWorkflows(old.map(({ workflowID }) => workflowID));
    return old.length;
  }

  async close(): Promise<void> {
    await DBOS.shutdown({ deregister: true });
  }
}

/** The same words once a while: without its database DBOS says them four times a second. */
function sparing(warn: (text: string) => void): (text: string) => void {
  const saidAt = new Map<string, number>();
  return (text) => {
    const now = performance.now();
    if (now - (saidAt.get(text) ?? Number.NEGATIVE_INFINITY) < SAY_AGAIN_MS) return;
    if (saidAt.size > 100) saidAt.clear();
    saidAt.set(text, now);
    warn(text);
  };
}
