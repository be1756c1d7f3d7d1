import { type Halt, ToolError } from "hearth";

/**
 * The emergency stop of this process: everything that runs is ended and nothing new starts until it is lifted.
 * `hearth stop`, the route and a second SIGINT all end here.
 */

/** How long programs have to end by themselves (SIGTERM) before they are killed, milliseconds. */
export const STOP_GRACE_MS = 250;

interface Running {
  kill: () => void;
  terminate: (() => void) | undefined;
}

const running = new Set<Running>();
const listeners = new Set<(reason: string) => void>();
/** Why nothing may start, by who pulled; each lifts its own. */
const reasons = new Map<string, string>();
let watching = false;

/**
 * Ends all that runs in this process: asked first, killed after `STOP_GRACE_MS`. Returns how many. Further runs are refused until the
 * same `by` lifts it.
 */
export function emergencyStop(reason = "The emergency stop was pulled.", by = "this process"): number {
  reasons.set(by, reason);
  const stopping = [...running];
  for (const { kill, terminate } of stopping) (terminate ?? kill)();
  for (const listener of [...listeners]) listener(reason);
  setTimeout(() => {
    // What began in between was refused, but may have been on its way.
    for (const one of new Set([...stopping, ...(reasons.size === 0 ? [] : running)]))
      if (running.has(one)) one.kill();
  }, STOP_GRACE_MS).unref();
  return stopping.length;
}

/** Lifts what `by` has pulled; false where it had not. */
export function liftStop(by = "this process"): boolean {
  return reasons.delete(by);
}

/** The reason while stopped. */
export function stopped(): string | undefined {
  return reasons.values().next().value;
}

/** The stop as an agent heeds it. */
export const processHalt: Halt = {
  get reason() {
    return stopped();
  },
  subscribe(pulled) {
    listeners.add(pulled);
    return () => void listeners.delete(pulled);
  },
};

/**
 * Registers a run; refused while stopped. `terminate` asks it to end, `kill` ends it at once; a process that ends kills what is left. The
 * answer takes it off the list.
 */
export function register(kill: () => void, terminate?: () => void): () => void {
  const why = stopped();
  if (why !== undefined) throw new ToolError(why, { remedy: "Nothing runs until the stop is lifted." });
  if (!watching) {
    watching = true;
    process.on("exit", () => {
      for (const one of running) one.kill();
    });
  }
  const one: Running = { kill, terminate };
  running.add(one);
  return () => running.delete(one);
}
