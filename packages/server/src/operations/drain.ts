import type { MiddlewareHandler } from "hono";
import type { ObservedJournal, OpenExchanges } from "../observe/index.ts";
import { problem } from "../problem.ts";

/** How often it is looked whether the last work is over: 25 ms. */
const LOOK_MS = 25;
/** How long a tool that runs when the bound is reached may still take to come to its end: 5 s. What then runs is in doubt for whoever resumes. */
export const TOOL_GRACE_MS = 5000;
/** What a client is told to wait: another worker, or this one's successor, is there by then. */
const RETRY_S = 5;

/** POST that ends work, or says how work in progress goes on to its end; all other POSTs begin some. */
const ALLOWED = /^(\/agent\/stop|\/agent\/runs\/[^/]+\/cancel|\/v1\/responses\/[^/]+\/cancel)$/;

/** What was left when the service stopped. */
export interface Drained {
  /** All work came to its end. */
  whole: boolean;
  /** Runs that stand in the journal where they were; whoever starts next goes on with them. */
  handedOff: string[];
  ms: number;
}

/** The way out: takes no new work, lets the old end, hands on what does not. */
export class Drain {
  readonly #journal: () => ObservedJournal;
  readonly #open: OpenExchanges;
  #draining = false;

  constructor(journal: () => ObservedJournal, open: OpenExchanges) {
    this.#journal = journal;
    this.#open = open;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Refuses new work while the service drains; whoever only looks is still answered. */
  readonly gate: MiddlewareHandler = async (c, next) => {
    if (!this.#draining) return next();
    if (c.req.method === "POST" && !ALLOWED.test(c.req.path)) {
      return problem(c, 503, "draining", "This service is about to end.", "Try again in a moment.", {
        "retry-after": String(RETRY_S),
        connection: "close",
      });
    }
    // Kept connections would hold the socket open after the last answer.
    c.header("connection", "close");
    return next();
  };

  /**
   * Waits until all work is over or `boundMs` have passed. What is left then is handed off: its log stays as it stands, its lease is
   * given back. Between two tools, where that comes within the grace.
   */
  async end(boundMs: number, graceMs = TOOL_GRACE_MS): Promise<Drained> {
    this.#draining = true;
    const atMs = performance.now();
    const journal = this.#journal();
    const over = (): boolean => journal.leases.size === 0 && this.#open.work === 0;
    await until(over, boundMs);
    const whole = over();
    // A bound of nothing is somebody in a hurry.
    if (!whole && boundMs > 0) await until(() => journal.inTools.size === 0, graceMs);
    const handedOff = await journal.handOff();
    return { whole, handedOff, ms: performance.now() - atMs };
  }
}

async function until(holds: () => boolean, boundMs: number): Promise<void> {
  const end = performance.now() + boundMs;
  while (!holds() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
