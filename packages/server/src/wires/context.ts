import type { AgentOptions, Engine, Tool } from "hearth";
import type { Principal } from "../access/index.ts";
import { queued, type RunQueue } from "../queue/index.ts";

/** What the wires are given. */
export interface WireContext {
  /** What each run is made from; a request may narrow it. */
  agent: AgentOptions & { tools: readonly Tool[] };
  queue: RunQueue;
  /** Whether a run goes on when its client leaves: only where a journal keeps it. */
  detached: boolean;
  /** A place for a run of a key, to be given back when it is over. Raises 429. */
  takeRun(by: Principal): () => void;
  /** Of Hearth; shown to clients that ask. */
  version: string;
}

/** A place in line. */
export interface Admission {
  /** Waits for its turn before it asks, and says so. */
  engine: Engine;
  /** Gives the place back; again does nothing. */
  release(): void;
}

/** Takes a place in line for one question or one run. Raises `QueueFullError`. */
export function admit({ agent, queue }: Pick<WireContext, "agent" | "queue">): Admission {
  const ticket = queue.draw();
  return { engine: queued(agent.model.engine, ticket), release: () => ticket.release() };
}
