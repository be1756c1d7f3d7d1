import type { AgentOptions, Engine, Tool } from "hearth";
import type { Context } from "hono";
import { type Principal, principalOf } from "../access/index.ts";
import type { AnswerMeter } from "../metrics/index.ts";
import { RequestError } from "../problem.ts";
import { type Admission, PRIORITIES, type Priority, type Scheduler, type Visit } from "../scheduler/index.ts";

export type { Admission } from "../scheduler/index.ts";

/** What the wires are given. */
export interface WireContext {
  /** What each run is made from; a request may narrow it. */
  agent: AgentOptions & { tools: readonly Tool[] };
  scheduler: Scheduler;
  /** Whether a run goes on when its client leaves: only where a journal keeps it. */
  detached: boolean;
  /**
   * A place for a run of a key, to be given back when it is over. Raises 429. `stop` is called when the key is revoked: for what goes on
   * without its client.
   */
  takeRun(by: Principal, stop?: () => void): () => void;
  /** Of Hearth; shown to clients that ask. */
  version: string;
  /** Counts what was mended and what an engine had cut, in answers that no run is behind. */
  meter?: AnswerMeter;
}

/** How a request wants to be served. */
export interface Manner {
  /** Default `normal`. */
  priority?: Priority;
  /** The answer is of no use after that many milliseconds. */
  deadlineMs?: number;
  /** The client's own name for the request, shown to it in `/api/queue`. */
  requestId?: string;
}

/** Who asks by a request, and how. */
export type Caller = Principal & Manner;

/** Shortest and longest deadline in seconds. */
const DEADLINE_S = { min: 0.1, max: 86_400 };
const MAX_ID_CHARS = 128;

/** Headers of every route that asks a model, for `/openapi.json`. */
export const ASK_HEADERS: Record<string, string> = {
  "x-hearth-priority":
    "`high`, `normal` (default) or `low`: the order among one's own requests; `low` lets others go first",
  "x-hearth-deadline": `Seconds, ${DEADLINE_S.min} to ${DEADLINE_S.max}, after which the answer is of no use: what waits is turned away then, what runs is stopped`,
  "x-request-id": "A name for the request; `/api/queue` shows it",
};

/** Raises 400 for a header that can't be read. */
export function callerOf(c: Context): Caller {
  const principal = principalOf(c);
  const priority = c.req.header("x-hearth-priority");
  const deadline = c.req.header("x-hearth-deadline");
  const requestId = c.req.header("x-request-id");
  if (priority === undefined && deadline === undefined && requestId === undefined) return principal;
  return {
    ...principal,
    ...(priority === undefined ? {} : { priority: readPriority(priority) }),
    ...(deadline === undefined ? {} : { deadlineMs: readDeadline(deadline) }),
    ...(requestId === undefined ? {} : { requestId: requestId.slice(0, MAX_ID_CHARS) }),
  };
}

function readPriority(given: string): Priority {
  const priority = PRIORITIES.find((name) => name === given.trim().toLowerCase());
  if (priority !== undefined) return priority;
  throw new RequestError(400, `x-hearth-priority must be one of ${PRIORITIES.join(", ")}, not "${given}".`);
}

function readDeadline(given: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(given.trim()) ? Number(given) : Number.NaN;
  if (seconds >= DEADLINE_S.min && seconds <= DEADLINE_S.max) return seconds * 1000;
  throw new RequestError(
    400,
    `x-hearth-deadline must be seconds from ${DEADLINE_S.min} to ${DEADLINE_S.max}, not "${given}".`,
  );
}

/** Whoever a run or a question belongs to: a caller, or the owner of a run that the service goes on with by itself. */
export type Asking = Pick<Principal, "tenant" | "keyId"> & Manner;

/**
 * The one door to the engine, for every wire: lets a question or a run in at once, or raises `QueueFullError`. Each of its calls then waits
 * for its turn.
 */
export function admit(
  { agent, scheduler }: { agent: { model: { engine: Engine } }; scheduler: Scheduler },
  { tenant, keyId, priority = "normal", deadlineMs, requestId }: Asking,
  visit: Visit,
): Admission {
  const asker = {
    tenant,
    priority,
    ...(keyId === undefined ? {} : { keyId }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(requestId === undefined ? {} : { label: requestId }),
  };
  return scheduler.admit(agent.model.engine, asker, visit);
}

/** The limits of a run whose caller may have given it less time. */
export function limitsFor(
  { limits = {} }: Pick<AgentOptions, "limits">,
  { deadlineMs }: Manner,
): NonNullable<AgentOptions["limits"]> {
  if (deadlineMs === undefined) return limits;
  return { ...limits, timeoutMs: Math.min(deadlineMs, limits.timeoutMs ?? Number.POSITIVE_INFINITY) };
}
